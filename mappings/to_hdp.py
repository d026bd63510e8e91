"""What the Heliophysics Data Portal's web services answer: lists, SPASE documents, faults.

The service that the client package hdpws speaks to. Its namespace is the portal's own; the client
looks for list items by their names in it, for `Spase` elements anywhere below the root, and for
the two paragraphs of a fault by their classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.sax.saxutils import escape

from lxml import etree

from schemas.documents import element

HDP = "http://heliophysicsdata.gsfc.nasa.gov/hdp"
XHTML = "http://www.w3.org/1999/xhtml"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
# The declaration of a document in UTF-8, or none, and what stands before the root.
_DECLARATION = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:<\?xml\s+version\s*=\s*[\"']1\.0[\"']"
    rb"(?:\s+encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"'])?[^>]*\?>)?\s*(?=<(?!\?xml\s)[^\0])"
)
_SAME = (b"utf-8", b"utf8", b"us-ascii")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

OPENING = f'{_HEAD}<hdp:Result xmlns:hdp="{HDP}">\n'
"""What stands before the SPASE documents of an answer, which come one by one."""
CLOSING = "</hdp:Result>\n"


def to_hdp_document(content: bytes) -> bytes:
    """One SPASE document for an answer in UTF-8: as it is kept, without its XML declaration."""
    found = _DECLARATION.match(content)
    if found is not None and (found[1] or b"utf-8").lower() in _SAME:
        return content[found.end() :].rstrip() + b"\n"
    written: bytes = etree.tostring(element(content), encoding="UTF-8", with_tail=False)
    return written + b"\n"


def to_hdp_list(item: str, values: Iterable[str]) -> str:
    """A list as XML: each value in an element with the name `item`, in the portal's namespace."""
    lines = [f"<hdp:{item}>{_text(value)}</hdp:{item}>" for value in values]
    body = "".join(f"  {line}\n" for line in lines)
    return f'{_HEAD}<hdp:{item}s xmlns:hdp="{HDP}">\n{body}</hdp:{item}s>\n'


def to_hdp_fault(title: str, said: str) -> str:
    """A fault as well-formed XHTML, as the portal's clients read it.

    `title` is the status in words, `said` what is wrong; the client takes both from what follows
    the bold words of the paragraphs `ErrorMessage` and `ErrorDescription`.
    """
    return (
        f'{_HEAD}<html xmlns="{XHTML}" lang="en" xml:lang="en">\n'
        f"<head><title>{_text(title)}</title></head>\n<body>\n"
        f'<p class="ErrorMessage"><b>Message: </b>{_text(title)}</p>\n'
        f'<p class="ErrorDescription"><b>Description: </b>{_text(said)}</p>\n'
        "</body>\n</html>\n"
    )


def _text(value: str) -> str:
    return escape(_NO_XML.sub("\ufffd", value))
