"""The default search engine: a tantivy index in the data folder.

The index is a numbered place (`registry.places`); a marker document in it, which every query
leaves out, holds the change number and the fingerprint, so that marker and documents are always
of one commit.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tantivy

from registry.places import Places
from registry.search import fields, pages, words
from registry.search.query import Hit, Page, Query, SearchIndex, SearchUnavailable
from registry.search.refusals import refused_by
from registry.search.tantivy_queries import (
    HIDDEN,
    INACTIVE,
    MARKER,
    Compiler,
    Interval,
    interval_of,
    interval_term,
)
from registry.search.tantivy_ranking import (
    KEY,
    NAME,
    RELEASED,
    START,
    ByScore,
    ByValue,
    Found,
    in_order,
)

_BUILD_HEAP = 150_000_000
_APPLY_HEAP = 30_000_000
_EVERY = 1 << 20
"""More values than a facet has, and no more than tantivy's own limit lets it make."""

_FAST = frozenset((KEY, *fields.FACETS))
_KEYS_HELD = 200_000
_SHOWN_HELD = 5_000
_AT_ONCE = 1000
"""Hits of one step where all are wanted."""

Document = dict[str, object]
Marker = tuple[int, str]
Refused = list[tuple[str, str]]


@dataclass(slots=True)
class _State:
    """An index as it was when it was opened or last committed."""

    place: Path
    stamp: tuple[int, int]
    index: Any
    searcher: Any
    relative_stops: list[str] = field(default_factory=list)
    ranges: dict[str, list[Interval]] = field(default_factory=dict)
    keys: dict[tuple[int, int], str] = field(default_factory=dict)
    """Keys read so far, by address: where many hits are equally good, all of theirs are needed."""
    shown: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)
    """Documents read so far, by address: what is found once is mostly found again."""

    def intervals(self, name: str) -> list[Interval]:
        """The ranges that a field holds: a few hundred, however many records have them."""
        found = self.ranges.get(name)
        if found is None:
            terms = self.searcher.terms_with_prefix(name, "")
            found = self.ranges[name] = [interval_of(term) for term, _ in terms]
        return found


