"""OAI-PMH going out: `python -m benchmarks.oai` and `python -m benchmarks.oai rounds 2000`.

Whole harvests of both repositories in every format, in one process and without HTTP: records a
second and CPU a record, beside the server of the `oaipmh` package over the same records in memory,
its metadata made beforehand. `make bench` has that too. Then the first and the last page, at ten
times the records too; and the verdict on every VOResource record that is made from SPASE.

`rounds`: harvests by three clients while others write, as many as asked for.
"""

from __future__ import annotations

import argparse
import html
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from benchmarks.oaipmh_server import BASE, InMemory
from mappings.to_voresource import KINDS
from registry.ingest.ingest import Ingest
from registry.oai.fingerprint import fingerprint_of_pages
from registry.oai.formats import formats
from registry.oai.own_records import own_records
from registry.oai.pages import PageFiles, Pages
from registry.oai.publishing import PublishedRecords, publishing_formats
from registry.oai.repository import Repository
from registry.oai.tokens import Progress
from registry.settings import IvoaSettings, OaiSettings, Settings
from registry.store import listing
from registry.store.changes import MAPPING
from registry.store.reading import Reader
from registry.store.store import Store
from registry.validation.voresource import judge_element
from schemas.documents import element
from tests.oai.clients import CLIENTS
from tests.oai.rounds import rounds
from tests.shared import SHARED

TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)<")
WALKS = (
    ("/oai", "ListIdentifiers", "oai_dc"),
    ("/oai", "ListRecords", "oai_dc"),
    ("/oai", "ListRecords", "spase"),
    ("/oai", "ListRecords", "ivo_vor"),
    ("/oai/ivoa", "ListIdentifiers", "ivo_vor"),
    ("/oai/ivoa", "ListRecords", "ivo_vor"),
    ("/oai/ivoa", "ListRecords", "oai_dc"),
)
TARGET = 5.0
KINDS_OF_HARVEST = ("written", "restart", "changed", "kept")
Asked = tuple[str, str, str]


@dataclass
class Walk:
    """What a whole harvest cost: CPU seconds of all pages, and of each."""

    records: int = 0
    size: int = 0
    pages: list[float] = field(default_factory=list)

    @property
    def each(self) -> float:
        """CPU microseconds a record."""
        return sum(self.pages) / max(self.records, 1) * 1e6


def walk(ask: Callable[[dict[str, str]], bytes], verb: str, prefix: str) -> Walk:
    found, given = Walk(), {"verb": verb, "metadataPrefix": prefix}
    while True:
        began = time.process_time()
        content = ask(dict(given))
        found.pages.append(time.process_time() - began)
        found.records += content.count(b"<header")
        found.size += len(content)
        token = TOKEN.search(content)
        if not token:
            return found
        given = {"verb": verb, "resumptionToken": html.unescape(token[1].decode())}


def pages_of(ask: Callable[[dict[str, str]], bytes], prefix: str) -> Iterator[bytes]:
    """The answers to ListRecords, page by page."""
    given = {"verb": "ListRecords", "metadataPrefix": prefix}
    while True:
        content = ask(given)
        yield content
        token = TOKEN.search(content)
        if not token:
            return
        given = {"verb": "ListRecords", "resumptionToken": html.unescape(token[1].decode())}


def repositories(store: Store, settings: Settings) -> dict[str, Repository]:
    """Both repositories as a new process has them."""

    def page(identifier: str) -> str:
        return f"{BASE}/records/{identifier.replace(' ', '%20')}"

    files = None
    if settings.oai.pages_bytes:
        fingerprint = fingerprint_of_pages(settings)
        files = PageFiles(store.folder, settings.oai.pages_disk_bytes, fingerprint)
    own, pages = own_records(store, settings), Pages(settings.oai.pages_bytes, files)
    return {
        "/oai": Repository(store, settings.oai, f"{BASE}/oai", formats(page), pages=pages),
        "/oai/ivoa": Repository(
            store,
            settings.oai,
            f"{BASE}/oai/ivoa",
            publishing_formats(settings, own, page),
            PublishedRecords(settings, own),
            pages,
        ),
    }


def asking(repository: Repository) -> Callable[[dict[str, str]], bytes]:
    return lambda given: repository.answer(given.items()).plain()


