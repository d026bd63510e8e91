"""A record's element stands in the envelope and means there what it meant by itself."""

from __future__ import annotations

import zipfile

import pytest
from lxml import etree

from registry.oai.xml import cut_out, embedded
from schemas.canonical import canonical_digest
from schemas.documents import element
from tests.shared import needs_shared, shared

ENVELOPE = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><metadata>{}</metadata></OAI-PMH>'


def digest_inside(text: str) -> bytes:
    """The digest of the element's canonical XML, taken out of an envelope."""
    inside = etree.fromstring(ENVELOPE.format(text).encode())[0][0]
    return canonical_digest(etree.fromstring(etree.tostring(inside, with_tail=False)))


PLAIN = (
    b"<a>x</a>",
    b'<a xmlns="urn:x" xmlns:xsi="urn:y"><b xsi:type="xsi:t">\xc3\xa4 &amp; &#13;</b></a>',
    b"<p:a xmlns:p='urn:x'><b>1</b><![CDATA[<>]]></p:a>",
    b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<a\n b = "1">\r</a>\n',
    b'<a b=" xmlns=\'urn:x\'"><c/></a>',
)  # fmt: skip


@pytest.mark.parametrize("content", PLAIN)
def test_a_plain_document_is_cut_out_as_it_is_written(content: bytes) -> None:
    text = cut_out(content)
    assert text is not None
    assert digest_inside(text) == digest_inside(embedded(element(content)))
    assert digest_inside(text) == canonical_digest(element(content))


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe4</a>',
        b"<a>\xe4</a>",
        b"<!-- one --><a>x</a>",
        b"<a>x</a><!-- </a> -->",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<a/>",
        b'<?xml version="1.1"?><a>x</a>',
        "<?xml version='1.0' encoding='utf-16'?><a>x</a>".encode("utf-16"),
    ],
)
def test_what_is_not_plain_is_left_to_the_parser(content: bytes) -> None:
    assert cut_out(content) is None


@needs_shared
def test_real_records() -> None:
    cut = number = 0
    for archive in sorted(shared("spase").glob("*.zip")):
        with zipfile.ZipFile(archive) as opened:
            for name in [one for one in opened.namelist() if one.endswith(".xml")][::97]:
                content = opened.read(name)
                text = cut_out(content)
                number += 1
                if text is not None:
                    cut += 1
                    assert digest_inside(text) == canonical_digest(element(content)), name
    assert number > 100
    assert cut > 0.95 * number
