"""Writing the envelope of a response (OAI-PMH 2.0, section 3.2).

It is written as text: a record's own serialisation goes in as it is, with every namespace
declaration on its root. A tree would take declarations away that only values use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from lxml import etree

from registry import dates
from schemas.oai_pmh.envelope import OAI

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<OAI-PMH xmlns="{OAI}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    f'xsi:schemaLocation="{OAI} http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">\n'
)
_TEXT = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}
_VALUE = _TEXT | {ord('"'): "&quot;", ord("\t"): "&#9;", ord("\n"): "&#10;"}


def element(name: str, text: str, **attributes: str) -> str:
    """An element with text, and those of the attributes that are not empty."""
    return f"<{name}{_attributes(attributes)}>{text.translate(_TEXT)}</{name}>"


def container(name: str, children: Iterable[str], **attributes: str) -> str:
    """An element with elements, and those of the attributes that are not empty."""
    return f"<{name}{_attributes(attributes)}>\n" + "\n".join(children) + f"\n</{name}>"


def _attributes(values: dict[str, str]) -> str:
    return "".join(
        f' {name}="{value.translate(_VALUE)}"' for name, value in values.items() if value
    )


def datestamp(seconds: float) -> str:
    """A moment in whole seconds, UTC (section 3.3); fractions are cut off."""
    return _written(int(seconds))


@lru_cache(maxsize=4096)
def _written(seconds: int) -> str:
    # Thousands of records share a second.
    return dates.written(datetime.fromtimestamp(seconds, UTC))


def head(moment: float, request: str) -> str:
    """What stands before the verb's element; `request` is an element."""
    date = element("responseDate", datestamp(moment))
    return f"{_HEAD}{date}\n{request}\n"


END = "\n</OAI-PMH>\n"


def response(moment: float, request: str, answer: str) -> str:
    """A whole response; `request` and `answer` are elements."""
    return head(moment, request) + answer + END


def embedded(root: Any) -> str:
    """A record's root element as it stands inside another document, meaning the same.

    Its canonical XML stays what it was. Where the record has no default namespace, that of the
    envelope is taken back.
    """
    text = etree.tostring(root, encoding="unicode", with_tail=False)
    if None in root.nsmap:
        return text
    end = len(f"{root.prefix}:") if root.prefix else 0
    end += 1 + len(etree.QName(root).localname)
    return f'{text[:end]} xmlns=""{text[end:]}'


# What may stand before a root element that is taken out as it is written.
_PROLOG = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:<\?xml\s+version\s*=\s*[\"']1\.0[\"']"
    rb"(?:\s+encoding\s*=\s*[\"'](?:utf-?8|us-ascii)[\"'])?[^?<>]*\?>)?\s*", re.I
)  # fmt: skip
_ROOT = re.compile(
    rb"<([A-Za-z_:][^\s/>]*)((?:\s+[^\s=<>\"'/]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*>"
)
_NAME = re.compile(rb"\s([^\s=<>\"'/]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")


def cut_out(content: bytes) -> str | None:
    """What `embedded` gives of a well-formed document, as the document itself writes it.

    None where that is not plain: another encoding, a comment beside the root, a document type.
    """
    prolog = _PROLOG.match(content)
    root = _ROOT.match(content, prolog.end() if prolog else 0)
    if root is None:
        return None
    name, end = root[1], content.rstrip()
    if not end.endswith(b"</" + name + b">"):
        return None
    try:
        text = end[root.start() :].decode("utf-8")
    except UnicodeDecodeError:
        return None
    if b"xmlns" in _NAME.findall(root[2]):
        return text
    place = 1 + len(name.decode("utf-8"))
    return f'{text[:place]} xmlns=""{text[place:]}'


def no_default(text: str) -> str:
    """An element as text that has no default namespace, as it stands inside another document."""
    name = text.index(" ")
    return f'{text[:name]} xmlns=""{text[name:]}'