def harvests(store: Store, settings: Settings) -> dict[str, dict[str, float]]:
    """What a record costs in each walk, in CPU microseconds, by the walk's name.

    `written`: nothing was written before. `restart`: the first harvest of a new process, from the
    pages in the data folder. `kept`: every later one. `changed`: the first after one record in a
    thousand has changed. `oaipmh`: the package's server.
    """
    served = repositories(store, settings)
    costs = _each("written", served) | _each("kept", served)
    costs |= _each("restart", repositories(store, settings))
    with store.writing() as writer:
        ids = [one.id for some in writer.all_records() for one in some]
        writer.touch(random.Random(1).sample(ids, len(ids) // 1000), MAPPING)
    costs |= _each("changed", served)
    found: dict[str, dict[str, float]] = {}
    for one in WALKS:
        path, verb, prefix = one
        other = InMemory(pages_of(asking(served[path]), prefix), prefix, settings.oai.page_size)
        theirs = least(other.server.handleRequest, verb, prefix)
        assert {theirs.records} == {costs[kind, one].records for kind in KINDS_OF_HARVEST}
        name = f"{path} {verb} {prefix} ({theirs.records:,})"
        found[name] = {kind: costs[kind, one].each for kind in KINDS_OF_HARVEST}
        found[name]["oaipmh"] = theirs.each
    return found


def _each(kind: str, served: dict[str, Repository]) -> dict[tuple[str, Asked], Walk]:
    """Every walk once, or as often as can be where that changes nothing."""
    once = least if kind == "kept" else walk
    return {(kind, one): once(asking(served[one[0]]), one[1], one[2]) for one in WALKS}


def least(ask: Callable[[dict[str, str]], bytes], verb: str, prefix: str) -> Walk:
    """The cheaper of two walks: on a busy machine both cost more than they should."""
    return min((walk(ask, verb, prefix) for _ in range(2)), key=lambda one: one.each)


def show(found: dict[str, dict[str, float]]) -> None:
    """The figures as a person reads them."""
    print(f"{'harvests out, CPU µs a record':42}", end="")
    print(
        *(f"{kind:>9}" for kind in (*KINDS_OF_HARVEST, "oaipmh")), "  records/s  oaipmh to", sep=""
    )
    for name, costs in found.items():
        print(f"{name:42}", *(f"{value:9.1f}" for value in costs.values()), sep="", end="")
        print(f"{1e6 / costs['restart']:11,.0f}  ", end="")
        print(*(f"{kind} {value:.1f}×" for kind, value in times(costs).items()), sep=", ")


def times(costs: dict[str, float]) -> dict[str, float]:
    """How many times as much the package's server costs."""
    return {kind: costs["oaipmh"] / costs[kind] for kind in KINDS_OF_HARVEST if kind != "written"}


def page_costs(folder: Path, settings: Settings) -> None:
    """First and last whole page of headers, nothing kept, at these records and ten times as many.

    What the records themselves cost is the same on every page, and depends on which they are.
    """
    settings = settings.model_copy(
        update={"oai": settings.oai.model_copy(update={"pages_bytes": 0})}
    )
    print(f"\n{'CPU ms a page of 500, nothing kept':44}{'first':>8}{'last':>8}")
    for many in (1, 10):
        where = folder if many == 1 else multiplied(folder, many)
        store = Store(where)
        served = repositories(store, settings)
        for path, verb, prefix in (WALKS[0], WALKS[4]):
            repository = served[path]
            # The very first page counts the whole list, for completeListSize.
            first = _cost(repository, {"verb": verb, "metadataPrefix": prefix})
            last = _cost(
                repository, {"verb": verb, "resumptionToken": last_token(repository, verb, prefix)}
            )
            print(f"{f'{many} × {path} {verb} {prefix}':44}{first:8.1f}{last:8.1f}")
        store.close()


def _cost(repository: Repository, given: dict[str, str]) -> float:
    """The least of three, in CPU milliseconds."""
    costs = []
    for _ in range(3):
        began = time.process_time()
        asking(repository)(given)
        costs.append(time.process_time() - began)
    return min(costs) * 1e3


def last_token(repository: Repository, verb: str, prefix: str) -> str:
    """The token that leads to the last whole page of a list."""
    selections = repository.formats[prefix].narrowed(repository.items.selections(""))
    size = repository.settings.page_size
    with repository.store.reading() as reader:
        upper = reader.last_change()
        held = sorted(listing.numbers(reader, selections, 0, upper))
        progress = Progress(
            verb, prefix, "", None, held[-size - 1], upper, len(held) - size, len(held), 2**33
        )
        return repository.tokens(reader).written(progress)


def multiplied(folder: Path, times: int) -> Path:
    """The same store with every record so many times, under other identifiers."""
    where = folder / f"times-{times}"
    where.mkdir()
    shutil.copy(folder / "store.sqlite", where)
    database = sqlite3.connect(where / "store.sqlite")
    columns = [row[1] for row in database.execute("PRAGMA table_info(record)")]
    number, changes = database.execute(
        "SELECT max(id), (SELECT max(number) FROM change) FROM record"
    ).fetchone()
    names = ", ".join(f'"{name}"' for name in columns)
    for one in range(1, times):
        made = {
            "id": f"id + {one * number}",
            "key": f"key || '/copy-{one}'",
            "identifier": f"identifier || '/copy-{one}'",
            "change_number": f"change_number + {one * changes}",
        }
        values = ", ".join(made.get(name, f'"{name}"') for name in columns)
        database.execute(
            f"INSERT INTO record ({names}) SELECT {values} FROM record WHERE id <= {number}"
        )
    database.execute(
        "INSERT INTO change (number, record_id, reason, at) SELECT change_number, id, 'own', "
        "datestamp FROM record WHERE change_number > (SELECT max(number) FROM change)"
    )
    database.commit()
    database.close()
    return where


def verdicts(store: Store, settings: Settings) -> bool:
    """Judges every VOResource record made from SPASE, by our tables and by the published XSDs."""
    published = None
    if SHARED is not None:
        published = etree.XMLSchema(etree.parse(SHARED / "ivoa" / "xsd" / "driver-current.xsd"))
    write = repositories(store, settings)["/oai/ivoa"].formats["ivo_vor"].write
    ours: Counter[str] = Counter()
    theirs: Counter[bool] = Counter()
    with store.reading() as reader:
        for text in _made_of_spase(reader, write):
            root = element(text.encode())
            ours[judge_element(root).verdict] += 1
            if published is not None:
                theirs[published.validate(root)] += 1
    print(f"\nVOResource made from SPASE: {dict(ours)}; by the published schemas: {dict(theirs)}")
    return set(ours) <= {"valid"} and set(theirs) <= {True}


def _made_of_spase(reader: Reader, write: Callable[..., list[str]]) -> Iterator[str]:
    for batch in reader.all_records():
        yield from write(
            reader, [one for one in batch if one.format == "spase" and one.kind in KINDS]
        )


def loaded(folder: Path) -> tuple[Store, Settings]:
    settings = Settings(
        data=folder,
        public_url=BASE,
        oai=OaiSettings(admin_email="registry@example.org"),
        ivoa=IvoaSettings(authority="registry.example"),
    )
    store = Store(folder)
    with store.reading() as reader:
        empty = not reader.last_change()
    if empty:
        if SHARED is None:
            sys.exit("The shared records are missing: set PARHELION_SHARED.")
        named = [*sorted((SHARED / "spase").glob("*.zip")), SHARED / "ivoa" / "records"]
        Ingest(store, settings).run([str(one) for one in named])
    return store, settings


def many_rounds(number: int, seed: int) -> None:
    """Each client in turn, a fresh registry for every 50 rounds."""
    for start in range(0, number, 50):
        name = list(CLIENTS)[start // 50 % len(CLIENTS)]
        with tempfile.TemporaryDirectory(prefix="oai-") as folder:
            writer = rounds(Path(folder), CLIENTS[name], seed + start, 50)
        print(f"rounds {start + 1} to {start + 50}: {name}, {writer.writes} writes, nothing lost")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("what", nargs="?", choices=("harvests", "rounds"), default="harvests")
    options.add_argument("number", nargs="?", type=int, default=2000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--data", type=Path, help="a data folder that is loaded already")
    given = options.parse_args()
    if given.what == "rounds":
        many_rounds(given.number, given.seed)
        return 0
    with tempfile.TemporaryDirectory(prefix="oai-") as made:
        if given.data:
            shutil.copy(given.data / "store.sqlite", made)
        store, settings = loaded(Path(made))
        found = harvests(store, settings)
        show(found)
        valid = verdicts(store, settings)
        store.close()
        page_costs(Path(made), settings)
    late = [name for name, costs in found.items() if min(times(costs).values()) < TARGET]
    print(f"\nNot {TARGET:g} times as fast each time: {'; '.join(late)}." if late else "")
    return 0 if valid and not late else 1


if __name__ == "__main__":
    sys.exit(main())
