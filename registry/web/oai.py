"""`/oai`, the OAI-PMH 2.0 repository of every record under its own identifier, and `/oai/ivoa`,
the IVOA publishing registry, with its VOSI documents."""

from __future__ import annotations

from functools import cached_property

from flask import Blueprint, Response, current_app, request

from registry.oai.fingerprint import fingerprint_of_pages
from registry.oai.formats import formats
from registry.oai.own_records import (
    PATH,
    own_records,
    vosi_availability,
    vosi_capabilities,
)
from registry.oai.pages import PageFiles, Pages
from registry.oai.publishing import PublishedRecords, publishing_formats
from registry.oai.repository import Repository
from registry.oai.written_ahead import write_ahead
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


class _Repositories:
    """Both repositories of one process, made when they are first asked: settings stay."""

    def __init__(self, here: Site) -> None:
        self._here = here
        settings, files = here.settings.oai, None
        if settings.pages_bytes and settings.pages_disk_bytes:
            files = PageFiles(
                here.store.folder, settings.pages_disk_bytes, fingerprint_of_pages(here.settings)
            )
        self._pages = Pages(settings.pages_bytes, files)

    @cached_property
    def all_records(self) -> Repository:
        here = self._here
        offered = formats(here.record_address, here.settings.doi.username)
        base = here.address("/oai")
        return Repository(here.store, here.settings.oai, base, offered, pages=self._pages)

    @cached_property
    def publishing(self) -> Repository:
        here = self._here
        own = own_records(here.store, here.settings)
        return Repository(
            here.store,
            here.settings.oai,
            here.address(PATH),
            publishing_formats(here.settings, own, here.record_address),
            PublishedRecords(here.settings, own),
            self._pages,
        )


def _repositories() -> _Repositories:
    found: _Repositories | None = current_app.extensions.get(_MADE)
    if found is None:
        found = current_app.extensions[_MADE] = _Repositories(site())
    return found


def write_lists() -> int:
    """Writes the pages of both repositories' lists that are not kept yet; gives how many pages
    they have. Raises StoreError."""
    made = _repositories()
    return write_ahead(made.all_records) + write_ahead(made.publishing)


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
