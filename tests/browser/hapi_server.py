"""A small HAPI server on loopback, as the HAPI specification 2.1 and 3.1 has it (sections 3 and 4).

`/v2/hapi` and `/v3/hapi` know their own names of the parameters only; `/closed/hapi` lets no page
of other sites have its answers. The dataset's field has a value a minute, none from 10 to 12 h,
and the fill value in every 200th record.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

FILL = "-1e31"
NAMES = {"2.1": ("id", "time.min", "time.max"), "3.1": ("dataset", "start", "stop")}
START, STOP = "1994-11-12T16:00:00Z", "2030-01-01T00:00:00Z"
DATASET = "WI_H0_MFI"


class HapiServer(BaseHTTPRequestHandler):
    asked: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        place, _, what = parts.path.strip("/").partition("/hapi/")
        version = "2.1" if place == "v2" else "3.1"
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((parts.path, query))
        name, first, last = NAMES[version]
        if set(query) - {name, first, last, "parameters", "format"}:
            return self._refused(version, 1401, "Bad request - unknown API parameter name")
        if query.get(name) != DATASET:
            return self._refused(version, 1406, "Bad request - unknown dataset id")
        if what == "info":
            return self._give(200, "application/json", json.dumps(info(version)))
        rows = "".join(data(_moment(query[first]), _moment(query[last]), query["parameters"]))
        return self._give(200, "text/csv", rows)

    def _refused(self, version: str, code: int, message: str) -> None:
        told = {"HAPI": version, "status": {"code": code, "message": message}}
        self._give(400, "application/json", json.dumps(told))

    def _give(self, status: int, media_type: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        if not self.path.startswith("/closed/"):
            self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


def info(version: str) -> dict[str, Any]:
    return {
        "HAPI": version, "status": {"code": 1200, "message": "OK"}, "format": "csv",
        "startDate": START, "stopDate": STOP, "cadence": "PT1M",
        "parameters": [
            {"name": "Time", "type": "isotime", "units": "UTC", "length": 20, "fill": None},
            {"name": "N", "type": "integer", "units": None, "fill": "-1"},
            {"name": "BGSE", "type": "double", "units": "nT", "fill": FILL, "size": [3],
             "label": ["Bx", "By", "Bz"]},
            {"name": "Remark", "type": "string", "units": None, "length": 8, "fill": None},
        ],
    }  # fmt: skip


def data(start: datetime, stop: datetime, name: str) -> Iterator[str]:
    """Lines of CSV from `start` to before `stop`."""
    for number in range(int((stop - start) / timedelta(minutes=1))):
        at = start + timedelta(minutes=number)
        if 10 <= at.hour < 12:
            continue
        values = [f"{10 * math.sin(number / 100 + one):.3f}" for one in range(3)]
        if number % 200 == 7:
            values = ["-1.0E31"] * 3
        cells = values if name == "BGSE" else ["3"]
        yield f"{at:%Y-%m-%dT%H:%M:%SZ},{','.join(cells)}\n"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@contextmanager
def hapi_server() -> Iterator[str]:
    """The address of a server that answers; it ends with the block."""
    HapiServer.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), HapiServer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
