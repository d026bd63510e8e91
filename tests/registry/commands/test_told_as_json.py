"""What `ingest`, `status` and `check` tell as JSON, and with which status they end."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from registry.engines import opened
from registry.settings import read_settings
from tests.whole.corpus import EXAMPLES, dataset, spase
from tests.whole.running import Installation

A, B = "spase://MADE/Data/A", "spase://MADE/Person/B"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The examples, an invalid record, one without a schema, and one that is refused."""
    folder = tmp_path_factory.mktemp("told")
    files = folder / "files"
    files.mkdir()
    (files / "a.xml").write_bytes(dataset(A, "Field"))
    (files / "b.xml").write_bytes(spase(B).replace(b"PersonName>", b"Nickname>"))
    (files / "c.xml").write_bytes(spase("spase://MADE/Person/C", version="2.7.2"))
    (files / "cut.xml").write_bytes(b"<Spase>")
    installation = Installation(folder / "data")
    ended = installation.run("ingest", "--json", str(EXAMPLES), str(files))
    assert (ended.status, ended.err) == (0, "")
    (folder / "told.json").write_text(ended.out)
    return installation


def test_ingest(installation: Installation) -> None:
    told = installation.run("ingest", "--json", str(EXAMPLES)).json
    assert list(told) == ["read", "new", "changed", "unchanged", "deleted", "valid", "invalid",
                          "no_schema", "quarantined", "seconds"]  # fmt: skip
    number = len(list(EXAMPLES.rglob("*.xml")))
    assert told["read"] == told["unchanged"] == number
    first = (installation.data.parent / "told.json").read_text()
    assert first.count("\n") == 1, "one object on one line"
    assert '"invalid": 1, "no_schema": 1, "quarantined": 1' in first


def test_ingest_for_people(installation: Installation) -> None:
    said = installation.run("ingest", str(EXAMPLES / "ivoa")).out
    number = len(list((EXAMPLES / "ivoa").rglob("*.xml")))
    assert said.startswith(f"{number} records read in ")
    assert f"0 new, 0 changed, {number} unchanged, 0 deleted." in said
    assert said.count("\n") == 2


def test_status(installation: Installation) -> None:
    state = installation.run("status", "--json").json
    records = state["records"]
    ivoa = len(list((EXAMPLES / "ivoa").rglob("*.xml")))
    spase_number = len(list((EXAMPLES / "spase").rglob("*.xml"))) + 3
    assert records["by_format"] == {"spase": spase_number, "voresource": ivoa}
    assert records["total"] == ivoa + spase_number
    assert records["by_verdict"] == {
        "valid": ivoa + spase_number - 2, "invalid": 1, "no-schema": 1,
    }  # fmt: skip
    assert sum(records["by_type"].values()) == records["total"]
    assert records["deleted"] == 0
    assert list(state["quarantine"].values()) == [1]
    (refused,) = state["quarantined"]
    assert refused["place"].endswith("/files/cut.xml")
    assert refused["source"] == "local"
    assert refused["message"]
    for name in ("search", "graph"):
        assert state["followers"][name] == {"applied": state["last_change"], "lag": 0}
    (local,) = state["sources"]
    assert (local["name"], local["kind"], local["held"]) == ("local", "local", records["total"])
    assert state["refused"] == []
    assert state["dois"] == {}


def test_check(installation: Installation, tmp_path: Path) -> None:
    ended = installation.run("check", "--json")
    assert ended.status == 0
    total = installation.run("status", "--json").json["records"]["total"]
    same = {"in_store": total, "held": total, "missing": [], "differing": [], "surplus": [],
            "refused": [], "clean": True}  # fmt: skip
    assert ended.json == {
        "clean": True,
        "followers": [{"follower": "search", **same}, {"follower": "graph", **same}],
    }


def test_check_names_what_differs(installation: Installation, tmp_path: Path) -> None:
    """A record more, one less, another content; exit status 1, until it is built anew."""
    gone, more = "spase://MADE/Person/Gone", "spase://MADE/Person/More"
    (tmp_path / "gone.xml").write_bytes(spase(gone))
    assert installation.run("ingest", str(tmp_path / "gone.xml")).status == 0
    (tmp_path / "more.xml").write_bytes(spase(more))
    (tmp_path / "a.xml").write_bytes(dataset(A, "Other", released="2030-01-01T00:00:00Z"))
    ended = installation.run(
        "ingest", "--no-follow", str(tmp_path / "more.xml"), str(tmp_path / "a.xml")
    )
    assert ended.status == 0
    with closing(sqlite3.connect(installation.data / "store.sqlite")) as connection, connection:
        connection.execute("UPDATE record SET deleted = 1 WHERE key = ?", (gone,))
    state = installation.run("status", "--json").json
    assert {one["lag"] for one in state["followers"].values()} == {2}
    ended = installation.run("check", "--json")
    assert ended.status == 1
    told: dict[str, Any] = ended.json
    assert told["clean"] is False
    for one in told["followers"]:
        assert (one["missing"], one["differing"], one["surplus"]) == ([more], [A], [gone]), one
    said = installation.run("check")
    assert said.status == 1
    assert f"  missing: {more}\n" in said.out
    assert f"  other content: {A}\n" in said.out
    assert f"  not in the store: {gone}\n" in said.out
    assert "`parhelion reindex graph` builds it anew." in said.out
    assert installation.run("reindex").status == 0
    assert installation.run("check").status == 0


def test_refused_records_are_named(installation: Installation) -> None:
    with opened(read_settings(installation.data)) as engines:
        with engines.store.writing() as writer:
            writer.note_refused("search", [(A, "a value does not fit the index")])
        follower = engines.following().search
        engines.index.apply([], [A], follower.mark(follower.applied()))
    state = installation.run("status", "--json").json
    assert state["refused"] == [
        {"follower": "search", "record": A, "reason": "a value does not fit the index"}
    ]
    told = installation.run("status").out
    assert f"Refused       {A} by search: a value does not fit the index\n" in told
    ended = installation.run("check", "--json")
    assert (ended.status, ended.json["clean"]) == (0, True), "what is refused is no difference"
    assert ended.json["followers"][0]["refused"] == [A]
    said = installation.run("check").out
    assert f"  refused by the engine, see `parhelion status`: {A}\n" in said
    assert installation.run("reindex", "search").status == 0
    assert installation.run("status", "--json").json["refused"] == []


def test_unknown_command_and_missing_paths(installation: Installation) -> None:
    for command in (("ingst",), ("ingest",), ("status", "--nothing")):
        ended = installation.run(*command)
        assert (ended.status, ended.out) == (2, "")
        assert "Error: " in ended.err
        assert "Traceback" not in ended.err
