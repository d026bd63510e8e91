"""How pages say things: words for terms, dates and numbers, addresses that may be links."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, render_template, request

from registry import dates, identifiers
from registry.web.site import site
from vocabularies import spase

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINKED = frozenset(("http", "https", "ftp", "ftps"))
_UNITS = (("Y", "year"), ("M", "month"), ("D", "day"))
_TIMES = (("H", "h"), ("M", "min"), ("S", "s"))
_DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)
_WORDS = {
    "spase": "SPASE",
    "voresource": "VOResource",
    "no-schema": "no schema",
    "CeaApplication": "CEA Application",
    "CeaCapability": "CEA Capability",
    "CeaHttpApplication": "CEA HTTP Application",
}
# What a verdict means, for people who do not know schemas.
VERDICTS = {
    "valid": "The description follows its published schema.",
    "invalid": "The description breaks rules of its published schema; the findings say which.",
    "no-schema": "No published schema is known for the version that the description names.",
}


def render(template: str, status: int = 200, /, **context: object) -> Response:
    """A page as well-formed XHTML; characters that XML does not have become U+FFFD."""
    text = _NO_XML.sub("\ufffd", render_template(template, **context))
    return Response(text, status, content_type="text/html; charset=utf-8")


def here(path: str, /, **parameters: object) -> str:
    """The address of a path of this site, from the root of the host, for links in pages."""
    query = urlencode([(name, value) for name, value in parameters.items() if value != ""], True)
    return request.script_root + path + (f"?{query}" if query else "")


def page_of(identifier: str) -> str:
    """The address of a record's page, for links in pages."""
    return here(identifiers.page_path(identifier))


def words(value: str) -> str:
    """A term of a vocabulary as words: `Heliosphere.NearEarth` is `Heliosphere, Near Earth`."""
    return _WORDS.get(value) or spase.label(value)


def number(value: int) -> str:
    """A number with its thousands apart."""
    return f"{value:,}"


def counted(value: int, one: str, many: str = "") -> str:
    """`1 record`, `2 records`."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def size(value: int) -> str:
    """A number of bytes: `50 MB`."""
    for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB")):
        if value >= unit:
            return f"{value / unit:.3g} {name}"
    return f"{value} bytes"


def when(seconds: float) -> str:
    """A moment in seconds since 1970 as `2003-10-28 06:00 UTC`; '' where no calendar has it."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return ""


def day(seconds: float) -> str:
    """A moment in seconds since 1970 as its day in UTC."""
    return when(seconds)[:10]


def date(text: str) -> str:
    """A date as written in a record, in UTC and without a time that says nothing."""
    moment = dates.moment(text)
    if moment is None:
        return text
    written = f"{moment:%Y-%m-%d %H:%M:%S}".rjust(19, "0")
    if "T" not in text or written.endswith(" 00:00:00"):
        return written[:10]
    return f"{written.removesuffix(':00')} UTC"


def duration(text: str) -> str:
    """An ISO 8601 duration in words: `PT16S` is `16 s`, `P1DT12H` is `1 day 12 h`."""
    found = _DURATION.fullmatch(text.strip())
    if not found or not any(found.groups()[1:]):
        return text
    values = found.groups()[1:]
    said = [
        f"{value} {word}{'' if value == '1' else 's'}"
        for value, (_, word) in zip(values[:3], _UNITS, strict=True)
        if value and value.strip("0")
    ]
    said += [
        f"{value} {word}"
        for value, (_, word) in zip(values[3:], _TIMES, strict=True)
        if value and value.strip("0.")
    ]
    return ("minus " if found[1] else "") + (" ".join(said) or "0 s")


def relative_end(text: str) -> str:
    """A RelativeStopDate in words: `-P2M` is `2 months ago`."""
    if text.startswith("-") and dates.duration(text):
        return f"{duration(text[1:])} ago"
    return "still running" if dates.duration(text) else text


def outward(url: str) -> str:
    """The address if it may be a link (http, https, ftp); '' for what only looks like one."""
    text = url.strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme.lower() in _LINKED and parts.netloc else ""


def orcid_address(orcid: str) -> str:
    return f"https://orcid.org/{orcid}"


def doi_address(doi: str) -> str:
    """The resolver's address of a DOI in any spelling; '' if the text holds none."""
    bare = identifiers.doi(doi)
    return f"https://doi.org/{bare}" if bare else ""


def paragraphs(text: str) -> list[str]:
    """A text as its paragraphs, which empty lines part."""
    return [part.strip() for part in re.split(r"\n\s*\n", text.strip()) if part.strip()]


def once(values: Iterable[str]) -> list[str]:
    """The values that are not empty, each once."""
    return [value for value in dict.fromkeys(values) if value]


@cache
def build() -> str:
    """Changes with what the pages are made of: templates, style and this package."""
    told = hashlib.sha256()
    for folder in ("registry.web", "registry.web/templates", "registry.web/static"):
        package, _, inside = folder.partition("/")
        place = files(package)
        for file in sorted((place / inside if inside else place).iterdir(), key=lambda f: f.name):
            if file.is_file():
                told.update(file.read_bytes())
    return told.hexdigest()[:12]


def prepare(app: Flask) -> None:
    """Gives the templates of an application these words."""
    for function in (
        words, number, counted, size, when, day, date, duration, relative_end, outward, doi_address,
        orcid_address, paragraphs, once,
    ):  # fmt: skip
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.globals.update(here=here, page_of=page_of, build=build, verdicts=VERDICTS)
    app.context_processor(lambda: {"site": site()})
