"""Pages of whole lists, written before a harvester asks for them."""

from __future__ import annotations

import re
from html import unescape

from registry.oai.publishing import MANAGED
from registry.oai.repository import Repository

_TOKEN = re.compile(r"<resumptionToken[^>]*>([^<]+)<")


def write_ahead(repository: Repository) -> int:
    """Writes the lists that harvesters ask for first, in every format; gives how many pages.

    What is kept of them already is not written again. Raises StoreError.
    """
    pages = 0
    for prefix in repository.formats:
        pages += _walk(repository, "ListIdentifiers", prefix)
        pages += _walk(repository, "ListRecords", prefix)
        if repository.items.selections(MANAGED):
            # What registries of registries ask a publishing registry for.
            pages += _walk(repository, "ListRecords", prefix, set=MANAGED)
    return pages


def _walk(repository: Repository, verb: str, prefix: str, **more: str) -> int:
    pages, given = 0, {"metadataPrefix": prefix} | more
    while True:
        answer = repository.answer([("verb", verb), *given.items()])
        pages += 1
        token = _TOKEN.search(answer.after)
        if token is None:
            return pages
        given = {"resumptionToken": unescape(token[1])}
