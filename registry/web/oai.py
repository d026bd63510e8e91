"""`/oai`: the OAI-PMH 2.0 repository of every record under its own identifier."""

from __future__ import annotations

import gzip

from flask import Blueprint, Response, request

from registry.oai.formats import formats
from registry.oai.repository import Repository
from registry.web.site import site

blueprint = Blueprint("oai", __name__)

_SMALL = 1000


@blueprint.route("/oai", methods=["GET", "POST"])
def repository() -> Response:
    """Answers every request with status 200; what is wrong with it stands in the answer."""
    here = site()
    answering = Repository(
        here.store, here.settings.oai, here.address("/oai"), formats(here.record_address)
    )
    arguments = [*request.args.items(multi=True), *request.form.items(multi=True)]
    return _response(answering.answer(arguments))


def _response(body: bytes) -> Response:
    """The body as XML, compressed where the client takes that (OAI-PMH 2.0, section 3.1.3)."""
    response = Response(body, content_type="text/xml; charset=utf-8")
    response.headers["Vary"] = "Accept-Encoding"
    if len(body) > _SMALL and request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(body, 5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
