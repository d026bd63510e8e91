"""Identifiers of records: `spase://authority/path` and `ivo://authority/path`.

An ivoid's registry part compares without regard to case, its query and fragment are no part of
the record (IVOA Identifiers 2.0, section 2); a SPASE ResourceID compares as it is written.
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

_FORM = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#\s]+)(?P<path>/[^?#]*)?"
)
_UNFIT = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029<>\"{}|\\^`]")
_REFUSED = re.compile(r"[\x00-\x1f\x7f-\xa0\u2028\u2029]")
# RFC 3987: what may stand in an IRI as it is, beside letters, digits and the Unicode ranges. A
# number sign is not among them: the parts of a record are named `record#part`.
_IRI_SAFE = "!$&'()*+,-./:;=?@_~"
_IRI_PLAIN = re.compile(r"[A-Za-z0-9!$&'()*+,\-./:;=?@_~]+")
_IRI_UNFIT = re.compile(
    r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9!$%&'()*+,\-./:;=?@_~"
    "\u00a1-\u2027\u202a-\ud7ff\uf900-\ufdcf\ufdf0-\uffef\U00010000-\U0001fffd\U00020000-\U0002fffd]"
)
_PATH_SAFE = "!$&'()*+,-./:;=@[]_~"


def key(identifier: str) -> str:
    """The form under which identifiers are the same record."""
    if identifier.startswith("spase://"):
        return identifier
    text = identifier.strip()
    if text[:6].lower() == "ivo://":
        return re.split(r"[?#]", text, maxsplit=1)[0].rstrip("/").lower()
    if text[:8].lower() == "spase://":
        return "spase://" + text[8:]
    return text


def fault(identifier: str) -> str:
    """What is wrong with a record's own identifier, in words; '' if nothing is."""
    if not identifier:
        return "it is empty"
    if len(identifier) > 1000:
        return f"it is {len(identifier)} characters long (at most 1000)"
    unfit = _REFUSED.search(identifier)
    if unfit:
        return f"it contains {unfit.group()!r} at position {unfit.start() + 1}"
    form = _FORM.match(identifier)
    if not form or form.end() != len(identifier.split("?")[0].split("#")[0]):
        return "it does not look like scheme://authority/path"
    if form["scheme"].lower() not in ("spase", "ivo"):
        return f"its scheme is {form['scheme']!r}, not spase or ivo"
    if form["scheme"].lower() == "spase" and not (form["path"] or "").strip("/"):
        return "it has an authority and no path"
    return ""


def scheme(identifier: str) -> str:
    """`spase`, `ivo`, or what else stands before `://`."""
    return identifier.partition("://")[0].lower()


def authority(identifier: str) -> str:
    """The naming authority, as written; '' if the identifier has none."""
    form = _FORM.match(identifier)
    return form["authority"] if form else ""


def iri(identifier: str) -> str:
    """The record's IRI: its own identifier, percent-encoded only where RFC 3987 demands."""
    text = key(identifier)
    if _IRI_PLAIN.fullmatch(text):
        return text
    return _IRI_UNFIT.sub(lambda one: quote(one.group(), safe=_IRI_SAFE, errors="replace"), text)


def page_path(identifier: str) -> str:
    """The path of a record's page, from the root of the site: `/records/spase/NASA/…`."""
    name, _, rest = key(identifier).partition("://")
    return f"/records/{name}/{quote(rest, safe=_PATH_SAFE)}"


def from_page_path(name: str, rest: str) -> str:
    """The identifier that `/records/{name}/{rest}` stands for (`rest` already percent-decoded)."""
    return key(f"{name}://{rest}")


def doi(text: str) -> str:
    """A DOI in its bare form, lower case (`10.48322/x2jh-0q34`), from any of its spellings; ''."""
    found = re.search(r"10\.\d{4,9}/\S+", unquote(text.strip()))
    return found.group().rstrip(".,;)").lower() if found else ""
