"""The kinds of sources, and the fetcher that all of them are given."""

from __future__ import annotations

from harvesters.fetching import Fetcher, FetchLimits
from registry.settings import Settings

OAI_PMH, ARCHIVE, GIT, FOLDER = "oai-pmh", "archive", "git", "folder"
KINDS = (OAI_PMH, ARCHIVE, GIT, FOLDER)


def fetcher(settings: Settings, source: str = "") -> Fetcher:
    """A fetcher with the limits and the contact that the settings give, for a source's harvest."""
    harvest = settings.harvest
    return Fetcher(
        contact=harvest.contact or settings.public_url,
        allow_private=harvest.allow_private,
        limits=FetchLimits(
            connect=harvest.connect_seconds,
            first_byte=harvest.read_seconds,
            total=harvest.total_seconds,
            size=harvest.max_bytes,
            interval=harvest.intervals.get(source, harvest.interval_seconds),
        ),
    )
