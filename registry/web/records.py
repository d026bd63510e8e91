"""Records at their own addresses: pages for people, and every form that programs ask for."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from flask import Blueprint, Response, redirect, request
from werkzeug.exceptions import BadRequest
from werkzeug.http import http_date, quote_etag
from werkzeug.wrappers import Response as AnyResponse

from mappings import to_linkset
from mappings.to_citation import STYLES
from registry import identifiers
from registry.store.kept import KeptRecord
from registry.store.kept_pages import Keeping, standing
from registry.store.reading import Reader
from registry.store.watched import WatchedReader
from registry.web import forms, page_cache, representations, revisions, tombstones
from registry.web.answering import HEADERS, POLICY
from registry.web.forms import FORMS
from registry.web.near_matches import near_matches
from registry.web.presentation import build, here, page_of, render
from registry.web.record_page import RecordPage, record_page
from registry.web.site import Site, site

blueprint = Blueprint("records", __name__)

# The resource types of SPASE, which are the second part of every address at hpde.io.
_KINDS = (
    "Annotation, Catalog, Collection, DisplayData, DisplayOutput, Document, Granule, Instrument, "
    "Model, NumericalData, NumericalOutput, Observatory, Person, Registry, Repository, Service, "
    "Software"
)
_HPDE = {"html": "", "xml": ".xml", "json": ".json"}
"""Suffixes at hpde.io, and what they are here."""


class Wanted(NamedTuple):
    """One reading of an address: an identifier key, and the form that a suffix asks for."""

    key: str
    suffix: str


@blueprint.get("/records")
def records() -> AnyResponse:
    """All records are what an empty search finds."""
    return redirect(here("/search"), 302)


@blueprint.get(f"/<authority>/<any({_KINDS}):kind>/<path:rest>")
def as_at_hpde(authority: str, kind: str, rest: str) -> AnyResponse:
    """An address as hpde.io forms it, with or without a suffix: the record has one home, here."""
    key = identifiers.from_page_path("spase", f"{authority}/{kind}/{rest}")
    suffixes = [(stem, suffix) for stem, suffix in forms.suffixed(rest) if suffix in _HPDE]
    with site().store.reading() as reader:
        if reader.record(key) is None and not reader.succeeding(key):
            for stem, suffix in suffixes:
                shorter = identifiers.from_page_path("spase", f"{authority}/{kind}/{stem}")
                if reader.record(shorter) is not None or reader.succeeding(shorter):
                    return redirect(page_of(shorter) + _HPDE[suffix], 301)
            return _unknown(reader, "spase", f"{authority}/{kind}/{rest}")
    return redirect(page_of(key), 301)


@blueprint.get("/records/<any(spase, ivo):scheme>/<path:rest>")
def record(scheme: str, rest: str) -> AnyResponse:
    """A record by its identifier; the exact identifier wins over a suffix."""
    here_site = site()
    with here_site.store.reading() as stored:
        # The page as anybody sees it is kept with what it was made from.
        kept_for = page_cache.asked_for(request.environ)
        reader = WatchedReader(stored.connection) if kept_for else stored
        for wanted in readings(scheme, rest):
            found = _answer(here_site, reader, wanted)
            if found is not None:
                return found
        return _unknown(reader, scheme, rest)


def readings(scheme: str, rest: str) -> list[Wanted]:
    """What an address can mean, the likelier first: as it stands, then with a suffix."""
    found = [Wanted(identifiers.from_page_path(scheme, rest), "")]
    found += [
        Wanted(identifiers.from_page_path(scheme, stem), suffix)
        for stem, suffix in forms.suffixed(rest)
    ]
    if rest.endswith("/"):
        found.append(Wanted(identifiers.from_page_path(scheme, rest.rstrip("/")), ""))
    return found


def _answer(here_site: Site, reader: Reader, wanted: Wanted) -> AnyResponse | None:
    kept = reader.record(wanted.key)
    if kept is not None and "revision" in request.args:
        asked = wanted.suffix or forms.wanted(request)
        return revisions.revision(here_site, reader, kept, request.args["revision"], asked)
    if kept is not None and not kept.deleted:
        return _current(here_site, reader, kept, wanted.suffix)
    successors = reader.succeeding(wanted.key)
    suffix = f".{wanted.suffix}" if wanted.suffix else ""
    if len(successors) == 1:
        return redirect(page_of(successors[0].key) + suffix, 301)
    if successors:
        return render(
            "several.html", 300, identifier=wanted.key, successors=successors,
            suffix=suffix,
        )  # fmt: skip
    if kept is not None:
        return _deleted(here_site, reader, kept, wanted.suffix)
    return None


def _current(here_site: Site, reader: Reader, kept: KeptRecord, suffix: str) -> Response:
    form = suffix or forms.wanted(request)
    if form == "html":
        return _page(here_site, reader, kept, suffix)
    style = _style() if form == "txt" else ""
    # JSON also tells who refers to the record, and findings that depend on others, which move no
    # datestamp of its own.
    moved = f"{reader.last_change()}-{build()}" if form == "json" else str(kept.change_number)
    tag = f"{kept.id}-{kept.datestamp}-{form}{style}-{moved}"
    validators = Response()
    _validators(validators, kept, tag)
    validators.make_conditional(request)
    if validators.status_code == 304:
        return _varied(_linked(here_site, validators, kept), suffix)
    body = representations.written(here_site, reader, kept, form, style)
    answer = Response(body, content_type=forms.content_type(form, style))
    _linked(here_site, answer, kept)
    _validators(answer, kept, tag)
    return _varied(answer, suffix)


def _page(here_site: Site, reader: Reader, kept: KeptRecord, suffix: str) -> Response:
    page = record_page(here_site, reader, kept, request.args.get("parameters", ""))
    answer = render("record.html", page=page, kept=kept, record=page.record, forms=FORMS)
    _linked(here_site, answer, kept, page.links)
    if page.origins:
        policy = f"{HEADERS[POLICY]}; script-src 'self'; connect-src {' '.join(page.origins)}"
        answer.headers[POLICY] = policy
    body = answer.get_data()
    tag = sha256(body).hexdigest()[:32]
    _validators(answer, kept, tag)
    _varied(answer, suffix)
    # Of a page that shows other records too, a date says less than its content does.
    if page_cache.unchanged(request.headers.get("If-None-Match", ""), tag):
        answer.status_code = 304
        answer.set_data(b"")
    elif isinstance(reader, WatchedReader) and not suffix:
        _keep(here_site, reader, kept, page)
    return answer


def _keep(here_site: Site, reader: WatchedReader, kept: KeptRecord, page: RecordPage) -> None:
    """Has the answer kept for who asks next."""
    needs = frozenset(reader.needs)
    now = standing(reader.connection, kept.key)
    if here_site.pages.follow(reader.connection):
        going = page.drawing is not None and any(going for _, _, going in page.drawing.bars)
        until = page_cache.until(page.body, going=going)
        request.environ[page_cache.KEEP] = Keeping(kept.key, now, needs, until)


def _style() -> str:
    style = forms.wanted_style(request)
    if style not in STYLES:
        raise BadRequest(f"There is no citation style {style}; there are {', '.join(STYLES)}.")
    return style


def _validators(answer: Response, kept: KeptRecord, what: str) -> None:
    """ETag and Last-Modified (RFC 9110, section 8.8): the datestamp is the commit's."""
    answer.headers["ETag"] = quote_etag(what, weak=False)
    answer.headers["Last-Modified"] = http_date(kept.datestamp)
    answer.headers["Cache-Control"] = "no-cache"


