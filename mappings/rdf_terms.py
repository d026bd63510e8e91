"""Terms of RDF written as N-Triples: IRIs, and literals in the canonical form of XSD.

Text, not objects: a record has some sixty triples, and there are many records. What is written
here is what an engine keeps: oxigraph rewrites `PT60S` to `PT1M` and `1.50` to `1.5`, and then
nothing that was loaded would equal what was written.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from urllib.parse import quote

from registry import dates, identifiers

_XSD = "http://www.w3.org/2001/XMLSchema#"
_DATE_TIME = f"^^<{_XSD}dateTime>"
_DURATION = f"^^<{_XSD}duration>"
_DECIMAL = f"^^<{_XSD}decimal>"
_ANY_URI = f"^^<{_XSD}anyURI>"

# Literals

# As canonical N-Triples has them (RDF 1.2 N-Triples, section 4). A next-line or a line separator
# stands as it is: lines end with a line feed and nothing else, and are split at that alone.
_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
}
_SPECIAL = re.compile('["\\\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]')


def _escaped(found: re.Match[str]) -> str:
    char = found.group()
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"  # half a character: no encoding has it
    return _ESCAPES.get(char) or f"\\u{ord(char):04X}"


def literal(text: str) -> str:
    """A plain string."""
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{_SPECIAL.sub(_escaped, text)}"'


def address(text: str) -> str:
    """An identifier that is an address, as a literal: xsd:anyURI."""
    return literal(text) + _ANY_URI


def moment(text: str) -> str:
    """An xsd:dateTime in UTC; what is no date stays the string it is."""
    found = dates.utc(text)
    return literal(text) if found is None else f'"{found}"{_DATE_TIME}'


# The fraction may be longer than a float can say.
_PARTS = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_LONGEST = 10**9


@lru_cache(maxsize=4096)
def duration(text: str) -> str:
    """An xsd:duration in canonical form (XSD 1.1 part 2, E.3.4): at most 11 months, 23 hours,
    59 minutes, 59.9… seconds; what is no duration stays the string it is."""
    found = _PARTS.fullmatch(text)
    if not found or not any(found.groups()[1:]) or text.endswith("T"):
        return literal(text)
    minus, years, months, days, hours, minutes, seconds = found.groups(default="0")
    all_months = int(years) * 12 + int(months)
    whole, fraction = (seconds + ".0").split(".")[:2]
    all_seconds = ((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(whole)
    if max(all_months, all_seconds // 86400) > _LONGEST or len(fraction) > 18:
        return literal(text)  # beyond what engines keep
    written = _duration(all_months, all_seconds, fraction.rstrip("0"))
    return f'"{"-" if minus == "-" and written != "PT0S" else ""}{written}"{_DURATION}'


def _duration(all_months: int, all_seconds: int, fraction: str) -> str:
    years, months = divmod(all_months, 12)
    minutes, seconds = divmod(all_seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    date = "".join(f"{n}{unit}" for n, unit in ((years, "Y"), (months, "M"), (days, "D")) if n)
    time = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M")) if n)
    if seconds or fraction:
        time += f"{seconds}{'.' if fraction else ''}{fraction}S"
    if not date and not time:
        return "PT0S"
    return f"P{date}{'T' if time else ''}{time}"


def decimal(text: str) -> str:
    """An xsd:decimal in canonical form (XSD 1.1: `1.50` is `1.5`, `12.0` is `12`); what is no
    number stays the string it is."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return literal(text)
    if not value.is_finite() or not -12 <= value.adjusted() <= 12 or "_" in text:
        return literal(text)
    written = f"{value:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    if len(written.partition(".")[2]) > 18:
        return literal(text)
    return f'"{"0" if written in ("-0", "") else written}"{_DECIMAL}'


# IRIs

_SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*"
_OPEN = (
    "\u00a1-\u2027\u202a-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
    "\U00010000-\U0001fffd\U00020000-\U0002fffd\U00030000-\U0003fffd"
)
_CHARS = rf"A-Za-z0-9!$&'()*+,\-.;=_~{_OPEN}"
_ENCODED = "%[0-9A-Fa-f]{2}"
_LEGAL = re.compile(
    rf"{_SCHEME}:"
    rf"(?://(?:(?:[{_CHARS}:]|{_ENCODED})*@)?"
    rf"(?:\[[0-9A-Fa-f:.]+\]|(?:[{_CHARS}]|{_ENCODED})+)(?::[0-9]*)?(?=[/?#]|\Z)|(?!//))"
    rf"(?:[{_CHARS}:@/]|{_ENCODED})*"
    rf"(?:\?(?:[{_CHARS}:@/?]|{_ENCODED})*)?"
    rf"(?:\#(?:[{_CHARS}:@/?]|{_ENCODED})*)?"
)
_ENCODE = re.compile(rf"%(?![0-9A-Fa-f]{{2}})|[^{_CHARS}%:@/?#\[\]]")
_PLAIN = re.compile(
    r"(?:https?|ftp)://[A-Za-z0-9.-]+(?:/[A-Za-z0-9!$&'()*+,\-./:;=@_~]*)?"
    r"(?:\?[A-Za-z0-9!$&'()*+,\-./:;=@_~?]*)?"
)


@lru_cache(maxsize=65536)
def iri(text: str) -> str | None:
    """An absolute IRI in angle brackets, percent-encoded where RFC 3987 demands; None if what is
    given is no IRI even so."""
    if _PLAIN.fullmatch(text):
        return f"<{text}>"
    if len(text) > 8000:
        return None
    encoded = _ENCODE.sub(lambda one: quote(one.group(), safe="", errors="replace"), text)
    start, mark, rest = encoded.partition("#")
    encoded = start + mark + rest.replace("#", "%23")
    if "[" in encoded or "]" in encoded:
        encoded = _brackets(encoded)
    return f"<{encoded}>" if _LEGAL.fullmatch(encoded) else None


def _brackets(text: str) -> str:
    """Brackets may stand round an address of IP version 6, and nowhere else."""
    found = re.match(rf"{_SCHEME}://\[[0-9A-Fa-f:.]+\]", text)
    start = found.group() if found else ""
    return start + text[len(start) :].replace("[", "%5B").replace("]", "%5D")


def resource(text: str) -> str:
    """An IRI, or the text as a literal where it is none."""
    return iri(text) or literal(text)


@lru_cache(maxsize=65536)
def record(identifier: str) -> str:
    """The IRI of the record that an identifier names; a literal where it can be no IRI."""
    return iri(identifiers.iri(identifier)) or literal(identifier)
