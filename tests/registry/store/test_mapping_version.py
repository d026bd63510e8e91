"""A datestamp moves when the mapping's version does (docs/decisions.md, section 3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings import to_dublin_core
from registry.engines import note_mapping
from registry.settings import Settings
from registry.store.store import Store
from tests.registry.store.taken_documents import at, taken


def test_another_mapping_moves_every_datestamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    settings = Settings(data=tmp_path / "data")
    store = Store(tmp_path / "data", clock=lambda: now[0])
    note_mapping(store, settings)
    with store.writing() as writer:
        writer.take(1, [at("/x", taken("spase://A/X")), at("/y", taken("spase://A/Y"))])
        before = writer.last_change()
    now[0] = 2000.0
    note_mapping(store, settings)
    with store.reading() as reader:
        assert reader.last_change() == before
    monkeypatch.setattr(to_dublin_core, "VERSION", "another")
    note_mapping(store, settings)
    with store.reading() as reader:
        changed, _ = reader.changed(before)
        assert {kept.datestamp for kept in changed} == {2000}
        assert len(changed) == 2
