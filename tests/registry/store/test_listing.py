"""The indices that lists go by, in a store that was made before there were any."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from registry.store.store import Store

OF_LISTS = {
    "record_datestamp_change",
    "record_format_change",
    "record_kind_change",
    "record_authority_change",
}


def indices(folder: Path) -> set[str]:
    with sqlite3.connect(folder / "store.sqlite") as raw:
        found = {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type='index'")}
    raw.close()
    return found


def test_a_store_of_the_first_form_gets_them(tmp_path: Path) -> None:
    Store(tmp_path).close()
    assert indices(tmp_path) >= OF_LISTS
    with sqlite3.connect(tmp_path / "store.sqlite") as raw:
        for name in OF_LISTS:
            raw.execute(f"DROP INDEX {name}")
        raw.execute("CREATE INDEX record_datestamp ON record (datestamp)")
        raw.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    raw.close()
    Store(tmp_path).close()
    assert indices(tmp_path) >= OF_LISTS
    assert "record_datestamp" not in indices(tmp_path)
