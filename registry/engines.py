"""From settings to adapters, once, at start."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mappings import rdf_inferred
from registry.followers.following import Following
from registry.followers.lock import FollowersLock
from registry.graph.graph import Graph, SparqlGraph
from registry.graph.oxigraph_graph import OxigraphGraph, attach
from registry.graph.sparql import Endpoints, RemoteService
from registry.oai.fingerprint import fingerprint as fingerprint_of_oai
from registry.search.query import SearchIndex
from registry.search.tantivy_index import TantivyIndex
from registry.settings import Settings, SettingsError
from registry.store.store import Store
from schemas.spase import added
from vocabularies.graph import fingerprint, graph_lines


def open_store(settings: Settings) -> Store:
    """The store of the data folder, made or upgraded. Raises StoreError.

    From now on this process judges by the schemas that were added there, too.
    """
    added.use(settings.data / added.FOLDER)
    return Store(settings.data)


def note_mapping(store: Store, settings: Settings) -> None:
    """Moves every datestamp when what OAI-PMH gives out is mapped in another way than before."""
    now = fingerprint_of_oai(settings)
    with store.reading() as reader:
        if reader.meta("mapped_with") == now:
            return
    with store.writing() as writer:
        writer.map_anew(now)


def open_index(settings: Settings) -> SearchIndex:
    """The search index, for reading, or for writing by the holder of the followers' lock."""
    chosen = settings.search
    if chosen.engine == "tantivy":
        return TantivyIndex(settings.data / "search")
    # The client takes half a second to load, and few installations have a cluster.
    from registry.search.elasticsearch_cluster import Address
    from registry.search.elasticsearch_index import ElasticsearchIndex

    address = Address(
        tuple(chosen.url),
        username=chosen.username,
        password=chosen.password.get_secret_value(),
        api_key=chosen.api_key.get_secret_value(),
        ca=chosen.ca,
        seconds=chosen.seconds,
        wait_seconds=chosen.wait_seconds,
    )
    return ElasticsearchIndex(address, chosen.prefix, shards=chosen.shards)


def open_graph(settings: Settings) -> Graph:
    """The graph, with its child process if it has one; only for the holder of the followers' lock.

    Raises GraphUnavailable, SettingsError.
    """
    graph: Graph
    if settings.graph.engine == "sparql":
        graph = _service_graph(settings)
    else:
        graph = OxigraphGraph(
            settings.data / "graph",
            seconds=settings.graph.query_seconds,
            memory=settings.graph.memory_bytes,
            answer_limit=settings.graph.answer_bytes,
            parallel=settings.graph.parallel_queries,
            kept=settings.graph.kept_bytes,
        )
    atexit.register(graph.close)
    words = graph_lines()
    words += rdf_inferred.inferred(words)
    graph.set_vocabularies(words, f"{fingerprint()}-{rdf_inferred.VERSION}")
    return graph


def attach_graph(settings: Settings) -> Graph:
    """The graph that another process of this installation serves. Raises SettingsError."""
    if settings.graph.engine == "sparql":
        return _service_graph(settings)
    return attach(
        settings.data / "graph",
        seconds=settings.graph.query_seconds,
        answer_limit=settings.graph.answer_bytes,
        parallel=settings.graph.parallel_queries,
    )


def _service_graph(settings: Settings) -> Graph:
    """The graph in a SPARQL 1.1 service that somebody else runs."""
    given = settings.graph
    for name in ("query_url", "update_url", "store_url"):
        if not getattr(given, name).startswith(("http://", "https://")):
            raise SettingsError(
                f"graph.{name} has to be an http or https address where graph.engine is 'sparql'."
            )
    secret = given.authorization.get_secret_value()
    headers = {"Authorization": secret} if secret else {}
    endpoints = Endpoints(given.query_url, given.update_url, given.store_url, headers)
    return SparqlGraph(
        RemoteService(endpoints),
        seconds=given.query_seconds,
        answer_limit=given.answer_bytes,
        parallel=given.parallel_queries,
    )


@dataclass(slots=True)
class Engines:
    """Store, index and graph of one process. `writes`: it holds the followers' lock."""

    settings: Settings
    store: Store
    index: SearchIndex
    graph: Graph
    lock: FollowersLock

    @property
    def writes(self) -> bool:
        return self.lock.held

    def take_lock(self, *, lasting: bool = False) -> bool:
        """Tries for the followers' lock; with it comes the graph's own child.

        `lasting`: this process will follow the store for as long as it lives.
        Raises GraphUnavailable.
        """
        if self.lock.held:
            return True
        if not self.lock.take(lasting=lasting):
            return False
        attached = self.graph
        try:
            self.graph = open_graph(self.settings)
        except BaseException:
            self.lock.free()
            raise
        attached.close()
        note_mapping(self.store, self.settings)
        return True

    def following(self) -> Following:
        """The followers; to be moved only when `writes`."""
        return Following(self.store, self.index, self.graph, self.settings.public_url)


@contextmanager
def opened(
    settings: Settings, *, wants_lock: bool = True, lasting: bool = False
) -> Iterator[Engines]:
    """All engines; the graph's own child when the followers' lock is got, else attached.

    Raises StoreError, GraphUnavailable.
    """
    store = open_store(settings)
    engines = Engines(
        settings, store, open_index(settings), attach_graph(settings), FollowersLock(settings.data)
    )
    try:
        if wants_lock:
            engines.take_lock(lasting=lasting)
        yield engines
    finally:
        engines.graph.close()
        engines.index.close()
        store.close()
        engines.lock.free()