class TantivyIndex(SearchIndex):
    """An index below `folder`. Any number of processes read, one at a time writes."""

    def __init__(self, folder: Path) -> None:
        self._places = Places(folder)
        self._state: _State | None = None
        self._lock = threading.Lock()

    def search(self, query: Query) -> Page:
        pages.check(query)
        state = self._current()
        if state is None:
            pages.place_after(query)
            return Page([], 0, {name: [] for name in query.facets}, None)
        return _answered(state, query)

    def every(self, query: Query) -> Iterator[Hit]:
        pages.check(query)
        state = self._current()
        after: str | None = None
        while state is not None:
            page = _answered(state, replace(query, facets=(), limit=_AT_ONCE, after=after))
            yield from page.hits
            after = page.next
            if after is None:
                return

    def identifiers(self) -> Iterable[tuple[str, str]]:
        state = self._current()
        if state is None:
            return
        searcher, schema = state.searcher, state.index.schema
        marker = tantivy.Query.term_query(schema, HIDDEN, MARKER)
        every = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Must, tantivy.Query.all_query()),
                (tantivy.Occur.MustNot, marker),
            ]
        )
        for _, address in searcher.search(every, max(searcher.num_docs, 1), count=False).hits:
            held = _shown(searcher, address)
            yield str(held["key"]), str(held.get("digest", ""))

    def marker(self) -> Marker:
        """As the port says; (0, '') too for an index that cannot be read: it is to be built."""
        try:
            state = self._current()
            if state is None:
                return (0, "")
            query = tantivy.Query.term_query(state.index.schema, HIDDEN, MARKER)
            hits = state.searcher.search(query, 1, count=False).hits
        except (SearchUnavailable, ValueError):
            return (0, "")
        if not hits:
            return (0, "")
        number, fingerprint = _shown(state.searcher, hits[0][1])["marker"]
        return int(number), str(fingerprint)

    def apply(self, documents: Sequence[Document], gone: Sequence[str], marker: Marker) -> Refused:
        place = self._places.current()
        if place is None:
            return self.build(documents, marker)
        made, refused = _made(documents)
        # A document that is refused must not be found as it was before, either.
        old = {*made, *gone, *(key for key, _ in refused if key)}
        index = _opened_to_write(place)
        error = _write(index, made, old, marker)
        if error:
            # Nothing of the batch is in. The guilty ones are found in an index of their own.
            guilty = refused_by(list(made), lambda keys: _accepts([made[key] for key in keys]))
            refused += [(key, f"the engine does not take it: {error}") for key in guilty]
            kept = {key: one for key, one in made.items() if key not in guilty}
            error = _write(index, kept, old, marker) if guilty else error
        if error:
            raise SearchUnavailable(f"the search index in {place} cannot be written: {error}")
        return refused

    def build(self, documents: Iterable[Document], marker: Marker) -> Refused:
        refused: Refused = []
        try:
            place = self._places.fresh()
        except OSError as error:
            raise SearchUnavailable(
                f"a search index cannot be built in {self._places.folder}: {error}"
            ) from error
        try:
            _fill(place, documents, marker, refused)
        except BaseException as error:
            shutil.rmtree(place, ignore_errors=True)
            if isinstance(error, (ValueError, OSError)):
                raise SearchUnavailable(
                    f"the search index in {place} cannot be built: {error}"
                ) from error
            raise
        self._places.switch(place)
        self._places.sweep()
        return refused

    def close(self) -> None:
        with self._lock:
            self._state = None

    def _current(self) -> _State | None:
        """The index that answers now, opened anew when the place or its content has changed."""
        with self._lock:
            for last in (False, True):
                place = self._places.current()
                if place is None:
                    return None
                try:
                    return self._seen(place)
                except (OSError, ValueError) as error:
                    # Between pointer and opening, the place may have been switched and swept.
                    self._state = None
                    if last:
                        raise SearchUnavailable(
                            f"the search index in {place} cannot be opened ({error});"
                            " `parhelion reindex search` builds it anew"
                        ) from error
        raise AssertionError

    def _seen(self, place: Path) -> _State:
        meta = (place / "meta.json").stat()
        stamp = (meta.st_mtime_ns, meta.st_ino)
        state = self._state
        if state is not None and state.place == place:
            if state.stamp == stamp:
                return state
            index = state.index
            index.reload()
        else:
            index = _with_words(tantivy.Index.open(str(place)))
            index.config_reader("manual")
            index.reload()
        searcher = index.searcher()
        stops = [text for text, _ in searcher.terms_with_prefix("relative_stop", "")]
        self._state = _State(place, stamp, index, searcher, stops)
        return self._state


def _answered(state: _State, query: Query) -> Page:
    try:
        return _Search(state, query).page(pages.place_after(query))
    except ValueError as error:
        raise SearchUnavailable(
            f"the search index cannot answer this ({error}); `parhelion reindex search`"
            " builds it anew"
        ) from error


