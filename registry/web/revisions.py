"""Revisions of a record at addresses of their own: what it was, and what a revision changed."""

from __future__ import annotations

import difflib
from itertools import islice

from flask import Response, abort
from werkzeug.http import http_date, quote_etag

from mappings import to_linkset
from registry.store.kept import KeptRecord, KeptRevision
from registry.store.reading import Reader
from registry.web.presentation import render
from registry.web.site import Site

SHOWN = 600
"""So many lines of a difference stand on a page."""
LONGEST = 2_000_000
"""Documents of more bytes are not compared: it would take seconds."""
_DIGITS = 12


def name(revision: KeptRevision) -> str:
    """The name of a revision in addresses: the beginning of its content's SHA-256."""
    return revision.digest[:_DIGITS]


def revision(
    here_site: Site, reader: Reader, kept: KeptRecord, wanted: str, suffix: str
) -> Response:
    """A revision as its source (`xml`), or a page that says what it changed; 404 for no such one.

    `wanted` is its name, or its whole digest.
    """
    held = reader.revisions(kept.id)
    numbers = [
        number for number, one in enumerate(held)
        if len(wanted) >= _DIGITS and one.digest.startswith(wanted.lower())
    ]  # fmt: skip
    if not numbers:
        abort(404, f"{kept.identifier} has no revision {wanted[:64]}.")
    one = held[numbers[0]]
    before = held[numbers[0] + 1] if numbers[0] + 1 < len(held) else None
    bodies = reader.bodies([one.id, *([before.id] if before else [])])
    if suffix == "xml":
        answer = Response(bodies[one.id], content_type="application/xml")
    else:
        lines, more = _changes(bodies[before.id], bodies[one.id]) if before else ([], False)
        answer = render(
            "revision.html", kept=kept, one=one, before=before, name=name, lines=lines, more=more,
            number=len(held) - numbers[0], held=len(held),
            address=here_site.record_address(kept.key),
        )  # fmt: skip
    page = here_site.record_address(kept.key)
    answer.headers["Link"] = to_linkset.header(
        [
            to_linkset.Link("latest-version", page),
            *([to_linkset.Link("predecessor-version", f"{page}?revision={name(before)}")]
              if before else []),
        ]
    )  # fmt: skip
    answer.headers["Last-Modified"] = http_date(one.received)
    if suffix == "xml":
        # The content of a digest never changes.
        answer.headers["ETag"] = quote_etag(one.digest)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


def _changes(before: bytes, after: bytes) -> tuple[list[tuple[str, str]], bool]:
    """(kind, text) of the lines of the difference, and whether there are more."""
    if max(len(before), len(after)) > LONGEST:
        return [], True
    old, new = (one.decode("utf-8", "replace").splitlines() for one in (before, after))
    found = list(islice(difflib.unified_diff(old, new, lineterm="", n=2), 2, SHOWN + 3))
    kinds = {"+": "add", "-": "del", "@": "at"}
    return [(kinds.get(one[:1], "same"), one) for one in found[:SHOWN]], len(found) > SHOWN
