"""Writing VOResource elements as text: no empty element, no character that XML does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

NAMESPACES = {
    "xmlns:ri": "http://www.ivoa.net/xml/RegistryInterface/v1.0",
    "xmlns:vr": "http://www.ivoa.net/xml/VOResource/v1.0",
    "xmlns:vs": "http://www.ivoa.net/xml/VODataService/v1.1",
    "xmlns:doc": "http://www.ivoa.net/xml/DocRegExt/v1",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
"""The prefixes that the standards recommend: harvesters read xsi:type by them."""

_TEXT = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}
_VALUE = _TEXT | {ord('"'): "&quot;", ord("\t"): "&#9;", ord("\n"): "&#10;"}
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOTHING: Mapping[str, str] = {}


def text_element(
    name: str, text: str, attributes: Mapping[str, str] = _NOTHING, *, collapse: bool = True
) -> str:
    """An element with text, '' where there is none; its white space is collapsed."""
    words = " ".join(text.split()) if collapse else text.strip()
    if not words:
        return ""
    return f"<{name}{_attributes(attributes)}>{_legal(words).translate(_TEXT)}</{name}>"


def element(name: str, parts: Iterable[str], attributes: Mapping[str, str] = _NOTHING) -> str:
    """An element with elements; those that are '' leave no trace."""
    inside = "\n".join(filter(None, parts))
    return f"<{name}{_attributes(attributes)}>\n{inside}\n</{name}>" if inside else ""


def _attributes(values: Mapping[str, str]) -> str:
    return "".join(f' {name}="{_legal(value).translate(_VALUE)}"' for name, value in values.items())


def _legal(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
