"""The notation of the tables, read and written as XSD."""

import pytest
from lxml import etree

from schemas.compiled import CompiledSchema, element_path
from schemas.notation import read_table, schema_document

TABLE = """
# a comment
namespace urn:shelf
versions 1 2 3
element shelf: Shelf
type Shelf
 book*: Book
  unique titles at title by .
 choice?\t2..
  lamp: xs:string\t2..
  <candle>+\t2..
 any* ##other skip\t..1
 @owner: xs:token
 @height?: Height = 3
 @sold!: xs:boolean
element candle: xs:integer
type Book abstract
 title: Title\t..2
 title+: Title\t3..
type Novel extends Book
 pages{2,3}: xs:integer
type Title holds Words
 @lang?: xs:language
value Words of xs:token
 pattern [a-z ]+
 maxLength 12
value Height union xs:integer Size
value Size of xs:string
 | low
 | very high
"""


def shelf(version: str) -> CompiledSchema:
    document = schema_document(read_table(TABLE, version), "s", {})
    return CompiledSchema({"urn:shelf": document})


def wrong(version: str, inside: str, attributes: str = 'owner="a"') -> list[str]:
    text = (
        '<s:shelf xmlns:s="urn:shelf" xmlns:x="http://www.w3.org/2001/XMLSchema-instance" '
        f"{attributes}>{inside}</s:shelf>"
    )
    return [error.message for error in shelf(version).errors(etree.fromstring(text))]


NOVEL = '<book x:type="s:Novel"><title>a b</title>{}<pages>1</pages><pages>2</pages></book>'


def test_facts_hold_in_their_versions_only() -> None:
    lamp = "<lamp>l</lamp>"
    assert wrong("1", lamp)
    assert not wrong("2", lamp)
    assert not wrong("3", lamp)
    assert not wrong("1", '<b xmlns="urn:b"/>')
    assert wrong("2", '<b xmlns="urn:b"/>')
    again = NOVEL.format("<title>c</title>")
    assert wrong("2", again)
    assert not wrong("3", again)


def test_children_keep_their_order_and_number() -> None:
    assert not wrong("3", NOVEL.format(""))
    assert wrong("3", NOVEL.format("<pages>0</pages><pages>9</pages>"))
    assert wrong("3", NOVEL.replace("<pages>1</pages>", "").format(""))
    assert not wrong("3", "<s:candle>1</s:candle><s:candle>2</s:candle>")
    assert wrong("3", "<lamp>l</lamp><s:candle>1</s:candle>")


def test_attributes_are_required_optional_or_forbidden() -> None:
    assert wrong("1", "", "")
    assert not wrong("1", "", 'owner="a" height="4"')
    assert not wrong("1", "", 'owner="a" height="very high"')
    assert wrong("1", "", 'owner="a" height="high"')
    assert wrong("1", "", 'owner="a" sold="true"')


def test_types_facets_and_uniqueness() -> None:
    assert wrong("1", "<book><title>a</title></book>"), "an abstract type needs xsi:type"
    assert wrong("1", NOVEL.format("").replace("a b", "A"))
    assert wrong("1", NOVEL.format("").replace("a b", "a" * 13))
    assert not wrong("1", NOVEL.format("").replace("a b", "  a  b "))
    assert wrong("3", NOVEL.format("<title>a b</title>"))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("namespace u\nversions 1\nnonsense", "line 3"),
        ("namespace u\nversions 1\ntype A\n   b: xs:string", "line 4"),
        ("namespace u\nversions 1\ntype A\n b xs:string", "line 4"),
        ("namespace u\nversions 1\ntype A\n b: q:string", "q:string"),
        ("namespace u\nversions 1\nelement a: xs:int\n b: xs:int", "line 4"),
        ("namespace u\nversions 2", "no version 1"),
    ],
)
def test_a_faulty_table_is_named_by_its_line(table: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        schema_document(read_table(table, "1"), "s", {})


def test_paths_have_positions_where_a_name_stands_more_than_once() -> None:
    root = etree.fromstring("<a><b/><p:b xmlns:p='u'><c/></p:b><d/></a>")
    assert element_path(root[1][0]) == "a/b[2]/c"
    assert element_path(root[2]) == "a/d"
