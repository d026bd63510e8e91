"""Whole results as files, sent as they are made: tables, citations, and the records themselves."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Generator, Iterator
from itertools import chain, islice
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Response, current_app, request

from mappings.to_bibtex import to_bibtex
from mappings.to_csl import to_csl
from mappings.to_ris import to_ris
from registry import identifiers
from registry.kept_records import models, neighbours
from registry.search.asking import ask
from registry.search.fields import OPEN
from registry.search.query import Hit
from registry.search.requests import query_from
from registry.store.kept import KeptRecord
from registry.web.faults import fault
from registry.web.moments import utc
from registry.web.searching_restrictions import given_arguments
from registry.web.searching_results import end_of, every
from registry.web.site import Site, site

blueprint = Blueprint("searching_exports", __name__)

MOST = 100_000
"""So many records are in one export."""
AT_ONCE = 3
"""So many exports are made at the same time; who comes then is asked to come again."""
_BATCH = 100
_UNDER_WAY = "parhelion.exports"

COLUMNS = {
    "identifier": "Identifier of the record",
    "kind": "Resource type",
    "name": "Name",
    "doi": "DOI",
    "start": "Begin of the coverage, UTC",
    "stop": "End of the coverage, UTC; empty while it is running",
    "relative_stop": "End of the coverage as a duration before now",
    "measurement": "Measurement types",
    "region": "Observed regions",
    "observatory": "Observatories, by identifier",
    "instrument": "Instruments, by identifier",
    "repository": "Repositories, by identifier",
    "access": "Access rights",
    "data_format": "Formats of the data",
    "status": "Status of the record",
    "verdict": "What the published schema says of the record",
    "released": "Date of the description, UTC",
    "page": "Address of the record's page",
}
"""Columns of a table, and what each holds; several values of one stand with `; ` between them."""
_SEVERAL = frozenset(
    ("measurement", "region", "observatory", "instrument", "repository", "access", "data_format")
)
_MOMENTS = frozenset(("start", "stop", "released"))
_STORED_AS = {"region": "region_names"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Rows = Iterator[Hit]


class Export(NamedTuple):
    """One form of a whole result: its name for people, media type, ending, and how it is made."""

    name: str
    media_type: str
    ending: str
    written: Callable[[Site, Rows], Iterator[bytes]]


def row(here_site: Site, hit: Hit) -> dict[str, Any]:
    """A hit as one line of a table: texts, and lists of texts where there may be several."""
    found: dict[str, Any] = {}
    for name in COLUMNS:
        stored = _STORED_AS.get(name, name)
        if name in _MOMENTS:
            found[name] = moment(hit.fields.get(name))
        elif name in _SEVERAL:
            found[name] = every(hit.fields, stored)
        else:
            found[name] = next(iter(every(hit.fields, stored)), "")
    return found | {
        "identifier": hit.identifier,
        "page": here_site.record_address(str(hit.fields["key"])),
    }


def moment(value: object) -> str:
    """A stored moment as a date and time in UTC; '' for an open end."""
    seconds = end_of(value)
    return "" if seconds is None or abs(seconds) >= OPEN else utc(seconds) or ""


def _flat(value: Any) -> str:
    return "; ".join(value) if isinstance(value, list) else str(value)


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_csv(here_site: Site, hits: Rows) -> Iterator[bytes]:
    """RFC 4180, with a line of names; a cell that a spreadsheet would run begins with `'`."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for hit in hits:
        lines.writerow(cell(_flat(value)) for value in row(here_site, hit).values())
        if text.tell() > 16_384:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    made = text.getvalue().encode("utf-8", "replace")
    text.seek(0)
    text.truncate()
    return made


def as_json(here_site: Site, hits: Rows) -> Iterator[bytes]:
    """An object with all records; values that a record does not have are left out."""
    yield b'{"records": ['
    begin = "\n"
    for hit in hits:
        held = {name: value for name, value in row(here_site, hit).items() if value}
        yield f"{begin}{json.dumps(held, ensure_ascii=False)}".encode("utf-8", "replace")
        begin = ",\n"
    yield b"\n]}\n"


def as_votable(here_site: Site, hits: Rows) -> Iterator[bytes]:
    """VOTable 1.4, with the status that DALI 1.1, section 4.4, asks for."""
    fields = "\n".join(
        f'<FIELD name="{name}" datatype="unicodeChar" arraysize="*"{_xtype(name)}>'
        f"<DESCRIPTION>{escape(said)}</DESCRIPTION></FIELD>"
        for name, said in COLUMNS.items()
    )
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">\n'
        '<RESOURCE type="results">\n<INFO name="QUERY_STATUS" value="OK"/>\n'
        f'<INFO name="publisher" value={quoteattr(here_site.settings.title)}/>\n'
        f'<TABLE name="records">\n{fields}\n<DATA><TABLEDATA>\n'
    ).encode()
    for hit in hits:
        cells = (
            _flat(value).removesuffix("Z") if name in _MOMENTS else _flat(value)
            for name, value in row(here_site, hit).items()
        )
        made = "".join(f"<TD>{escape(_NO_XML.sub('�', cell))}</TD>" for cell in cells)
        yield f"<TR>{made}</TR>\n".encode("utf-8", "replace")
    yield b"</TABLEDATA></DATA>\n</TABLE>\n</RESOURCE>\n</VOTABLE>\n"


