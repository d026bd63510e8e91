"""`/WS/hdp/1/`: the web services of the Heliophysics Data Portal, for its clients.

The package hdpws, pointed here by its `endpoint` argument, works as with the portal itself
(docs/hdp.md). Faults, other than everywhere else, are the portal's XHTML (`registry.web.faults`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, current_app, request
from werkzeug.http import http_date, quote_etag

from mappings.to_hdp import CLOSING, OPENING, to_hdp_document, to_hdp_list
from registry import identifiers
from registry.search.query import BadQuery
from registry.store.kept import KeptRecord
from registry.store.listing import newest_datestamp
from registry.store.reading import Reader
from registry.store.store import Store
from registry.web.faults import fault
from registry.web.forms import FORMS
from registry.web.hdp_lists import (
    ENUMERATIONS,
    Keywords,
    enumeration,
    observatory_group_ids,
    resource_ids,
)
from registry.web.hdp_queries import TYPES, Asked, asked, current_keys, may_hold
from registry.web.near_matches import near_matches
from registry.web.presentation import build, render
from registry.web.record_page import record_page
from registry.web.site import Site, site
from schemas.documents import element

blueprint = Blueprint("hdp", __name__)

BASE = "/WS/hdp/1"
_KEYWORDS = "parhelion.hdp.keywords"
_XML = "application/xml; charset=utf-8"
_BATCH = 100
_MOST_IDENTIFIERS = 500


def values(name: str) -> Response:
    """A list of values of SPASE's newest version."""
    return _list(*enumeration(name))


for _name in ENUMERATIONS:
    blueprint.add_url_rule(f"{BASE}/Spase/{_name}", "values", values, defaults={"name": _name})


@blueprint.get(f"{BASE}/Spase/<kind>/ResourceID")
def identifiers_held(kind: str) -> Response:
    """The identifiers of the records of a resource type."""
    if kind not in TYPES:
        return unknown()
    with site().store.reading() as reader:
        return _list("ResourceID", resource_ids(reader, kind), reader)


@blueprint.get(f"{BASE}/Spase/Observatory/ObservatoryGroupID")
def observatory_groups() -> Response:
    """The identifiers of observatory groups that observatories name."""
    with site().store.reading() as reader:
        return _list("ObservatoryGroupID", observatory_group_ids(reader), reader)


@blueprint.get(f"{BASE}/Spase/Keyword")
def keywords() -> Response:
    """Every keyword of the records."""
    known: Keywords = current_app.extensions.setdefault(_KEYWORDS, Keywords())
    with site().store.reading() as reader:
        return _list("Keyword", known.all(reader), reader)


@blueprint.get(f"{BASE}/Spase")
def spase() -> Response:
    """The documents with these ResourceIDs; one of them as a page for who asks for HTML."""
    wanted = [one.strip() for one in request.args.getlist("ResourceID") if one.strip()]
    unknown = [name for name in request.args if name != "ResourceID"]
    if unknown or not wanted:
        raise BadQuery(
            "this address takes ResourceID, once or several times, and nothing else; "
            "queries go to Spase/NumericalData and the other resource types"
        )
    if len(wanted) > _MOST_IDENTIFIERS:
        raise BadQuery(f"more than {_MOST_IDENTIFIERS} ResourceIDs in one request")
    here = site()
    with here.store.reading() as reader:
        keys = current_keys(reader, wanted)
        held = reader.records_by_key(keys)
        records = [held[key] for key in keys if held[key].format == "spase"]
        if not records:
            return _nothing(reader, wanted)
        if _wants_page() and len(records) == 1:
            return _page(here, reader, records[0])
        asked_for = reader.records_by_key([identifiers.key(one) for one in wanted])
        moved = max(one.datestamp for one in [*records, *asked_for.values()])
        answer = _conditional(_settled(here, moved))
        return _documents(here.store, records, answer, vary=True)


@blueprint.get(f"{BASE}/Spase/<types>")
@blueprint.get(f"{BASE}/Spase/<types>/<interval>")
def query(types: str, interval: str = "") -> Response:
    """The documents of these types (separated by `;`) that all parameters let through."""
    here = site()
    given = {name: request.args.getlist(name) for name in request.args}
    with here.store.reading() as reader:
        wanted = asked(reader, types.split(";"), interval, given)
        # What the index does not hold yet moves no date.
        behind = here.index.marker()[0] < reader.last_change()
        moved = None if behind else _settled(here, newest_datestamp(reader))
        answer = _conditional(moved)
        if answer.status_code == 304:
            return answer
        keys = sorted(str(hit.fields["key"]) for hit in here.index.every(wanted.query))
        held = reader.records_by_key(keys)
        records = [held[key] for key in keys if key in held and not held[key].deleted]
        records = list(_let_through(reader, records, wanted))
    if not records:
        return fault(404, "No record is as it was asked for.")
    return _documents(here.store, records, answer)