class _Search:
    """One query against one state of the index."""

    def __init__(self, state: _State, query: Query) -> None:
        self._state = state
        self._query = query
        self._compiler = Compiler(
            state.index.schema, state.relative_stops, state.intervals, datetime.now(UTC)
        )
        self._main = self._compiler.whole(query, query.restrictions)

    def page(self, after: pages.Place | None) -> Page:
        query, state = self._query, self._state
        ranking: ByScore | ByValue
        if query.sort == "relevance" and not pages.by_key(query):
            ranking = ByScore(state.index, state.searcher, self._main, self._key_at)
        else:
            sort = "key" if query.sort == "relevance" else query.sort
            ranking = ByValue(state.index, state.searcher, self._main, self._key_at, sort)
        found, more = ranking.page(query.limit, after)
        following = None
        if more and found:
            last = found[-1]
            following = pages.token(query, pages.Place(last.order, last.key, last.rank))
        hits = [self._hit(one) for one in found]
        return Page(hits, ranking.total, self._facets(), following)

    def _hit(self, found: Found) -> Hit:
        held = self._document(found.address)
        scored = self._query.sort == "relevance" and isinstance(found.order, float)
        return Hit(str(held["identifier"]), -float(found.order) if scored else 0.0, dict(held))

    def _key_at(self, address: Any) -> str:
        at = (address.segment_ord, address.doc)
        keys = self._state.keys
        if at not in keys:
            if len(keys) > _KEYS_HELD:
                keys.clear()
            keys[at] = str(self._document(address)["key"])
        return keys[at]

    def _document(self, address: Any) -> dict[str, Any]:
        at = (address.segment_ord, address.doc)
        found = self._state.shown.get(at)
        if found is None:
            if len(self._state.shown) > _SHOWN_HELD:
                self._state.shown.clear()
            found = self._state.shown[at] = _shown(self._state.searcher, address)
        return found

    def _facets(self) -> dict[str, list[tuple[str, int]]]:
        query = self._query
        counts: dict[str, list[tuple[str, int]]] = {}
        free = [name for name in query.facets if name not in query.restrictions]
        if free:
            counts.update(self._counts(self._main, free))
        for name in query.facets:
            if name in query.restrictions:
                own = self._compiler.whole(query, pages.without(query, name))
                counts.update(self._counts(own, [name]))
        return {name: counts[name] for name in query.facets}

    def _counts(self, query: Any, names: list[str]) -> dict[str, list[tuple[str, int]]]:
        size = self._query.facet_size
        # Where the cut goes through equal counts, all of these have to be seen to cut by value.
        enough = size * 8
        counts = self._buckets(query, names, enough)
        for name, found in counts.items():
            if len(found) == enough and found[size - 1][1] == found[-1][1]:
                counts[name] = self._buckets(query, [name], _EVERY)[name]
        return {name: pages.ranked(dict(found), size) for name, found in counts.items()}

    def _buckets(self, query: Any, names: list[str], size: int) -> dict[str, list[tuple[str, int]]]:
        asked = {
            name: {"terms": {"field": name, "size": size, "segment_size": _EVERY}} for name in names
        }
        answer = self._state.searcher.aggregate(query, asked)
        return {
            name: [(one["key"], one["doc_count"]) for one in answer[name]["buckets"]]
            for name in names
        }


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    for one in fields.TEXT_FIELDS:
        builder.add_text_field(one.name, tokenizer_name="words")
    for one in fields.KEYWORD_FIELDS:
        fast = one.name in _FAST
        builder.add_text_field(one.name, fast=fast, tokenizer_name="raw", index_option="basic")
    for one in fields.INTERVAL_FIELDS:
        builder.add_text_field(one.name, tokenizer_name="raw", index_option="basic")
    for one in fields.NUMBER_FIELDS:
        builder.add_float_field(one.name, fast=True)
    builder.add_text_field(NAME, fast=True, tokenizer_name="raw", index_option="basic")
    for column in (START, RELEASED):
        builder.add_float_field(column, fast=True)
    builder.add_text_field(HIDDEN, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field(_SHOWN, stored=True)
    return builder.build()


_SHOWN = "shown"
_SCHEMA = _schema()


def _with_words(index: Any) -> Any:
    """The index, told how to split text; the rest of `words.tokens` is done beforehand."""
    analyzer = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    analyzer = analyzer.filter(tantivy.Filter.remove_long(words.LONGEST))
    index.register_tokenizer("words", analyzer.filter(tantivy.Filter.lowercase()).build())
    return index


def _document(document: Document) -> Any:
    """tantivy's document. Raises ValueError or TypeError for values that do not fit the table."""
    key = _key(document)
    if not key:
        raise ValueError("it has no key")
    values: dict[str, Any] = {_SHOWN: [json.dumps(fields.shown(document)).encode()]}
    for one in fields.TEXT_FIELDS:
        text = document.get(one.name)
        if text:
            listed: Any = [text] if isinstance(text, str) else text
            values[one.name] = [t if t.isascii() else words.folded(t) for t in listed]
    for one in fields.KEYWORD_FIELDS:
        value = document.get(one.name)
        if value:
            values[one.name] = [value] if isinstance(value, str) else value
    for one in fields.NUMBER_FIELDS:
        number = document.get(one.name)
        if number is not None:
            values[one.name] = [number]
    for one in fields.INTERVAL_FIELDS:
        pairs: Any = document.get(one.name)
        if pairs:
            values[one.name] = [interval_term(low, high) for low, high in pairs]
    values[KEY] = [in_order(key)]
    values[NAME] = [in_order(str(pages.order("name", document)))]
    values[START] = [pages.order("start", document)]
    values[RELEASED] = [pages.order("released", document)]
    if document.get("status", _ACTIVE) != _ACTIVE:
        values[HIDDEN] = [INACTIVE]
    return tantivy.Document.from_dict(values, _SCHEMA)


_ACTIVE = ["active"]


def _marker_document(marker: Marker) -> Any:
    told = json.dumps({"marker": list(marker)}).encode()
    return tantivy.Document.from_dict({HIDDEN: [MARKER], _SHOWN: [told]}, _SCHEMA)


def _made(documents: Iterable[Document]) -> tuple[dict[str, Any], Refused]:
    made: dict[str, Any] = {}
    refused: Refused = []
    for document in documents:
        try:
            made[_key(document)] = _document(document)
        except (ValueError, TypeError, AttributeError) as error:
            refused.append((_key(document), _reason(error)))
    return made, refused


def _key(document: Document) -> str:
    key = document.get("key", "")
    return key if isinstance(key, str) else ""


def _reason(error: Exception) -> str:
    return f"a value does not fit the index: {error}"


def _opened_to_write(place: Path) -> Any:
    try:
        return _with_words(tantivy.Index(_SCHEMA, str(place)))
    except (ValueError, OSError) as error:
        raise SearchUnavailable(
            f"the search index in {place} was made by another version or is damaged ({error});"
            " `parhelion reindex search` builds it anew"
        ) from error


def _write(index: Any, made: dict[str, Any], old: Iterable[str], marker: Marker) -> str:
    """Replaces documents in one commit; gives what went wrong, in which case nothing is in."""
    try:
        writer = index.writer(_APPLY_HEAP, 1)
        for key in old:
            writer.delete_documents_by_term(KEY, in_order(key))
        for one in made.values():
            writer.add_document(one)
        writer.delete_documents_by_term(HIDDEN, MARKER)
        writer.add_document(_marker_document(marker))
        writer.commit()
        writer.wait_merging_threads()
    except (ValueError, OSError) as error:
        return str(error) or type(error).__name__
    return ""


def _fill(place: Path, documents: Iterable[Document], marker: Marker, refused: Refused) -> None:
    """Writes a new index in one commit, and adds to `refused` what it does not take."""
    writer = _with_words(tantivy.Index(_SCHEMA, str(place))).writer(_BUILD_HEAP, 1)
    try:
        for document in documents:
            try:
                made = _document(document)
            except (ValueError, TypeError, AttributeError) as error:
                refused.append((_key(document), _reason(error)))
            else:
                writer.add_document(made)
        writer.add_document(_marker_document(marker))
        writer.commit()
    finally:
        # Also after a fault: until its threads have ended they write into the place.
        writer.wait_merging_threads()


def _accepts(documents: list[Any]) -> bool:
    """Whether tantivy takes these documents, tried in memory."""
    made = {str(number): one for number, one in enumerate(documents)}
    return not _write(_with_words(tantivy.Index(_SCHEMA)), made, (), (0, ""))


def _shown(searcher: Any, address: Any) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(bytes(searcher.doc(address).get_first(_SHOWN)))
    return held
