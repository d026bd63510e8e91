"""`make snippets`: the code of “on to the data” run by the clients themselves.

    python -m benchmarks.snippets PYTHON [NUMBER]

PYTHON is an interpreter that has hapiclient, cdasws, pyvo, speasy, pyspedas and sunpy (`make
snippets` makes one). For NUMBER real records with a HAPI server (20), hapiclient, pyspedas and curl
run what their pages show, sunpy's Fido asks CDAWeb and fetches what it finds, and for VO services
pyvo runs, with the server's address replaced by one on loopback that answers as HAPI 2, CDAWeb and
TAP do and checks what it is asked. What needs more than a server to answer (cdasws, speasy) is
bound to the clients' own functions. Ends with status 1 if anything fails.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from mappings.from_voresource import from_voresource
from mappings.to_snippets import Way, to_snippets
from registry import dates
from registry.model import Record
from tests.mappings.real_records import spase, spase_names, voresource_roots

_BOUND = """
import ast, inspect, sys
tree = ast.parse(sys.stdin.read())
def target(call):
    path, node = [], call.func
    while isinstance(node, ast.Attribute):
        path.insert(0, node.attr); node = node.value
    return [node.id, *path]
names = {}
for node in tree.body:
    if isinstance(node, ast.ImportFrom):
        for one in node.names:
            module = __import__(node.module, fromlist=[one.name])
            names[one.asname or one.name] = getattr(module, one.name)
    elif isinstance(node, ast.Import):
        for one in node.names:
            names[one.asname or one.name] = __import__(one.name)
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        head, *rest = target(node.value)
        function = names[head]
        for one in rest:
            function = getattr(function, one)
        arguments = [None] * len(node.value.args)
        if inspect.isclass(function):
            inspect.signature(function).bind(*arguments)
            names[node.targets[0].id] = function
        else:
            own = [None] if inspect.isclass(names[head]) else []
            inspect.signature(function).bind(*own, *arguments)
