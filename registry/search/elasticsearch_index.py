"""The search engine for where one machine is not enough: an Elasticsearch cluster, 8 or 9.

The index has a name of its own; an alias says which one answers, so that a new one is built behind
the old. The marker is a document of the index, written after what it marks has been refreshed:
where a process dies between the two, the same changes come again and do no harm, since a document's
version is the change number it was made at.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError

from registry.search import elasticsearch_documents as held
from registry.search import fields, pages
from registry.search.elasticsearch_cluster import Address, Cluster, Item
from registry.search.elasticsearch_queries import HIDDEN, MARKER, Compiler
from registry.search.query import (
    Covers,
    Hit,
    Node,
    Overlap,
    Page,
    Query,
    SearchIndex,
    SearchUnavailable,
    Within,
)

_BUCKETS = 50_000
"""More values than a facet has, and fewer than `search.max_buckets`."""
_WINDOW = 5_000
"""Hits of one request; more are asked for one after the other."""
_BATCH = 500
_ALIVE = "2m"

Document = dict[str, object]
Marker = tuple[int, str]
Refused = list[tuple[str, str]]


class ElasticsearchIndex(SearchIndex):
    """The index that the alias `prefix` leads to. Any number of processes read, one writes."""

    def __init__(self, address: Address, prefix: str, *, shards: int = 1) -> None:
        self._cluster = Cluster(address)
        self._alias = prefix
        self._shards = shards
        self._own = re.compile(re.escape(prefix) + r"-[0-9a-f]{12}")
        self._lock = threading.Lock()

    # -- reading -------------------------------------------------------------------------------

    def search(self, query: Query) -> Page:
        pages.check(query)
        after = pages.place_after(query)
        stops = self._relative_stops() if _asks_for_time(query.node) else []
        if stops is None:
            return _nothing(query)
        search = _Search(query, Compiler(stops, datetime.now(UTC)))
        begin: list[Any] | None = None
        if after is not None:
            begin = self._begin(search, after)
        hits: list[dict[str, Any]] = []
        told: dict[str, Any] = {}
        wanted = query.limit + 1
        while len(hits) < wanted:
            size = min(wanted - len(hits), _WINDOW)
            body = search.body(size, begin, first=not told)
            answer = self._cluster.read(partial(self._ask, body))
            if answer is None:
                return _nothing(query)
            told = told or answer
            found = answer["hits"]["hits"]
            hits += found
            if len(found) < size:
                break
            begin = found[-1]["sort"]
        return search.page(told, hits)

    def _ask(self, body: dict[str, Any], client: Elasticsearch) -> dict[str, Any]:
        answer = client.search(
            index=self._alias,
            # Copies of an index count their words apart: the pages of a search keep to one.
            preference="parhelion",
            allow_partial_search_results=False,
            **body,
        )
        return dict(answer.body)

    def _begin(self, search: _Search, after: pages.Place) -> list[Any]:
        """What the next page begins behind, that last hit being scored as it is scored now."""
        if search.by_value:
            return [after.order, after.key]
        answer = self._cluster.read(partial(self._ask, search.only(held.identity(after.key))))
        now = answer["hits"]["hits"] if answer else []
        return [now[0]["_score"] if now else -float(after.order), after.key]

    def _relative_stops(self) -> list[str] | None:
        """The relative stop dates that the index holds; None where there is no index."""
        terms = {"terms": {"field": "relative_stop", "size": _BUCKETS}}
        body = {"size": 0, "aggs": {"stops": terms}, "request_cache": True}
        answer = self._cluster.read(partial(self._ask, body))
        if answer is None:
            return None
        return [str(one["key"]) for one in answer["aggregations"]["stops"]["buckets"]]

    def every(self, query: Query) -> Iterator[Hit]:
        pages.check(query)
        stops = self._relative_stops() if _asks_for_time(query.node) else []
        whole = replace(query, facets=())
        search = _Search(whole, Compiler(stops or [], datetime.now(UTC)))
        for one in self._walk(search.body(_WINDOW // 5, None, first=False)):
            yield search.hit(one)

    def identifiers(self) -> Iterable[tuple[str, str]]:
        every = {"bool": {"must_not": [{"term": {HIDDEN: MARKER}}]}}
        for one in self._walk({"query": every, "size": _WINDOW // 5, "sort": ["_shard_doc"]}):
            shown = one["_source"][held.SHOWN]
            yield str(shown["key"]), str(shown.get("digest", ""))

    def _walk(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """All hits of a request, page after page, as of one point in time."""
        cluster = self._cluster
        point = cluster.read(
            lambda client: client.open_point_in_time(index=self._alias, keep_alive=_ALIVE)
        )
        if point is None:
            return
        pit = str(point["id"])
        body |= {
            "pit": {"id": pit, "keep_alive": _ALIVE},
            "track_total_hits": False,
            "allow_partial_search_results": False,
        }
        try:
            while True:
                answer = cluster.read(partial(_searched, body))
                found = answer["hits"]["hits"] if answer else []
                if not found:
                    return
                yield from found
                body["search_after"] = found[-1]["sort"]
        finally:
            self._let_go(pit)

    def _let_go(self, pit: str) -> None:
        try:
            self._cluster.read(lambda client: client.close_point_in_time(id=pit))
        except SearchUnavailable:
            # It ends by itself, and why the cluster is away was said already.
            return

    def marker(self) -> Marker:
        """As the port says; (0, '') too for an index of another layout: it is to be built anew."""
        index = self._current()
        if index is None:
            return (0, "")
        told = self._cluster.read(lambda client: client.get(index=index, id=held.MARKER_ID))
        if told is None:
            return (0, "")
        number, fingerprint = told["_source"][held.SHOWN]["marker"]
        return int(number), str(fingerprint)

    def state(self) -> str:
        """How the cluster is, in words; '' when all is well."""
        return self._cluster.health(self._alias)

    def _current(self) -> str | None:
        """The name of the index that answers; None where there is none of this layout."""
        told = self._cluster.read(lambda client: client.indices.get_mapping(index=self._alias))
        for name, mapping in (told or {}).items():
            if mapping["mappings"].get("_meta", {}).get("layout") == held.LAYOUT:
                return str(name)
        return None

    # -- writing -------------------------------------------------------------------------------

    def apply(self, documents: Sequence[Document], gone: Sequence[str], marker: Marker) -> Refused:
        with self._lock:
            index = self._cluster.write(lambda _: self._current())
            if index is None:
                return self._build(documents, marker)
            refused = self._put(index, documents, gone, marker[0])
            self._commit(index, marker)
            return refused

    def build(self, documents: Iterable[Document], marker: Marker) -> Refused:
        with self._lock:
            return self._build(documents, marker)

    def _build(self, documents: Iterable[Document], marker: Marker) -> Refused:
        self._sweep()
        name = f"{self._alias}-{secrets.token_hex(6)}"
        try:
            self._cluster.write(lambda client: _created(client, name, self._shards))
            refused: Refused = []
            for batch in _batches(documents):
                refused += self._put(name, batch, (), marker[0])
            self._commit(name, marker)
            self._cluster.write(lambda client: self._switch(client, name))
        except BaseException:
            self._forget(name)
            raise
        self._sweep()
        return refused

    def _put(
        self, index: str, documents: Sequence[Document], gone: Sequence[str], version: int
    ) -> Refused:
        items: dict[str, Item] = {key: _deletion(key, version) for key in gone}
        refused: Refused = []
        for document in documents:
            key = document.get("key")
            key = key if isinstance(key, str) else ""
            fault = fields.fault(document)
            if fault:
                refused.append((key, f"a value does not fit the index: {fault}"))
                # What was held under its key must not be found as it was before, either.
                items |= {key: _deletion(key, version)} if key else {}
            else:
                items[key] = _item(key, version, document)
        sent = [one for one in items.values() if _sound(one.id)]
        left_out = self._cluster.bulk(index, sent)
        if left_out:
            self._cluster.bulk(index, [_deletion(key, version) for key, _ in left_out])
        return refused + left_out

    def _commit(self, index: str, marker: Marker) -> None:
        """Makes what was written findable, and then says up to which change that is."""
        self._cluster.write(lambda client: client.indices.refresh(index=index))
        told = held.marker_source(marker)
        self._cluster.write(
            lambda client: client.index(index=index, id=held.MARKER_ID, document=told)
        )

    def _switch(self, client: Elasticsearch, name: str) -> None:
        """The alias leads to `name` alone from now on: one step, so that a search sees no gap."""
        steps: list[dict[str, Any]] = [{"add": {"index": name, "alias": self._alias}}]
        steps += [
            {"remove": {"index": old, "alias": self._alias}}
            for old in _behind(client, self._alias)
            if old != name
        ]
        client.indices.update_aliases(actions=steps)

    def _sweep(self) -> None:
        """Removes indexes of ours that the alias does not lead to: old ones, and half-built ones.

        There is one writer, so that nobody else builds one now.
        """

        def swept(client: Elasticsearch) -> None:
            there = client.indices.get_alias(index=f"{self._alias}-*", ignore_unavailable=True)
            for name, told in there.body.items():
                if self._own.fullmatch(name) and self._alias not in told["aliases"]:
                    client.indices.delete(index=name, ignore_unavailable=True)

        self._cluster.write(swept)

    def _forget(self, name: str) -> None:
        try:
            self._cluster.read(lambda client: client.indices.delete(index=name))
        except SearchUnavailable:
            # The next build sweeps it away; what went wrong is being raised already.
            return

    def remove(self) -> None:
        """Removes every index of this prefix from the cluster; nothing answers any more."""

        def removed(client: Elasticsearch) -> None:
            for name in client.indices.get_alias(index=f"{self._alias}-*").body:
                if self._own.fullmatch(name):
                    client.indices.delete(index=name, ignore_unavailable=True)

        self._cluster.write(removed)

    def close(self) -> None:
        self._cluster.close()


class _Search:
    """One query as requests, and their answers as a page."""

    def __init__(self, query: Query, compiler: Compiler) -> None:
        self._query = query
        self._compiler = compiler
        self.by_value = query.sort != "relevance" or pages.by_key(query)
        # A facet is counted without its own restriction, which then holds for the hits alone.
        self._later = {
            name: values for name, values in query.restrictions.items() if name in query.facets
        }
        self._main = compiler.whole(
            query, {n: v for n, v in query.restrictions.items() if n not in self._later}
        )

    def body(self, size: int, after: list[Any] | None, *, first: bool) -> dict[str, Any]:
        """The request for hits behind `after`; the first one asks for the counts too."""
        query = self._query
        sort = "key" if query.sort == "relevance" else query.sort
        column = held.SORT_FIELDS[sort] if self.by_value else "_score"
        order: list[Any] = [{column: "asc" if self.by_value else "desc"}]
        body: dict[str, Any] = {
            "query": self._main,
            "size": size,
            "sort": order if column == "key" else [*order, {"key": "asc"}],
            "track_total_hits": first,
        }
        if self._later:
            body["post_filter"] = {"bool": {"filter": self._compiler.restricted(self._later)}}
        if after is not None:
            body["search_after"] = after[-1:] if column == "key" else after
        if first and query.facets:
            body["aggs"] = {name: self._counted(name) for name in query.facets}
        return body

    def only(self, identity: str) -> dict[str, Any]:
        """The request for the score of one document."""
        one = {"bool": {"must": [self._main], "filter": [{"ids": {"values": [identity]}}]}}
        return {"query": one, "size": 1, "track_total_hits": False, "source": False}

    def _counted(self, name: str) -> dict[str, Any]:
        terms = {"terms": {"field": name, "size": self._query.facet_size}}
        if self._query.facet_size > _BUCKETS:
            terms["terms"]["size"] = _BUCKETS
        # With several shards each has to give more than is wanted, lest the sum be wrong.
        terms["terms"]["shard_size"] = _BUCKETS
        others = {n: v for n, v in self._later.items() if n != name}
        if not others:
            return terms
        chosen = {"bool": {"filter": self._compiler.restricted(others)}}
        return {"filter": chosen, "aggs": {"counted": terms}}

    def page(self, told: dict[str, Any], hits: list[dict[str, Any]]) -> Page:
        query = self._query
        shown = hits[: query.limit]
        following = None
        if shown and len(hits) > len(shown):
            following = pages.token(query, self._place(shown[-1]))
        facets = {}
        for name in query.facets:
            counted = told["aggregations"][name]
            buckets = counted.get("counted", counted)["buckets"]
            counts = {str(one["key"]): int(one["doc_count"]) for one in buckets}
            facets[name] = pages.ranked(counts, query.facet_size)
        total = int(told["hits"]["total"]["value"])
        return Page([self.hit(one) for one in shown], total, facets, following)

    def _place(self, last: dict[str, Any]) -> pages.Place:
        order, *_ = last["sort"]
        key = str(last["sort"][-1])
        return pages.Place(order if isinstance(order, str) else self._ascending(order), key)

    def _ascending(self, order: float) -> float:
        return float(order) if self.by_value else -float(order)

    def hit(self, one: dict[str, Any]) -> Hit:
        """What the port gives for what Elasticsearch found."""
        shown = one["_source"][held.SHOWN]
        score = 0.0 if self.by_value else float(one["_score"])
        return Hit(str(shown["identifier"]), score, shown)


def _created(client: Elasticsearch, name: str, shards: int) -> None:
    # Asked for again after a lost answer, it is there already.
    if not client.indices.exists(index=name):
        client.indices.create(index=name, settings=held.settings(shards), mappings=held.mapping())


def _searched(body: dict[str, Any], client: Elasticsearch) -> dict[str, Any]:
    return dict(client.search(**body).body)


def _behind(client: Elasticsearch, alias: str) -> list[str]:
    """The indexes that an alias leads to."""
    try:
        return list(client.indices.get_alias(name=alias).body)
    except NotFoundError:
        return []


def _asks_for_time(node: Node) -> bool:
    if isinstance(node, Overlap | Covers | Within):
        return True
    parts = getattr(node, "nodes", ()) or ([node.node] if hasattr(node, "node") else [])
    return any(map(_asks_for_time, parts))


def _nothing(query: Query) -> Page:
    return Page([], 0, {name: [] for name in query.facets}, None)


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    for document in documents:
        batch.append(document)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _deletion(key: str, version: int) -> Item:
    return Item(key, held.identity(key) if _sound(key) else "\ud800", version, None, 100)


def _item(key: str, version: int, document: Document) -> Item:
    source = held.source(document)
    return Item(key, held.identity(key), version, source, _size(source))


def _size(source: dict[str, Any]) -> int:
    """Roughly the bytes of a document: text counts, and what stands round it little."""
    texts = (value if isinstance(value, list) else [value] for value in source.values())
    return 1000 + sum(len(one) for listed in texts for one in listed if isinstance(one, str))


def _sound(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