def _xtype(name: str) -> str:
    """DALI 1.1, section 3.3.3: a moment in UTC, without a Z."""
    return ' xtype="timestamp"' if name in _MOMENTS else ""


def as_bibtex(here_site: Site, hits: Rows) -> Iterator[bytes]:
    """An entry for each record, with an empty line between."""
    for item in _cited(here_site, hits):
        yield f"{to_bibtex(item)}\n".encode("utf-8", "replace")


def as_ris(here_site: Site, hits: Rows) -> Iterator[bytes]:
    """A reference for each record."""
    for item in _cited(here_site, hits):
        yield f"{to_ris(item)}\r\n".encode("utf-8", "replace")


def _cited(here_site: Site, hits: Rows) -> Iterator[dict[str, Any]]:
    for kept in _kept(here_site, hits):
        with here_site.store.reading() as reader:
            made = models(reader, kept, parameters=False)
            named = {identifiers.key(target) for _, one in made for _, target in one.references}
            known = neighbours(reader, named)
        for one, record in made:
            yield to_csl(record, known, page=here_site.record_address(one.key))


def as_archive(here_site: Site, hits: Rows) -> Iterator[bytes]:
    """The SPASE records themselves, byte by byte, in a ZIP; each lies where its identifier says."""
    into = _Passing()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for kept in _kept(here_site, hits):
            spase = [one for one in kept if one.format == "spase"]
            with here_site.store.reading() as reader:
                bodies = reader.bodies([one.revision_id for one in spase])
            for one in spase:
                # As the path of a page: without characters that lead out of the folder.
                path = identifiers.page_path(one.key).removeprefix("/records/spase/")
                inside = "/".join(part for part in path.split("/") if part.strip("."))
                archive.writestr(f"{inside}.xml", bodies[one.revision_id])
            yield into.taken()
    yield into.taken()


class _Passing(io.RawIOBase):
    """A file that can be written to only, and gives up what was written."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        made = b"".join(self._parts)
        self._parts.clear()
        return made


def _kept(here_site: Site, hits: Rows) -> Iterator[list[KeptRecord]]:
    """The records of the hits as the store holds them now, in batches; deleted ones left out."""
    while some := list(islice(hits, _BATCH)):
        keys = [str(hit.fields["key"]) for hit in some]
        with here_site.store.reading() as reader:
            held = reader.records_by_key(keys)
        yield [held[key] for key in keys if key in held and not held[key].deleted]


EXPORTS = {
    "csv": Export("CSV", "text/csv; charset=utf-8", "csv", as_csv),
    "json": Export("JSON", "application/json", "json", as_json),
    "votable": Export(
        "VOTable", 'application/x-votable+xml; serialization="TABLEDATA"', "xml", as_votable
    ),
    "bibtex": Export("BibTeX", "application/x-bibtex; charset=utf-8", "bib", as_bibtex),
    "ris": Export("RIS", "application/x-research-info-systems; charset=utf-8", "ris", as_ris),
    "spase": Export("SPASE archive", "application/zip", "zip", as_archive),
}


@blueprint.get("/search/export/<form>")
def export(form: str) -> Response:
    """The whole result in one of the forms, streamed; 503 while too many others are made."""
    wanted = EXPORTS.get(form)
    if wanted is None:
        return fault(404, f"There is no export {form[:40]}; there are {', '.join(EXPORTS)}.")
    here_site = site()
    given = given_arguments()
    for name in ("after", "limit"):
        given.pop(name, None)
    query = query_from(given | {"limit": ["0"]}, facets=())
    answer = ask(here_site.index, query)
    answer_headers = {
        "Content-Disposition": f'attachment; filename="records.{wanted.ending}"',
        "X-Total-Count": str(min(answer.page.total, MOST)),
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "no-cache",
    }
    if request.method == "HEAD":
        return Response(headers=answer_headers, content_type=wanted.media_type)
    under_way = _under_way()
    if not under_way.acquire(blocking=False):
        busy = fault(503, "Other results are being exported now. Please try again in a minute.")
        busy.headers["Retry-After"] = "30"
        return busy
    try:
        hits = here_site.index.every(answer.query or query)
        # What is wrong with the engine shows at the first hit, when 503 can still be said.
        first = list(islice(hits, 1))
    except BaseException:
        under_way.release()
        raise
    rows = islice(chain(first, hits), MOST)
    return Response(
        _Released(wanted.written(here_site, rows), hits, under_way),
        content_type=wanted.media_type,
        headers=answer_headers,
    )


class _Released:
    """Parts of an answer; when it ends, or is broken off, another export may begin."""

    def __init__(
        self, parts: Iterator[bytes], hits: Iterator[Hit], under_way: threading.Semaphore
    ) -> None:
        self._parts, self._hits, self._under_way = parts, hits, under_way
        self._open = True

    def __iter__(self) -> _Released:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._open:
            self._open = False
            self._under_way.release()
            for one in (self._parts, self._hits):
                if isinstance(one, Generator):
                    one.close()


def _under_way() -> threading.Semaphore:
    found: threading.Semaphore = current_app.extensions.setdefault(
        _UNDER_WAY, threading.BoundedSemaphore(AT_ONCE)
    )
    return found
