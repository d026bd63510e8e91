"""The spool of a first build: search fields and triples made where the document was parsed.

Each worker appends to two files of its own, pickled search fields and N-Triples. Usable only when
every record came once: which of two contents is current only the store knows.
"""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from mappings.to_rdf import to_rdf
from mappings.to_search import own_fields
from registry.model import Record

SpooledFields = tuple[str, dict[str, Any], list[tuple[str, str]]]
"""Key, fields without neighbours, references."""


class SpoolWriter:
    """One worker's side."""

    def __init__(self, folder: Path, public_url: str) -> None:
        self._folder = folder
        # Opened with the first record: a run that is interrupted may have removed the folder
        # before its workers have begun.
        self._files: tuple[BinaryIO, BinaryIO] | None = None
        self._public_url = public_url
        self._keys: list[str] = []

    def add(self, key: str, record: Record, references: list[tuple[str, str]]) -> None:
        """Keeps what followers will need of a record."""
        try:
            fields: SpooledFields = (key, own_fields(record), references)
            lines = to_rdf(record, {}, self._public_url)
        except Exception:  # noqa: BLE001
            # A fault of ours: the spool then lacks a record and is not used, and the followers,
            # which build from the store, name it.
            return
        if self._files is None:
            name = self._folder / str(os.getpid())
            self._files = name.with_suffix(".search").open("ab"), name.with_suffix(".nt").open("ab")
        search, triples = self._files
        pickle.dump(fields, search, protocol=5)
        triples.write(("\n".join(lines) + "\n").encode())
        self._keys.append(key)

    def flush(self) -> list[str]:
        """The keys added since last time; what was written of them can be read."""
        for file in self._files or ():
            file.flush()
        keys, self._keys = self._keys, []
        return keys


class Spool:
    """The reader's side: all that the workers of one run wrote into a new folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        self._keys: set[str] = set()
        self._count = 0

    def add(self, keys: list[str]) -> None:
        self._keys.update(keys)
        self._count += len(keys)

    def holds_exactly(self, number_of_records: int) -> bool:
        """Whether every record came once, and they are as many as the store has now."""
        return self._count == len(self._keys) == number_of_records

    def search_fields(self) -> Iterator[SpooledFields]:
        """The search fields of every record, without what needs its neighbours."""
        for path in sorted(self.folder.glob("*.search")):
            with path.open("rb") as file:
                while file.peek(1):
                    yield pickle.load(file)  # noqa: S301 written by our own workers, mode 0700

    def triple_files(self) -> list[Path]:
        """N-Triples files with the triples of every record."""
        return sorted(self.folder.glob("*.nt"))

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
