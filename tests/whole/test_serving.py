"""Commands beside a running server: what goes in is found, and only one process follows."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
from pathlib import Path

from tests.whole.corpus import EXAMPLES, dataset, spase
from tests.whole.killing import last_change
from tests.whole.running import Installation, wait_until
from tests.whole.serving import served

PERSON = "spase://MADE/Person/A"


def held(data: Path) -> bool:
    """Whether some process holds the followers' lock."""
    with (data / "followers.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_ingest_beside_a_server(installation: Installation, tmp_path: Path) -> None:
    with served(installation) as server:
        assert held(installation.data)
        first = installation.run("ingest", str(EXAMPLES))
        assert first.status == 0, first.said
        assert "The running server brings search and graph up to date." in first.out
        number = last_change(installation.data)
        wait_until(lambda: server.total("magnetic field") > 0, server.process)
        (tmp_path / "a.xml").write_bytes(dataset("spase://MADE/Data/Q", "Quetzalcoatlus"))
        assert installation.run("ingest", "--json", str(tmp_path / "a.xml")).json["new"] == 1
        assert last_change(installation.data) > number
        wait_until(lambda: server.total("quetzalcoatlus") == 1, server.process)
        query = "SELECT ?p { <spase://MADE/Data/Q> ?p ?o }"
        wait_until(lambda: server.rows(query), server.process)
        state = installation.run("status", "--json").json
        assert {name: one["lag"] for name, one in state["followers"].items()} == {
            "search": 0, "graph": 0,
        }  # fmt: skip
        checked = installation.run("check", "--json")
        assert checked.status == 0, checked.said
        status, _, err = server.end()
        assert status == 0
        assert "Traceback" not in err
    assert not installation.left_over()
    assert not held(installation.data)


def test_reindex_beside_a_server_and_without(installation: Installation) -> None:
    assert installation.run("ingest", str(EXAMPLES)).status == 0
    places = {name: _place(installation, name) for name in ("search", "graph")}
    with served(installation) as server:
        ended = installation.run("reindex", "search")
        assert (ended.status, ended.out) == (0, "Built anew: search.\n"), ended.said
        assert _place(installation, "search") != places["search"]
        assert _place(installation, "graph") == places["graph"]
        assert server.total("magnetic field") > 0
        assert installation.run("reindex", "graph").status == 0
        assert _place(installation, "graph") != places["graph"]
        assert server.rows("SELECT ?s { ?s ?p ?o } LIMIT 1")
        assert installation.run("check").status == 0
    assert not installation.left_over()
    places = {name: _place(installation, name) for name in ("search", "graph")}
    assert installation.run("reindex").out == "Built anew: search, graph.\n"
    assert all(_place(installation, name) != place for name, place in places.items())
    assert installation.run("check").status == 0


def _place(installation: Installation, name: str) -> str:
    return (installation.data / name / "current").read_text()


def test_second_server_does_not_follow(installation: Installation, tmp_path: Path) -> None:
    """It answers from the same engines, and takes over when the first one is gone."""
    (tmp_path / "a.xml").write_bytes(spase(PERSON, name="Quetzalcoatlus"))
    with served(installation) as first, served(installation) as second:
        holder = (installation.data / "followers.lock").read_text()
        assert holder == f"{first.process.pid} lasting"
        assert installation.run("ingest", str(tmp_path / "a.xml")).status == 0
        wait_until(lambda: first.total("quetzalcoatlus") == 1, first.process)
        assert second.total("quetzalcoatlus") == 1
        wait_until(lambda: second.rows(f"SELECT ?p {{ <{PERSON}> ?p ?o }}"), second.process)
        installation.kill(first.process)
        wait_until(lambda: _holds(installation, second.process.pid), second.process)
        (tmp_path / "a.xml").write_bytes(spase(PERSON, name="Rhamphorhynchus"))
        assert installation.run("ingest", str(tmp_path / "a.xml")).status == 0
        wait_until(lambda: second.total("rhamphorhynchus") == 1, second.process)
        wait_until(lambda: second.rows(f"SELECT ?p {{ <{PERSON}> ?p ?o }}"), second.process)
    assert not installation.left_over()


def _holds(installation: Installation, pid: int) -> bool:
    return (installation.data / "followers.lock").read_text() == f"{pid} lasting"


def test_ingests_side_by_side(installation: Installation, tmp_path: Path) -> None:
    """Whoever comes last to the lock applies what both brought."""
    number, each = 4, 60
    for one in range(number):
        folder = tmp_path / str(one)
        folder.mkdir()
        for count in range(each):
            name = f"spase://MADE/Person/{one}.{count}"
            (folder / f"{count}.xml").write_bytes(spase(name, name="Quetzalcoatlus"))
    running = [
        installation.start("ingest", "--json", str(tmp_path / str(n))) for n in range(number)
    ]
    for process in running:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (0, "")
        assert json.loads(out)["new"] == each
    state = installation.run("status", "--json").json
    assert state["records"]["total"] == number * each
    assert [one["lag"] for one in state["followers"].values()] == [0, 0]
    assert installation.run("check").status == 0
    assert not installation.left_over()


def test_killed_engine_of_a_server_comes_back(installation: Installation) -> None:
    assert installation.run("ingest", str(EXAMPLES)).status == 0
    with served(installation) as server:
        query = "SELECT ?s { ?s ?p ?o } LIMIT 1"
        assert server.rows(query)
        before = server.child()
        os.kill(before, signal.SIGKILL)
        # Another query: what was asked before is answered without the engine.
        another = "SELECT ?p { ?s ?p ?o } LIMIT 1"
        wait_until(lambda: server.rows(another), server.process)
        assert server.child() != before
        assert server.get("/healthz")[0] == 200
        assert installation.run("check").status == 0


def test_killed_server_leaves_nothing(installation: Installation) -> None:
    with served(installation) as server:
        assert server.child()
        installation.kill(server.process)
    assert not installation.left_over()
    assert not held(installation.data)
    assert installation.run("ingest", str(EXAMPLES)).status == 0
    assert installation.run("check").status == 0


def test_port_taken(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = installation.run("serve", "--port", str(port))
    assert ended.status == 2
    assert ended.err == (
        f"Error: Another program listens on 127.0.0.1:{port} already. End it, or name another "
        "port with --port (or PARHELION_SERVER__PORT).\n"
    )
    assert not installation.left_over()
