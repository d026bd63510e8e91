"""The floor: what the engines themselves need for the same work, each alone.

python -m benchmarks.floor parse ARCHIVES…       bare lxml parse + validate, as many processes
python -m benchmarks.floor sqlite FOLDER TARGET  the same compressed bytes into bare SQLite
python -m benchmarks.floor tantivy FOLDER TARGET the same field values into bare tantivy
python -m benchmarks.floor values FOLDER FILE    writes the field values for the above
python -m benchmarks.floor triples FOLDER FILE   writes the triples for `oxigraph load`
"""

from __future__ import annotations

import json
import os
import pickle
import re
import sqlite3
import sys
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lxml import etree

XSD = Path(__file__).parents[1].parent / "shared" / "spase" / "xsd"
_VERSION = re.compile(rb"<Version>\s*([\d.]+)\s*</Version>")
_schemas: dict[str, Any] = {}


def schema(version: str) -> Any:
    """The published schema of a version, compiled once a process; None where there is none."""
    if version not in _schemas:
        path = XSD / f"spase-{version}.xsd"
        _schemas[version] = etree.XMLSchema(etree.parse(path)) if path.exists() else None
    return _schemas[version]


def parse_share(archives: list[str], share: int, of: int) -> tuple[int, int]:
    """Parses and validates every `of`-th run of 100 members; (documents, valid)."""
    read = valid = 0
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    for path in archives:
        with zipfile.ZipFile(path) as archive:
            for number, name in enumerate(archive.namelist()):
                if number // 100 % of != share or not name.endswith(".xml"):
                    continue
                content = archive.read(name)
                root = etree.fromstring(content, parser)
                found = _VERSION.search(content)
                validator = schema(found[1].decode() if found else "")
                read += 1
                valid += bool(validator is not None and validator.validate(root))
    return read, valid


def parse(archives: list[str], processes: int = 2) -> None:
    with timed(), ProcessPoolExecutor(processes) as pool:
        shares = [pool.submit(parse_share, archives, n, processes) for n in range(processes)]
        read, valid = (sum(column) for column in zip(*(s.result() for s in shares), strict=True))
    print(f"{read} documents, {valid} valid", file=sys.stderr)


def bodies(folder: str) -> Iterator[tuple[int, bytes]]:
    with sqlite3.connect(f"file:{folder}/store.sqlite?mode=ro", uri=True) as connection:
        yield from connection.execute("SELECT id, body FROM revision")


def sqlite(folder: str, target: str) -> None:
    rows = list(bodies(folder))
    with timed(), sqlite3.connect(target) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE body (id INTEGER PRIMARY KEY, body BLOB)")
        connection.executemany("INSERT INTO body VALUES (?, ?)", rows)


def values(folder: str, file: str) -> None:
    """Field values and triples exactly as the followers make them, so that nothing else differs."""
    from registry.followers.described import every_described
    from registry.store.store import Store

    store = Store(Path(folder))
    with store.reading() as reader, open(file, "wb") as out:
        for item in every_described(reader):
            pickle.dump(item.document(), out, protocol=5)


def triples(folder: str, file: str) -> None:
    from registry.followers.described import every_described
    from registry.store.store import Store

    store = Store(Path(folder))
    with store.reading() as reader, open(file, "wb") as out:
        for item in every_described(reader):
            out.write(("\n".join(item.triples("")) + "\n").encode())


def tantivy(file: str, target: str) -> None:
    """Bare tantivy: the same schema, the values given to it one document after the other."""
    import tantivy as engine

    from registry.search import tantivy_index as ours

    with open(file, "rb") as source:
        documents = []
        while source.peek(1):
            documents.append(pickle.load(source))
    Path(target).mkdir()
    with timed():
        index = ours._with_words(engine.Index(ours._SCHEMA, target))
        writer = index.writer(ours._BUILD_HEAP, 1)
        for document in documents:
            writer.add_document(ours._document(document))
        writer.commit()
        writer.wait_merging_threads()


@contextmanager
def timed() -> Iterator[None]:
    """Prints the CPU seconds of what is inside, those of child processes too, as JSON."""
    before = os.times()
    yield
    after = os.times()
    print(json.dumps({"cpu": sum(after[:4]) - sum(before[:4])}))


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    if what == "parse":
        parse(arguments)
    else:
        {"sqlite": sqlite, "values": values, "triples": triples, "tantivy": tantivy}[what](
            *arguments
        )