@blueprint.get("/WS/")
@blueprint.get("/WS/<path:rest>")
def unknown(rest: str = "") -> Response:
    """Every other address: 404."""
    lists = ", ".join([*ENUMERATIONS, "Keyword", "Instrument/ResourceID"])
    return fault(404, f"There is nothing at this address; below {BASE}/Spase stand {lists} …")


def _let_through(
    reader: Reader, records: Sequence[KeptRecord], wanted: Asked
) -> Iterator[KeptRecord]:
    if not wanted.checks:
        yield from records
        return
    for start in range(0, len(records), _BATCH):
        some = records[start : start + _BATCH]
        bodies = reader.bodies([one.revision_id for one in some])
        for one in some:
            body = bodies[one.revision_id]
            if may_hold(body, wanted.texts):
                root = element(body)
                if all(check(root) for check in wanted.checks):
                    yield one


def _documents(
    store: Store, records: Sequence[KeptRecord], answer: Response, *, vary: bool = False
) -> Response:
    """Documents one after another; they are read as they are sent, revisions being kept."""
    if answer.status_code != 304:
        answer.response = _written(store, [one.revision_id for one in records])
        answer.headers["Content-Type"] = _XML
    if vary:
        answer.headers["Vary"] = "Accept"
    return answer


def _written(store: Store, revisions: Sequence[int]) -> Iterator[bytes]:
    yield OPENING.encode()
    for start in range(0, len(revisions), _BATCH):
        some = revisions[start : start + _BATCH]
        with store.reading() as reader:
            bodies = reader.bodies(some)
        yield from (to_hdp_document(bodies[one]) for one in some)
    yield CLOSING.encode()


def _page(here: Site, reader: Reader, kept: KeptRecord) -> Response:
    """The record's page, with its JSON-LD; conditional as it is at its own address."""
    answer = _conditional(
        kept.datestamp, f"{kept.id}-{kept.datestamp}-{reader.last_change()}-{build()}"
    )
    if answer.status_code != 304:
        page = record_page(here, reader, kept)
        made = render("record.html", page=page, kept=kept, record=page.record, forms=FORMS)
        made.headers.extend(
            [(name, answer.headers[name]) for name in ("ETag", "Last-Modified", "Cache-Control")]
        )
        answer = made
    answer.headers["Vary"] = "Accept"
    answer.headers["Link"] = f'<{here.record_address(kept.key)}>; rel="canonical"'
    return answer


def _list(item: str, found: Sequence[str], reader: Reader | None = None) -> Response:
    if reader is None:
        etag = build()
    else:
        etag = f"{reader.stamp_at(reader.last_change())}-{reader.last_change()}-{build()}"
    answer = _conditional(None, etag)
    if answer.status_code != 304:
        answer.set_data(to_hdp_list(item, found))
        answer.headers["Content-Type"] = _XML
    return answer


def _conditional(moved: int | None, etag: str = "") -> Response:
    """An empty answer with its validators; 304 where who asks has the same already."""
    answer = Response()
    answer.headers["Cache-Control"] = "no-cache"
    if etag:
        answer.headers["ETag"] = quote_etag(etag)
    if moved is not None:
        answer.headers["Last-Modified"] = http_date(moved)
    answer.make_conditional(request)
    # The length of the body that is still to come is not this one's.
    answer.headers.pop("Content-Length", None)
    return answer


def _settled(here: Site, moved: int) -> int | None:
    """A moment in whole seconds, as long as nothing else can come in the same second."""
    return moved if moved < int(here.store.clock()) else None


def _wants_page() -> bool:
    best = request.accept_mimetypes.best_match(
        ["application/xml", "text/xml", "text/html", "application/xhtml+xml"],
        default="application/xml",
    )
    return best in ("text/html", "application/xhtml+xml")


def _nothing(reader: Reader, wanted: Sequence[str]) -> Response:
    """404, with what may have been meant; 410 where all of it has been deleted."""
    known = reader.records_by_key([identifiers.key(one) for one in wanted])
    gone = [one.identifier for one in known.values() if one.deleted]
    if gone and len(known) == len({identifiers.key(one) for one in wanted}):
        return fault(410, f"{', '.join(gone[:5])} has been deleted.")
    near = [one for one in near_matches(reader, wanted[0]) if one.startswith("spase:")]
    meant = f" Did you mean {', '.join(near[:3])}?" if near else ""
    named = ", ".join(one[:200] for one in wanted[:5])
    return fault(404, f"There is no SPASE record {named}.{meant}")
