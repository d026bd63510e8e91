"""Sources added and removed, and looked at before they are stored."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from harvesters import git, oai_pmh
from harvesters.fetching import FetchFailed
from harvesters.oai_pmh import HarvestStopped
from harvesters.publishing_registries import (
    MANAGED,
    PREFIX,
    PublishingRegistry,
    discover,
    publishing_registry,
)
from registry.deletion_guard import Guard, HarvestFailed
from registry.settings import Settings
from registry.sources.kinds import ARCHIVE, FOLDER, GIT, OAI_PMH, fetcher
from registry.store import ownership
from registry.store import sources as kept_sources
from registry.store.harvests import leased
from registry.store.kept import KeptSource
from registry.store.sources import SourceError
from registry.store.store import Store
from registry.store.taken import Counts

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(slots=True)
class Looked:
    """What stands at an address before it becomes a source.

    `facts` are (what, value) for a person; `prefix` is the format that will be asked for;
    `managed` the naming authorities that the peer's vg:Registry manages.
    """

    facts: list[tuple[str, str]] = field(default_factory=list)
    prefix: str = ""
    managed: list[str] = field(default_factory=list)


def look_at(
    settings: Settings, kind: str, url: str, *, prefix: str = "", set_spec: str = ""
) -> Looked:
    """Asks what stands at an address. Raises HarvestFailed when it cannot be harvested."""
    try:
        if kind == OAI_PMH:
            return _oai_pmh(settings, url, prefix, set_spec)
        if kind == GIT:
            return _git(settings, url)
    except (HarvestStopped, FetchFailed) as error:
        raise HarvestFailed(str(error)) from error
    if kind == FOLDER and not os.path.isdir(url):
        raise HarvestFailed(f"There is no folder {url}.")
    if kind == ARCHIVE and urlsplit(url).scheme not in ("http", "https"):
        raise HarvestFailed(f"{url} is no http or https address; `ingest` takes archives here.")
    return Looked([("folder" if kind == FOLDER else "archive", url)])


def _oai_pmh(settings: Settings, url: str, prefix: str, set_spec: str) -> Looked:
    with fetcher(settings) as fetching:
        identity = oai_pmh.identify(url, fetching)
        offered = oai_pmh.formats(url, fetching)
    fit = [one.prefix for one in oai_pmh.suitable(offered)]
    names = ", ".join(one.prefix for one in offered) or "none"
    if not prefix and not fit:
        raise HarvestFailed(
            f"{url} offers no format that is taken in here (it offers {names}); SPASE and "
            "ivo_vor are."
        )
    if prefix and prefix not in [one.prefix for one in offered]:
        raise HarvestFailed(f"{url} does not offer the format {prefix!r}; it offers {names}.")
    found = Looked(prefix=prefix or fit[0])
    found.facts = [
        ("repository", identity.name),
        ("base URL", identity.base_url),
        ("contact", ", ".join(identity.admin_emails)),
        ("protocol", identity.protocol),
        ("earliest record", identity.earliest),
        ("deleted records", identity.deleted_record),
        ("granularity", identity.granularity),
        ("formats", f"{names} ({found.prefix} is taken)"),
        ("set", set_spec or "all"),
    ]
    for element in identity.descriptions:
        record = publishing_registry(element)
        if record is not None:
            found.managed = record.managed
            found.facts.append(("registry", f"{record.title} ({record.identifier})"))
            found.facts.append(("managed authorities", ", ".join(record.managed) or "none"))
    return found


def _git(settings: Settings, url: str) -> Looked:
    with tempfile.TemporaryDirectory() as folder:
        repository = git.Repository(Path(folder), allow_private=settings.harvest.allow_private)
        branches = repository.offered(url)
    _, branch = git.address(url)
    if branch and branch not in branches:
        raise HarvestFailed(f"{url}: there is no branch {branch!r} (there are {_listed(branches)})")
    if not branches:
        raise HarvestFailed(f"{url}: the repository has no branches yet.")
    return Looked([("branches", _listed(branches)), ("taken", branch or "the repository's own")])


def _listed(names: list[str]) -> str:
    return ", ".join(names[:10]) + (" …" if len(names) > 10 else "")


def check_name(store: Store, name: str) -> None:
    """Raises SourceError when a new source cannot have this name."""
    if not _NAME.fullmatch(name):
        raise SourceError(
            f"{name!r} is no name for a source: letters, digits, '.', '_' and '-', at most 64."
        )
    with store.reading() as reader:
        if any(one.name == name for one in kept_sources.sources(reader.connection)):
            raise SourceError(f"There is a source {name!r} already.")


def add_source(
    store: Store,
    name: str,
    kind: str,
    url: str,
    *,
    prefix: str = "",
    set_spec: str = "",
    every: int = 0,
    mirror: bool = False,
    precedence: int = 100,
    managed: list[str] | None = None,
) -> KeptSource:
    """Adds a source; `every` in seconds puts it on the schedule. Raises SourceError."""
    check_name(store, name)
    with store.writing() as writer:
        added = kept_sources.add_source(
            writer.connection, name, kind, url, now=writer.now, prefix=prefix, set_spec=set_spec,
            every=every, mirror=mirror, precedence=precedence,
        )  # fmt: skip
        writer.set_managed(added.id, managed or [])
        return added


def remove_source(store: Store, source: KeptSource) -> Counts:
    """Removes a source and its places; records that lie nowhere else are deleted.

    Raises HarvestFailed while it is being harvested.
    """
    with store.writing() as writer:
        if source.id in leased(writer.connection, store.clock()):
            raise HarvestFailed(f"{source.name} is being harvested now: remove it afterwards.")
        ownership.disown(writer.connection, source.id)
        paths = kept_sources.paths_of(writer.connection, source.id)
    counts = Guard(store, source.id, source.name, 1.0).remove(paths)
    with store.writing() as writer:
        kept_sources.forget_source(writer.connection, source.id)
    return counts


def publishing_registries(settings: Settings, url: str) -> Iterator[PublishingRegistry]:
    """What a registry of registries lists. Raises HarvestFailed."""
    try:
        with fetcher(settings) as fetching:
            yield from discover(url, fetching)
    except (HarvestStopped, FetchFailed) as error:
        raise HarvestFailed(str(error)) from error


def add_registry(store: Store, found: PublishingRegistry, *, every: int = 0) -> KeptSource:
    """Adds a publishing registry, its own records only, under its naming authority's name."""
    return add_source(
        store, name_for(found), OAI_PMH, found.address, prefix=PREFIX, set_spec=MANAGED,
        every=every, managed=found.managed,
    )  # fmt: skip


def name_for(found: PublishingRegistry) -> str:
    """A name for the source: the naming authority of the registry's ivoid."""
    authority = found.identifier.partition("://")[2].partition("/")[0]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", authority).strip("-._")[:64]
    return name or "registry"
