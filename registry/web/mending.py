"""`/validate/mend`: a document mended or upgraded, shown as a difference, and given back.

The page carries the document with it; no state is kept here between two requests.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from registry.findings import Finding
from registry.mending.diffs import unified
from registry.mending.fixing import fixed
from registry.mending.mended import Edit, Mended
from registry.mending.upgrading import upgraded
from registry.web import uploads
from registry.web.judged import Busy
from registry.web.presentation import render
from registry.web.site import site
from registry.web.uploads import Upload
from registry.web.validating import CARRIED, bench
from schemas.spase.tables import NEWEST

blueprint = Blueprint("mending", __name__)

FIX, UPGRADE = "fix", "upgrade"
DOCUMENT, DIFFERENCE = "document", "diff"
MOST_LINES = 20_000
"""A document of more lines is given back without its difference being shown."""
SHOWN = 4_000
"""So many lines of a difference stand on the page; the download has all."""
EDITS_SHOWN = 500


@dataclass(slots=True)
class Mending:
    """A document before and after, as the page shows it."""

    upload: Upload
    how: str
    result: Upload
    mended: Mended
    difference: str

    @property
    def carried(self) -> str:
        return uploads.carried(self.upload.content)

    @property
    def carried_result(self) -> str:
        return uploads.carried(self.result.content)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """(kind, text) of the lines of the difference, without its head."""
        found = self.difference.split("\n")[2 : SHOWN + 2]
        return [(_KINDS.get(line[:1], "same"), line.rstrip("\r")) for line in found if line]

    @property
    def cut(self) -> bool:
        return self.difference.count("\n") > SHOWN + 2

    @property
    def edits(self) -> list[Edit]:
        return sorted(self.mended.edits, key=lambda one: one.line)[:EDITS_SHOWN]

    @property
    def left(self) -> list[Finding]:
        return self.mended.left[:EDITS_SHOWN]


_KINDS = {"+": "add", "-": "del", "@": "at"}


@blueprint.post("/validate/mend")
def mend() -> Response:
    """What mending (`how=fix`) or upgrading (`how=upgrade`) changes in the document sent along."""
    upload, how = _asked()
    try:
        with bench().gate.inside():
            mending = _mending(upload, how)
    except Busy:
        return _busy()
    answer = render("mend.html", mending=mending, newest=NEWEST)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/validate/download")
def download() -> Response:
    """The result of the same, or its difference (`what=diff`), as a file."""
    upload, how = _asked()
    what = request.form.get("what", DOCUMENT)
    if what not in (DOCUMENT, DIFFERENCE):
        raise BadRequest("What is downloaded is the document or the diff.")
    try:
        with bench().gate.inside():
            mended = _mended(upload, how)
    except Busy:
        return _busy()
    name = _named(upload.name, how)
    if what == DIFFERENCE:
        body = unified(upload.name, upload.content, mended.content)
        answer = Response(body, content_type="text/x-diff; charset=utf-8")
        name = name.removesuffix(".xml") + ".diff"
    else:
        # XML says its encoding itself.
        answer = Response(mended.content, content_type="application/xml")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _asked() -> tuple[Upload, str]:
    uploads.allow(request, site().settings.upload)
    how = request.form.get("how", "")
    if how not in (FIX, UPGRADE):
        raise BadRequest("How a document is mended is fix or upgrade.")
    given = uploads.from_form(request)
    if not given:
        raise BadRequest("There is no document in the form: validate one first.")
    upload = given[0]
    if len(given) > 1 or upload.archive:
        raise BadRequest("One document at a time is mended here; `parhelion fix` takes archives.")
    if len(upload.content) > CARRIED:
        raise BadRequest(f"At most {CARRIED:,} bytes are mended here; `parhelion fix` takes more.")
    return upload, how


def _mended(upload: Upload, how: str) -> Mended:
    return fixed(upload.content) if how == FIX else upgraded(upload.content)


def _mending(upload: Upload, how: str) -> Mending:
    mended = _mended(upload, how)
    long = mended.content.count(b"\n") > MOST_LINES
    difference = b"" if long else unified(upload.name, upload.content, mended.content)
    return Mending(
        upload,
        how,
        Upload(_named(upload.name, how), mended.content),
        mended,
        difference.decode("utf-8", "replace"),
    )


def _named(name: str, how: str) -> str:
    stem = name.rpartition(".")[0] if name.lower().endswith((".xml", ".vor")) else name
    return f"{stem}-{'mended' if how == FIX else NEWEST}.xml"


def _busy() -> Response:
    said = "Other documents are being judged: try again in a few seconds."
    answer = render("fault.html", 503, status=503, title="Service Unavailable", detail=said)
    answer.headers["Retry-After"] = "5"
    return answer
