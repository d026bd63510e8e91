"""What every blueprint needs: settings and engines, and absolute addresses."""

from __future__ import annotations

from functools import cached_property
from typing import cast

from flask import current_app

from registry import identifiers
from registry.engines import Engines
from registry.graph.graph import Graph
from registry.settings import Settings
from registry.store.kept_pages import KeptPages


class Site:
    """The engines behind the pages; one for an application."""

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        self.settings: Settings = engines.settings
        self.store = engines.store
        self.index = engines.index

    @cached_property
    def pages(self) -> KeptPages:
        """The pages of records that were made before."""
        # Imported late: what pages are made from is no concern of most of who needs a site.
        from registry.web.page_cache import kept_pages

        return kept_pages(self.settings)

    @property
    def graph(self) -> Graph:
        """The graph as it is reached now: its own child, or another process's."""
        return self.engines.graph

    def address(self, path: str) -> str:
        """The absolute address of a path of this site; `public_url` is its only source."""
        return self.settings.base_url() + path

    def record_address(self, identifier: str) -> str:
        """The absolute address of a record's page."""
        return self.address(identifiers.page_path(identifier))


def site() -> Site:
    """The site of the application that answers."""
    return cast(Site, current_app.extensions["parhelion"])
