"""A saved search as an Atom feed (RFC 4287): what is new or changed among what it finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Response, request
from werkzeug.http import quote_etag

from registry.search.asking import ask
from registry.search.query import And, Filter, Hit, Query, SearchIndex
from registry.search.requests import query_from
from registry.store.kept import KeptRecord
from registry.store.reading import Reader
from registry.web.moments import utc
from registry.web.presentation import build, here
from registry.web.searching_restrictions import Arguments, chips, given_arguments, names
from registry.web.searching_results import coverage, one
from registry.web.site import Site, site

blueprint = Blueprint("searching_feed", __name__)

ATOM = "application/atom+xml; charset=utf-8"
ENTRIES = 50
_WINDOW = 500
"""So many changes are looked through at once, the newest first."""
_WINDOWS = 60
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@blueprint.get("/search/feed")
def feed() -> Response:
    """The records that a search finds which changed last, newest first."""
    here_site = site()
    given = given_arguments()
    for name in ("after", "limit", "sort"):
        given.pop(name, None)
    query = query_from(given | {"limit": ["0"]}, facets=())
    answer = Response(content_type=ATOM)
    answer.headers["Cache-Control"] = "no-cache"
    with here_site.store.reading() as reader:
        last = reader.last_change()
        applied = here_site.index.marker()[0]
        answer.headers["ETag"] = quote_etag(f"{reader.stamp_at(last)}-{last}-{applied}-{build()}")
        answer.make_conditional(request)
        if answer.status_code == 304:
            return answer
        wanted = ask(here_site.index, query).query or query
        entries = list(_newest(here_site.index, reader, wanted, last))
        changed = max((kept.datestamp for kept, _ in entries), default=0)
    title = _title(given, query)
    answer.set_data(_written(here_site, given, title, entries, changed))
    return answer


def _newest(
    index: SearchIndex, reader: Reader, query: Query, last: int
) -> Iterator[tuple[KeptRecord, Hit]]:
    """Records with their hits, the last changed first; so that a rare one costs no whole result,
    the changes are gone through from their end."""
    given = 0
    for number in range(_WINDOWS):
        end = last - number * _WINDOW
        if end <= 0:
            return
        some, _ = reader.changed(max(end - _WINDOW, 0), _WINDOW)
        kept = {one.key: one for one in some if not one.deleted and one.change_number <= end}
        if not kept:
            continue
        among = Query(
            And((query.node, Filter("key", tuple(kept)))), query.restrictions, query.excluded,
            limit=_WINDOW, inactive=query.inactive,
        )  # fmt: skip
        hits = {str(hit.fields["key"]): hit for hit in index.search(among).hits}
        for one_kept in sorted(kept.values(), key=lambda record: -record.change_number):
            if one_kept.key in hits:
                yield one_kept, hits[one_kept.key]
                given += 1
                if given == ENTRIES:
                    return


def _title(given: Arguments, query: Query) -> str:
    typed = " ".join(given.get("q", []))
    shown = site().index.search(Query(limit=0))
    said = [f"{'not ' if one.without else ''}{one.value}"
            for one in chips(given, query, names(query, shown))]  # fmt: skip
    return ", ".join(filter(None, [typed, *said])) or "All records"


def _written(
    here_site: Site, given: Arguments, title: str, entries: list[tuple[KeptRecord, Hit]],
    changed: int,
) -> bytes:  # fmt: skip
    def address(path: str) -> str:
        own = here(path, **given).removeprefix(request.script_root)
        return here_site.address(own)

    page, own = address("/search"), address("/search/feed")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{escape(own)}</id>",
        f"<title>{escape(f'{title} – {here_site.settings.title}')}</title>",
        f"<updated>{utc(changed)}</updated>",
        f"<author><name>{escape(here_site.settings.title)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(own)}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(page)}/>',
    ]
    for kept, hit in entries:
        lines += _entry(here_site, kept, hit)
    text = "\n".join([*lines, "</feed>", ""])
    return sound(text).encode()


def _entry(here_site: Site, kept: KeptRecord, hit: Hit) -> list[str]:
    record = here_site.record_address(kept.key)
    told = " · ".join(
        filter(None, (kept.kind, coverage(hit.fields), one(hit.fields, "description")))
    )
    return [
        "<entry>",
        f"<id>{escape(record)}</id>",
        f"<title>{escape(one(hit.fields, 'name') or kept.identifier)}</title>",
        f"<published>{utc(kept.created)}</published>",
        f"<updated>{utc(kept.datestamp)}</updated>",
        f'<link rel="alternate" type="text/html" href={quoteattr(record)}/>',
        f"<category term={quoteattr(kept.kind)}/>",
        f"<summary>{escape(told)}</summary>",
        "</entry>",
    ]


def sound(text: str) -> str:
    """The text without what XML 1.0 does not have (section 2.2)."""
    return _NO_XML.sub("\ufffd", text)