"""
"""Binds each call of a snippet to the function that it calls."""

_LOADED = {"pyspedas": "assert names, 'nothing was loaded'\n"}
"""pyspedas says on its log what went wrong, and goes on."""
_CDAWEB_THERE = """
import sunpy.net.cdaweb.cdaweb as _cdaweb
_cdaweb._CDAS_BASEURL = {!r}
"""

_VOTABLE = b"""<?xml version="1.0"?><VOTABLE version="1.3" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
<RESOURCE type="results"><INFO name="QUERY_STATUS" value="OK"/><TABLE>
<FIELD name="n" datatype="int"/><DATA><TABLEDATA><TR><TD>7</TD></TR></TABLEDATA></DATA>
</TABLE></RESOURCE></VOTABLE>"""


class Answers(BaseHTTPRequestHandler):
    """HAPI 2.1 and TAP, as far as a client asks."""

    asked: ClassVar[Counter[tuple[str, str, str]]] = Counter()

    fetched: ClassVar[Counter[str]] = Counter()

    known: ClassVar[set[str]] = set()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        status = {"code": 1200, "message": "OK"}
        name = parts.path.rsplit("/", 1)[-1]
        if name == "info":
            parameters = [
                {"name": "Time", "type": "isotime", "units": "UTC", "length": 20, "fill": None},
                {"name": "value", "type": "double", "units": "nT", "fill": "-1e31"},
            ]
            said = {"HAPI": "2.1", "status": status, "parameters": parameters,
                    "startDate": "1950-01-01Z", "stopDate": "2030-01-01Z", "cadence": "PT1M",
                    "format": "csv"}  # fmt: skip
            self._give("application/json", json.dumps(said).encode())
        elif name == "catalog":
            said = {"HAPI": "2.1", "status": status, "catalog": [{"id": one} for one in self.known]}
            self._give("application/json", json.dumps(said).encode())
        elif name == "capabilities":
            said = {"HAPI": "2.1", "status": status, "outputFormats": ["csv"]}
            self._give("application/json", json.dumps(said).encode())
        elif "/orig_data/" in parts.path:
            # CDAWeb's files of a dataset between two times.
            first, last = (_cdaweb_time(one) for one in name.split(","))
            self.asked[parts.path.split("/")[-3], first, last] += 1
            files = [{"StartTime": first, "EndTime": last, "Length": 4,
                      "Name": f"http://{self.headers['Host']}/files/found.cdf"}]  # fmt: skip
            self._give("application/json", json.dumps({"FileDescription": files}).encode())
        elif name == "found.cdf":
            self.fetched[parts.path] += 1
            self._give("application/octet-stream", b"CDF.")
        elif name == "data":
            self.asked[query["id"], query["time.min"], query["time.max"]] += 1
            self._give("text/csv", f"{query['time.min']},1.5\n".encode())
        else:
            self._give("application/x-votable+xml", _VOTABLE)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._give("application/x-votable+xml", _VOTABLE)

    def _give(self, media_type: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


def _cdaweb_time(text: str) -> str:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").strftime("%Y-%m-%dT%H:%M:%S.000Z")


def records(number: int) -> list[Record]:
    """Real records with a HAPI server, the same in every run."""
    names = [f"{one}".removesuffix(".xml") for _, one in spase_names() if "NumericalData" in one]
    random.Random(8).shuffle(names)
    found = []
    for name in names:
        record = spase(name)
        if any(url.style == "HAPI" for access in record.access for url in access.urls):
            found.append(record)
        if len(found) == number:
            return found
    return found


def checked(record: Record, way: Way, address: str, python: str) -> dict[str, str]:
    """What each snippet of a way came to: '' or what went wrong."""
    found = {}
    Answers.known.add(way.dataset)
    for one in way.snippets:
        code = one.code.replace(way.address, address)
        if one.client in ("hapiclient", "pyvo", "pyspedas"):
            found[one.client] = _run([python, "-c", code + _LOADED.get(one.client, "")])
        elif one.client == "sunpy" and way.kind != "VSO":
            there = _CDAWEB_THERE.format(address.rpartition("/")[0])
            found["sunpy"] = _run([python, "-c", there + code + "assert len(files) == 1\n"])
        elif one.client == "curl" and way.kind == "HAPI":
            found["curl"] = _run(["bash", "-c", code])
        elif one.client in ("cdasws", "speasy"):
            found[one.client] = _run([python, "-c", _BOUND], one.code)
    for dataset, start, stop in list(Answers.asked):
        if dataset == way.dataset and not _covers(record, start, stop):
            found["range"] = f"{start} to {stop} is outside the coverage"
    return found


def _run(command: list[str], given: str = "") -> str:
    with tempfile.TemporaryDirectory() as place:
        # What clients fetch and configure goes with the folder.
        environment = {**os.environ, "HOME": place, "SPEDAS_DATA_DIR": place}
        ended = subprocess.run(
            command, input=given, cwd=place, env=environment, capture_output=True, text=True,
            timeout=120,
        )  # fmt: skip
    return (
        ""
        if ended.returncode == 0
        else (ended.stderr.strip() or f"status {ended.returncode}").splitlines()[-1]
    )


def _covers(record: Record, start: str, stop: str) -> bool:
    first, last = (datetime.fromisoformat(one) for one in (start, stop))
    return any(
        (begin := dates.moment(span.start)) is not None
        and begin <= first
        and ((end := dates.moment(span.stop)) is None or last <= end)
        for span in record.spans
    )


def main() -> None:
    python = str(Path(sys.argv[1]).absolute())
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = f"http://127.0.0.1:{server.server_port}"
    told: Counter[tuple[str, bool]] = Counter()
    services = [from_voresource(one) for one in voresource_roots()[:40]]
    for record in [*records(number), *services]:
        for way in to_snippets(record)[:4]:
            address = f"{root}/hapi" if way.kind == "HAPI" else f"{root}/tap?"
            for client, fault in checked(record, way, address, python).items():
                told[client, not fault] += 1
                if fault:
                    print(f"{record.identifier} {way.kind} {way.dataset} {client}: {fault}")
    server.shutdown()
    for (client, well), count in sorted(told.items()):
        print(f"{client:12} {'ran' if well else 'FAILED'} {count}")
    sys.exit(any(not well for _, well in told))


if __name__ == "__main__":
    main()
