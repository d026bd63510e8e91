"""OAI-PMH going out: `python -m benchmarks.oai` and `python -m benchmarks.oai rounds 2000`.

Whole harvests of both repositories in every format, in one process and without HTTP: records a
second and CPU a record, of the first harvest and of every later one (pages that were written
before are kept), beside the server of the `oaipmh` package over the same records in memory, its
metadata made beforehand. Then the first and the last page, at ten times the records too; and the
verdict on every VOResource record that is made from SPASE.

`rounds`: harvests by three clients while others write, as many as asked for.
"""

from __future__ import annotations

import argparse
import copy
import html
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree
from oaipmh import common, metadata, server

from mappings.to_voresource import KINDS
from registry.ingest.ingest import Ingest
from registry.oai.formats import formats
from registry.oai.own_records import own_records
from registry.oai.pages import Pages
from registry.oai.publishing import PublishedRecords, publishing_formats
from registry.oai.repository import Repository
from registry.settings import IvoaSettings, OaiSettings, Settings
from registry.store.reading import Reader
from registry.store.store import Store
from registry.validation.voresource import judge_element
from schemas.documents import element
from tests.oai.clients import CLIENTS
from tests.oai.rounds import rounds
from tests.shared import SHARED

BASE = "https://registry.example.org"
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


def repositories(store: Store, settings: Settings, limit: int) -> dict[str, Repository]:
    def page(identifier: str) -> str:
        return f"{BASE}/records/{identifier.replace(' ', '%20')}"

    own, pages = own_records(store, settings), Pages(limit)
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


class InMemory:
    """The records of a walk as the `oaipmh` package's server takes them, nothing left to make."""

    def __init__(self, repository: Repository, verb: str, prefix: str, size: int) -> None:
        self._records: list[tuple[Any, Any, None]] = []
        walk(self._taken(asking(repository), prefix), "ListRecords", prefix)
        writers = metadata.MetadataRegistry()
        writers.registerWriter("oai_dc", server.oai_dc_writer)
        for other in ("spase", "ivo_vor"):
            writers.registerWriter(other, lambda at, found: at.append(copy.deepcopy(found)))
        self.server = server.BatchingServer(
            self, metadata_registry=writers, resumption_batch_size=size
        )

    def _taken(
        self, ask: Callable[[dict[str, str]], bytes], prefix: str
    ) -> Callable[[dict[str, str]], bytes]:
        def taken(given: dict[str, str]) -> bytes:
            content = ask(given)
            for one in etree.fromstring(content).iterfind("{*}ListRecords/{*}record"):
                self._records.append(_as_taken(one, prefix))
            return content

        return taken

    def identify(self) -> Any:
        return common.Identify(
            "x", f"{BASE}/oai", "2.0", ["a@example.org"], datetime(2000, 1, 1), "persistent",
            "YYYY-MM-DDThh:mm:ssZ", ["identity"],
        )  # fmt: skip

    def listRecords(self, cursor: int = 0, batch_size: int = 10, **_: Any) -> list[Any]:
        return self._records[cursor : cursor + batch_size]

    def listIdentifiers(self, cursor: int = 0, batch_size: int = 10, **_: Any) -> list[Any]:
        return [one[0] for one in self._records[cursor : cursor + batch_size]]


def _as_taken(record: Any, prefix: str) -> tuple[Any, Any, None]:
    head = record.find("{*}header")
    stamp = datetime.strptime(head.findtext("{*}datestamp"), "%Y-%m-%dT%H:%M:%SZ")
    sets = [one.text for one in head.iterfind("{*}setSpec")]
    header = common.Header(
        None, head.findtext("{*}identifier"), stamp, sets, head.get("status") == "deleted"
    )
    payload = record.find("{*}metadata/*")
    if payload is None or prefix != "oai_dc":
        alone = None if payload is None else etree.fromstring(etree.tostring(payload))
        return header, alone, None
    said: dict[str, list[str]] = {}
    for one in payload:
        said.setdefault(etree.QName(one).localname, []).append(one.text or "")
    return header, common.Metadata(None, said), None


def harvests(store: Store, settings: Settings) -> bool:
    """Prints a line a walk; says whether every one reaches the target."""
    served = repositories(store, settings, settings.oai.pages_bytes)
    print(f"{'CPU µs a record':44}{'first':>8}{'later':>8}{'oaipmh':>8}{'times':>7}  records/s")
    reached = True
    for path, verb, prefix in WALKS:
        ask = asking(served[path])
        first, later = walk(ask, verb, prefix), walk(ask, verb, prefix)
        apart = repositories(store, settings, 0)[path]
        other = InMemory(apart, verb, prefix, settings.oai.page_size)
        theirs = walk(other.server.handleRequest, verb, prefix)
        assert theirs.records == first.records == later.records
        times = theirs.each / later.each
        # One page is mostly the request, and not the records.
        reached = reached and (times >= TARGET or len(later.pages) == 1)
        name = f"{path} {verb} {prefix} ({first.records:,})"
        print(
            f"{name:44}{first.each:8.0f}{later.each:8.1f}{theirs.each:8.0f}{times:6.1f}×"
            f"  {1e6 / later.each:9,.0f}"
        )
    return reached


def page_costs(folder: Path, settings: Settings) -> None:
    """First and last whole page of headers, nothing kept, at these records and ten times as many.

    What the records themselves cost is the same on every page, and depends on which they are.
    """
    print(f"\n{'CPU ms a page of 500, nothing kept':44}{'first':>8}{'last':>8}")
    for times in (1, 10):
        where = folder if times == 1 else multiplied(folder, times)
        store = Store(where)
        served = repositories(store, settings, 0)
        for path, verb, prefix in (WALKS[0], WALKS[4]):
            pages = walk(asking(served[path]), verb, prefix).pages
            name = f"{times} × {path} {verb} {prefix} ({len(pages)} pages)"
            # The very first page counts the whole list, for completeListSize.
            print(f"{name:44}{pages[0] * 1e3:8.1f}{pages[-2] * 1e3:8.1f}")
        store.close()


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
    write = repositories(store, settings, 0)["/oai/ivoa"].formats["ivo_vor"].write
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


def _loaded(folder: Path) -> tuple[Store, Settings]:
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
        store, settings = _loaded(Path(made))
        reached = harvests(store, settings)
        valid = verdicts(store, settings)
        store.close()
        page_costs(Path(made), settings)
    print("" if reached else f"\nNot every harvest is {TARGET:g} times as fast.", end="")
    return 0 if reached and valid else 1


if __name__ == "__main__":
    sys.exit(main())
