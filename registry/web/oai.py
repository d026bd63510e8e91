"""`/oai`, the OAI-PMH 2.0 repository of every record under its own identifier, and `/oai/ivoa`,
the IVOA publishing registry, with its VOSI documents."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, current_app, request

from registry.oai.formats import formats
from registry.oai.own_records import (
    PATH,
    own_records,
    vosi_availability,
    vosi_capabilities,
)
from registry.oai.pages import Pages
from registry.oai.publishing import PublishedRecords, publishing_formats
from registry.oai.repository import Repository
from registry.store.connections import StoreError
from registry.web.site import Site, site

blueprint = Blueprint("oai", __name__)

_MADE = "parhelion OAI-PMH repositories"


@blueprint.route("/oai", methods=["GET", "POST"])
def repository() -> Response:
    """Answers every request with status 200; what is wrong with it stands in the answer."""
    return _answered(_repositories().all_records)


@blueprint.route(PATH, methods=["GET", "POST"])
def publishing() -> Response:
    """The same verbs for the same records, all under ivoids."""
    return _answered(_repositories().publishing)


@blueprint.get(f"{PATH}/capabilities")
def capabilities() -> Response:
    """The VOSI capabilities of the publishing registry."""
    return _document(vosi_capabilities(site().settings))


@blueprint.get(f"{PATH}/availability")
def availability() -> Response:
    """The VOSI availability of the publishing registry: whether its store answers."""
    try:
        site().store.response_moment()
    except StoreError as error:
        return _document(vosi_availability(str(error)))
    return _document(vosi_availability())


@dataclass(slots=True, frozen=True)
class _Repositories:
    all_records: Repository
    publishing: Repository


def _repositories() -> _Repositories:
    """Both repositories; settings are read once, so they are made once in a process."""
    found: _Repositories | None = current_app.extensions.get(_MADE)
    if found is None:
        found = current_app.extensions[_MADE] = _made(site())
    return found


def _made(here: Site) -> _Repositories:
    settings, page = here.settings, here.record_address
    pages = Pages(settings.oai.pages_bytes)
    own = own_records(here.store, settings)
    return _Repositories(
        Repository(
            here.store,
            settings.oai,
            here.address("/oai"),
            formats(page, settings.doi.username),
            pages=pages,
        ),
        Repository(
            here.store,
            settings.oai,
            here.address(PATH),
            publishing_formats(settings, own, page),
            PublishedRecords(settings, own),
            pages,
        ),
    )


def _answered(answering: Repository) -> Response:
    """The answer as XML, compressed where the client takes that (OAI-PMH 2.0, section 3.1.3)."""
    arguments = [*request.args.items(multi=True), *request.form.items(multi=True)]
    answer = answering.answer(arguments)
    packed = request.accept_encodings.quality("gzip") > 0
    body = answer.gzipped() if packed else answer.plain()
    response = Response(body, content_type="text/xml; charset=utf-8")
    response.headers["Vary"] = "Accept-Encoding"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


def _document(text: str) -> Response:
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return Response(head + text + "\n", content_type="application/xml; charset=utf-8")
