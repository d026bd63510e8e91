"""Each table, at each of its versions, holds all facts of the published schema, and no others.

Both are brought to one form in which only facts are left: annotations, prefixes, defaults written
out and groups round a single group say nothing.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import schemas
from schemas.notation import XSD, read_table, schema_document
from schemas.oai_pmh.envelope import OAI, OAI_DC
from schemas.voresource.sets import vocabularies
from tests.shared import SHARED, needs_shared, shared

FOLDER = Path(schemas.__file__).parent
OAI_TABLES = {OAI: "OAI-PMH", OAI_DC: "oai_dc", "http://purl.org/dc/elements/1.1/": "DublinCore"}
QNAMES = ("type", "base", "ref", "substitutionGroup", "refer", "itemType")
SILENT = {
    ("minOccurs", "1"),
    ("maxOccurs", "1"),
    ("abstract", "false"),
    ("mixed", "false"),
    ("nillable", "false"),
    ("use", "optional"),
    ("namespace", "##any"),
    ("processContents", "strict"),
}
MODELS = ("sequence", "choice", "all")
# A file whose name says more than the table's version.
NAMED_OTHERWISE = {"TAPRegExt-v1.0-pre-erratum1.xsd": "1.0pre"}

Fact = tuple[Any, ...]


def local(element: Any) -> str:
    return str(etree.QName(element).localname)


def expanded(element: Any, name: str, own: str) -> str:
    prefix, _, rest = name.rpartition(":")
    known = {**element.nsmap, "xml": "http://www.w3.org/XML/1998/namespace"}
    return f"{{{known.get(prefix or None, own)}}}{rest}"


def attributes(element: Any, own: str) -> Iterator[tuple[str, str]]:
    kind = local(element)
    for name, value in element.attrib.items():
        if name in QNAMES:
            yield name, expanded(element, value, own)
        elif name == "memberTypes":
            yield name, " ".join(expanded(element, word, own) for word in value.split())
        elif (name, value) not in SILENT and name != "id" and not name.startswith("{"):
            yield name, value
    named = any(name in element.attrib for name in ("type", "ref"))
    inside = element.find(f"{{{XSD}}}complexType"), element.find(f"{{{XSD}}}simpleType")
    if kind in ("element", "attribute") and not named and inside == (None, None):
        yield "type", f"{{{XSD}}}{'anyType' if kind == 'element' else 'anySimpleType'}"


def facts(element: Any, own: str) -> Fact:
    kind = local(element)
    inside = [facts(x, own) for x in element.iterchildren("*") if local(x) != "annotation"]
    inside = [fact for fact in inside if not (fact[0] in MODELS and fact[2] == ())]
    said = dict(attributes(element, own))
    if kind == "complexType" and inside and inside[0][0] == "complexContent":
        # Where `mixed` stands on the content it means the same.
        said.update(inside[0][1])
        inside = [("complexContent", (), inside[0][2])]
    if kind in MODELS and not said and len(inside) == 1 and inside[0][0] in MODELS:
        return inside[0]
    # The order of attributes says nothing, and they stand last.
    late = ("attribute", "attributeGroup", "anyAttribute")
    inside = [f for f in inside if f[0] not in late] + sorted(f for f in inside if f[0] in late)
    return kind, tuple(sorted(said.items())), tuple(inside)


def definitions(root: Any) -> dict[tuple[str, str], Fact]:
    own = str(root.get("targetNamespace"))
    wanted = [x for x in root.iterchildren("*") if local(x) not in ("annotation", "import")]
    return {(local(x), x.get("name")): facts(x, own) for x in wanted}


def forms(root: Any) -> list[bool]:
    return [root.get(f"{name}FormDefault") == "qualified" for name in ("element", "attribute")]


@cache
def tables() -> dict[str, tuple[str, Path]]:
    """Namespace → its prefix and the file of its table."""
    folder = FOLDER / "voresource" / "tables"
    held = {v.namespace: (v.prefix, folder / f"{v.table}.txt") for v in vocabularies().values()}
    for namespace, name in OAI_TABLES.items():
        held[namespace] = (name, FOLDER / "oai_pmh" / "tables" / f"{name}.txt")
    held["http://purl.org/dc/elements/1.1/"] = ("dc", held["http://purl.org/dc/elements/1.1/"][1])
    return held


def published() -> list[tuple[str, str, str]]:
    """Namespace, published file and the table's version that it is."""
    if SHARED is None:
        return []
    catalogue = json.loads(shared("ivoa", "xsd", "catalog.json").read_text("utf-8"))["namespaces"]
    found = []
    for namespace, (_, file) in tables().items():
        versions = file.read_text("utf-8").splitlines()[1].split()[1:]
        if len(versions) == 1:
            found.append((namespace, catalogue[namespace]["file"], versions[0]))
            continue
        for name in catalogue[namespace]["all"]:
            told = name.removesuffix(".xsd").partition("-v")[2].replace("-", "")
            found.append((namespace, name, NAMED_OTHERWISE.get(name, told)))
    return found


@needs_shared
@pytest.mark.parametrize(("namespace", "name", "version"), published())
def test_a_table_holds_what_the_published_schema_says(
    namespace: str, name: str, version: str
) -> None:
    prefix, file = tables()[namespace]
    prefixes = {held[0]: uri for uri, held in tables().items()}
    table = read_table(file.read_text("utf-8"), version)
    ours = schema_document(table, prefix, prefixes)
    theirs = etree.parse(str(shared("ivoa", "xsd", name))).getroot()
    if namespace == OAI:
        # The envelope takes any payload: each is judged by its own format.
        for wildcard in theirs.iter(f"{{{XSD}}}any"):
            wildcard.set("processContents", "skip")
    assert table.namespace == namespace
    assert forms(ours) == forms(theirs)
    mine, published_ones = definitions(ours), definitions(theirs)
    assert published_ones
    assert set(mine) == set(published_ones)
    for key, fact in published_ones.items():
        assert mine[key] == fact, key


@needs_shared
def test_every_version_of_every_table_was_compared() -> None:
    compared = {(namespace, version) for namespace, _, version in published()}
    for namespace, (_, file) in tables().items():
        for version in file.read_text("utf-8").splitlines()[1].split()[1:]:
            assert (namespace, version) in compared, file.name
    assert len(compared) == 52