def _varied(answer: Response, suffix: str) -> Response:
    if not suffix:
        answer.headers["Vary"] = "Accept"
    return answer


def _linked(
    here_site: Site,
    answer: Response,
    kept: KeptRecord,
    signposts: Sequence[to_linkset.Link] = (),
) -> Response:
    """Link headers (RFC 8288): where the record is at home, its forms, and on the page Signposting.

    A form says which page it describes.
    """
    page = here_site.record_address(kept.key)
    found = [to_linkset.Link("canonical", page)]
    linkset = FORMS["linkset.json"]
    found.append(to_linkset.Link("linkset", f"{page}.{linkset.suffix}", linkset.media_type))
    if signposts:
        found += signposts
    else:
        found.append(to_linkset.Link("describes", page, "text/html"))
        found += [
            to_linkset.Link("alternate", f"{page}.{form.suffix}", form.media_type)
            for form in FORMS.values()
            if form.suffix not in ("html", "linkset.json")
        ]
    answer.headers["Link"] = to_linkset.header(found)
    return answer


def _deleted(here_site: Site, reader: Reader, kept: KeptRecord, suffix: str) -> Response:
    form = suffix or forms.wanted(request)
    style = _style() if form == "txt" else ""
    if form == "html":
        answer = render(
            "tombstone.html", 410, kept=kept, revisions=reader.revisions(kept.id),
            said=tombstones.tombstone(here_site, reader, kept), forms=FORMS,
            referring=reader.count_referring(kept.key),
            address=here_site.record_address(kept.key),
        )  # fmt: skip
    else:
        body = tombstones.written(here_site, reader, kept, form, style)
        answer = Response(body, 410, content_type=forms.content_type(form, style))
    answer.headers["Last-Modified"] = http_date(kept.datestamp)
    return _varied(_linked(here_site, answer, kept), suffix)


def _unknown(reader: Reader, scheme: str, rest: str) -> Response:
    identifier = identifiers.from_page_path(scheme, rest)
    near = near_matches(reader, identifier)
    labels = reader.labels([identifiers.key(one) for one in near])
    return render(
        "unknown.html", 404, identifier=identifier,
        near=[(one, labels.get(identifiers.key(one))) for one in near],
    )  # fmt: skip
