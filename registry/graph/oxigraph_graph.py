"""The graph on `oxigraph serve`: the supervised child, and readers in other processes.

The one process that holds the followers' lock opens `OxigraphGraph(folder)`; every other one
asks the same child with `attach(folder)`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from registry.graph import bulk, child, graph, sparql
from registry.graph.child import Child
from registry.graph.connections import Connections
from registry.graph.errors import GraphUnavailable
from registry.graph.graph import SparqlGraph
from registry.graph.sparql import Answer, Call, Endpoints
from registry.places import Places

_ATTACH_SECONDS = 5.0


class SupervisedService:
    """Carries calls out in a child that is ended when one of them takes too long.

    `address` gives (port, generation) of the child that answers; `restart` ends the one of a
    generation; `lost` is told that a connection to it broke.
    """

    def __init__(
        self,
        address: Callable[[], tuple[int, int]],
        restart: Callable[[int], None],
        lost: Callable[[int], None] = lambda generation: None,
    ) -> None:
        self._address = address
        self._restart = restart
        self._lost = lost
        self._again = threading.Lock()
        self._connections = Connections()

    def carry_out(self, call: Call, *, repeats: int = 0) -> Answer:
        """See `sparql.Service`. What was in flight when the child died is sent again.

        Repeated calls go one at a time: so the one that the child died of dies alone the second
        time, and no other call is lost twice for it.
        """
        try:
            return self._once(call)
        except sparql.Lost as error:
            lost = error
        for _ in range(repeats):
            with self._again:
                try:
                    return self._once(call)
                except sparql.Lost as error:
                    lost = error
        raise GraphUnavailable(
            f"The graph's engine ended before it had answered ({lost}): the query needs more "
            "memory than it may have, or the engine was stopped. Ask for less, or try again."
        )

    def _once(self, call: Call) -> Answer:
        port, generation = self._address()
        try:
            return sparql.carry_out(_endpoints(port), call, self._connections)
        except sparql.Overdue:
            self._restart(generation)
            raise sparql.overdue(call) from None
        except sparql.Lost:
            self._lost(generation)
            raise

    def close(self) -> None:
        """End the connections; the child belongs to whoever started it."""
        self._connections.close()


def _endpoints(port: int) -> Endpoints:
    root = f"http://127.0.0.1:{port}"
    return Endpoints(f"{root}/query", f"{root}/update", f"{root}/store")


class OxigraphGraph(SparqlGraph):
    """The graph in a folder, with its child. Only the followers' lock holder may open it.

    `seconds`, `answer_limit`, `parallel` and `kept` as in `SparqlGraph`; `memory` is the limit of
    the child's address space in bytes. Raises GraphUnavailable when the engine cannot start.
    """

    def __init__(
        self,
        folder: Path,
        *,
        seconds: float = 30.0,
        memory: int = child.MEMORY,
        answer_limit: int = sparql.ANSWER_LIMIT,
        parallel: int = 4,
        kept: int = 0,
    ) -> None:
        folder = folder.absolute()
        folder.mkdir(parents=True, exist_ok=True)
        self._places = Places(folder)
        self._child = Child(folder, memory=memory)
        super().__init__(
            SupervisedService(self._child.address, self._child.restart, self._child.lost),
            seconds=seconds,
            answer_limit=answer_limit,
            parallel=parallel,
            kept=kept,
        )
        bulk.remove_leftovers(folder)
        place = self._places.current()
        if place is None or not place.is_dir():
            place = self._places.fresh()
            self._places.switch(place)
        try:
            self._child.serve(place)
        except BaseException:
            self._child.close()
            raise
        self._places.sweep()

    def build(self, files: Iterable[Path], marker: tuple[int, str]) -> list[tuple[str, str]]:
        """See `Graph.build`: loaded in bulk into a fresh place, which is then switched in.

        The old place answers meanwhile. All files go into one run of `oxigraph load`, which
        reads them side by side; one file or several cost the same.
        """
        place = self._places.fresh()
        marks = self._places.folder / "marks.nq"
        marks.write_text(self._quads(marker), "utf-8")
        try:
            refused = bulk.load(place, [*files, marks])
        finally:
            marks.unlink(missing_ok=True)
        with self._answers.changing():
            self._places.switch(place)
            self._child.serve(place)
        self._stale = False
        self._places.sweep()
        return refused

    def _quads(self, marker: tuple[int, str]) -> str:
        """The marker, and the vocabularies in both their graphs, as N-Quads."""
        lines, fingerprint = self._vocabularies
        marks = graph.marks(*marker)
        if fingerprint:
            marks += graph.vocabulary_mark(fingerprint) + "\n"
        return (
            sparql.joined(lines)
            + _in_graph(lines, graph.VOCABULARIES)
            + _in_graph(marks.splitlines(), graph.MARKER)
        )

    def pid(self) -> int:
        """The child's process number, for `status`; 0 when it is not running."""
        return self._child.pid()

    def close(self) -> None:
        """See `Graph.close`."""
        super().close()
        self._child.close()


def attach(
    folder: Path,
    *,
    seconds: float = 30.0,
    answer_limit: int = sparql.ANSWER_LIMIT,
    parallel: int = 4,
) -> SparqlGraph:
    """The graph of a child that another process runs; for reading.

    Calls raise GraphUnavailable when none is running.
    """
    folder = folder.absolute()

    def address() -> tuple[int, int]:
        until = time.monotonic() + _ATTACH_SECONDS
        while True:
            server = child.read_server(folder)
            if server is not None and server.ready and child.is_engine(server):
                return server.port, server.pid
            if server is None or time.monotonic() >= until:
                raise GraphUnavailable(
                    "No process of this installation runs the graph now. Start the server "
                    "('parhelion serve'), or wait until the running command is done."
                )
            time.sleep(0.02)  # its supervisor is starting it

    def end(pid: int) -> None:
        server = child.read_server(folder)
        if server is not None and server.pid == pid:
            child.end_process(server)  # its supervisor starts another

    return SparqlGraph(
        SupervisedService(address, end),
        seconds=seconds,
        answer_limit=answer_limit,
        parallel=parallel,
    )


def _in_graph(lines: Iterable[str], name: str) -> str:
    return sparql.joined(f"{line.rstrip().removesuffix('.')}<{name}> ." for line in lines)
