"""DataCite's REST API as it is documented, on loopback: for tests, and to try minting out.

Holds what it is told in memory. DOIs go draft → registered → findable and back to registered,
never back to draft; drafts and registered ones are 404 to strangers; a published DOI needs
metadata that DataCite would take. Faults can be laid in its way (`Fault`).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from datacite import schema45

Object = dict[str, Any]

FAULTS = (
    "drop-before",
    "drop-after",
    "hang-before",
    "hang-after",
    "status-before",
    "status-after",
    "garbage",
    "truncated",
    "trickle",
    "wrong-state",
    "wrong-doi",
    "none",
)
"""drop: the connection ends without an answer. hang: no answer while the server runs. status:
the status of the fault. Before or after the effect; the others come after it (wrong-state: the
answer says draft; wrong-doi: it is about another DOI). none: nothing, so that the one after it
meets the next request but one.
"""

_REQUIRED = ("creators", "titles", "publisher", "publicationYear", "types")
_NO_METADATA = frozenset(("event", "prefix", "suffix", "state", "identifiers"))
_TRANSITIONS = {
    ("publish", "draft"): "findable",
    ("publish", "registered"): "findable",
    ("register", "draft"): "registered",
    ("hide", "findable"): "registered",
}


@dataclass(slots=True)
class Account:
    """An account and the prefixes that are its own.

    `role` is one of Fabrica's: `repository` may create and change DOIs; `provider` sees those of
    its repositories and changes none.
    """

    password: str
    prefixes: tuple[str, ...]
    role: str = "repository"


@dataclass(slots=True)
class Fault:
    """What goes wrong with the next request of this method ('' for any)."""

    kind: str
    method: str = ""
    status: int = 503
    retry_after: str = ""

    def __post_init__(self) -> None:
        if self.kind not in FAULTS:
            raise ValueError(f"{self.kind} is no fault: there are {', '.join(FAULTS)}.")


@dataclass(slots=True)
class Entry:
    """A DOI as the double holds it."""

    doi: str
    owner: str
    state: str = "draft"
    attributes: Object = field(default_factory=dict)


@dataclass(slots=True)
class _Reply:
    status: int
    body: Object | None = None
    headers: dict[str, str] = field(default_factory=dict)


class _Stop(Exception):
    """An error answer."""

    def __init__(self, status: int, title: str, source: str = "") -> None:
        super().__init__(title)
        error = {"status": str(status), "title": title}
        if source:
            error = {"source": source, "title": title}
        self.reply = _Reply(status, {"errors": [error]})


class TrialDataCite:
    """The double: `with TrialDataCite() as trial: … trial.address …`.

    `allowance` is the number of requests before 429 (None: no limit). `log` keeps method and
    path of each request, `effects` those that changed something, in order. `file`: where its
    DOIs are kept from one start to the next. `switches`: POST /trial/faults lays a fault in the
    way of what comes next, POST /trial/allowance sets the allowance, DELETE of either takes it
    away again.
    """

    def __init__(
        self, accounts: dict[str, Account] | None = None, *, port: int = 0,
        allowance: int | None = None, file: Path | None = None, switches: bool = False,
    ) -> None:  # fmt: skip
        self.accounts = accounts or {"TRIAL.PARHELION": Account("trial", ("10.5072",))}
        self.entries: dict[str, Entry] = {}
        self.index: list[str] = []
        self.faults: deque[Fault] = deque()
        self.allowance = allowance
        self.retry_after = "300"
        self.switches = switches
        self.file = file
        if file is not None and file.is_file():
            for one in json.loads(file.read_text("utf-8")):
                self.entries[one["doi"]] = Entry(**one)
        self.log: list[tuple[str, str]] = []
        self.effects: list[tuple[str, str]] = []
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.trial = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> TrialDataCite:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def serve(self) -> None:
        """Serves until the process ends; `with` is for tests."""
        self._server.serve_forever()

    def refresh(self) -> None:
        """Lets the search index catch up; lists show nothing newer."""
        with self.lock:
            self.index = list(self.entries)

    def keep(self) -> None:
        """Writes its DOIs to its file, if it has one."""
        if self.file is None:
            return
        told = json.dumps([asdict(one) for one in self.entries.values()])
        beside = self.file.with_suffix(".new")
        beside.write_text(told, "utf-8")
        beside.replace(self.file)
        self.refresh()

    def answered(self, method: str, target: str, account: str, body: bytes) -> _Reply:
        """The answer to a request; `account` is '' for a stranger."""
        path = urlsplit(target).path
        if self.switches and path.startswith("/trial/"):
            return self._switched(method, path, body)
        doi = unquote(path.removeprefix("/dois").strip("/")).lower()
        try:
            if not re.fullmatch(r"/dois(/.*)?", path):
                raise _Stop(404, "The resource you are looking for doesn't exist.")
            if method == "GET":
                asked = parse_qs(urlsplit(target).query)
                return self._shown(doi, account, asked) if doi else self._listed(target, account)
            if not account:
                raise _Stop(401, "Bad credentials.")
            if self.accounts[account].role != "repository":
                raise _Stop(403, "You are not authorized to access this resource.")
            if method == "DELETE":
                return self._deleted(doi, account)
            return self._written(method, target, doi, account, _attributes(body))
        except _Stop as stop:
            return stop.reply

    def _shown(self, doi: str, account: str, asked: dict[str, list[str]]) -> _Reply:
        entry = self.entries.get(doi)
        if entry is None or not self._sees(account, entry):
            raise _Stop(404, "The resource you are looking for doesn't exist.")
        return _Reply(200, {"data": _resource(entry, asked)})

    def _sees(self, account: str, entry: Entry) -> bool:
        if entry.state == "findable" or entry.owner == account:
            return True
        provider = self.accounts[account] if account else None
        return bool(
            provider
            and provider.role == "provider"
            and entry.doi.partition("/")[0] in provider.prefixes
        )

    def _listed(self, target: str, account: str) -> _Reply:
        asked = parse_qs(urlsplit(target).query)
        size = min(int(asked.get("page[size]", ["25"])[0]), 1000)
        begin = int(asked.get("page[cursor]", ["1"])[0]) - 1
        known = [self.entries[key] for key in self.index if key in self.entries]
        owner = asked.get("client-id", [""])[0].lower()
        prefix = asked.get("prefix", [""])[0]
        wanted = [
            one
            for one in known
            if self._sees(account, one)
            and owner in ("", one.owner.lower())
            and prefix in ("", one.doi.partition("/")[0])
        ]
        links = {"self": target}
        if begin + size < len(wanted):
            kept = {name: values[0] for name, values in asked.items()}
            after = urlencode(kept | {"page[cursor]": str(begin + size + 1)})
            links["next"] = f"{self.address}/dois?{after}"
        page = [_resource(one, asked) for one in wanted[begin : begin + size]]
        return _Reply(200, {"data": page, "meta": {"total": len(wanted)}, "links": links})

    def _switched(self, method: str, path: str, body: bytes) -> _Reply:
        try:
            said = json.loads(body or b"{}")
            if path == "/trial/faults" and method == "POST":
                self.faults.append(Fault(**said))
            elif path == "/trial/faults" and method == "DELETE":
                self.faults.clear()
            elif path == "/trial/allowance" and method in ("POST", "DELETE"):
                self.allowance = int(said["requests"]) if method == "POST" else None
                self.retry_after = str(said.get("retry_after", "300"))
            else:
                raise _Stop(404, "There is no such switch.")
        except _Stop as stop:
            return stop.reply
        except (ValueError, KeyError, TypeError) as error:
            return _Stop(400, str(error)).reply
        return _Reply(200, {"faults": [asdict(one) for one in self.faults]})

    def _deleted(self, doi: str, account: str) -> _Reply:
        entry = self._own(doi, account)
        if entry is None:
            raise _Stop(404, "The resource you are looking for doesn't exist.")
        if entry.state != "draft":
            raise _Stop(405, "Method not allowed")
        del self.entries[doi]
        self.keep()
        self.effects.append(("DELETE", doi))
        return _Reply(204)

    def _written(self, method: str, target: str, doi: str, account: str, given: Object) -> _Reply:
        if method == "POST":
            doi = str(given.get("doi") or "").lower()
            if not doi:
                raise _Stop(422, "can't be blank", "doi")
            if doi in self.entries:
                raise _Stop(422, "This DOI has already been taken", "doi")
        if not re.fullmatch(r"10\.\d{4,9}/[a-z0-9.$*~_=/;()<>:-]+", doi):
            raise _Stop(422, "is invalid", "doi")
        known = self._own(doi, account)
        entry = known or Entry(doi, account)
        kept = {k: v for k, v in given.items() if k not in _NO_METADATA}
        attributes = entry.attributes | kept
        event = str(given.get("event") or "")
        if event not in ("", "publish", "register", "hide"):
            raise _Stop(422, "is not included in the list", "event")
        state = _TRANSITIONS.get((event, entry.state), entry.state)
        _check(attributes, state)
        entry.attributes, entry.state = attributes, state
        self.entries[doi] = entry
        self.keep()
        self.effects.append((method, doi))
        answer = {"data": _resource(entry, parse_qs(urlsplit(target).query))}
        return _Reply(200 if known else 201, answer)

    def _own(self, doi: str, account: str) -> Entry | None:
        """The entry, if there is one. Raises 403 where DOI or prefix are not the account's."""
        entry = self.entries.get(doi)
        prefixes = self.accounts[account].prefixes
        if doi.partition("/")[0] not in prefixes or (entry and entry.owner != account):
            raise _Stop(403, "You are not authorized to access this resource.")
        return entry


def _attributes(body: bytes) -> Object:
    try:
        attributes = json.loads(body)["data"]["attributes"]
    except (ValueError, KeyError, TypeError):
        raise _Stop(400, "You need to provide a payload following the JSONAPI spec") from None
    if not isinstance(attributes, dict):
        raise _Stop(400, "You need to provide a payload following the JSONAPI spec")
    return attributes


def _check(attributes: Object, state: str) -> None:
    """A draft may lack everything but the DOI; what is more must have what kernel 4 asks for."""
    url = attributes.get("url")
    if url is not None and not re.fullmatch(r"(https?|ftp)://[^\s/]+\S*", str(url)):
        raise _Stop(422, "is not a valid URL", "url")
    if state == "draft":
        return
    if not url:
        raise _Stop(422, "can't be blank", "url")
    for name in _REQUIRED:
        if not attributes.get(name):
            raise _Stop(422, "can't be blank", name)
    # The event and the like are no metadata, but the schema of the package knows them.
    faults = list(schema45.validator.iter_errors(attributes))
    if faults:
        where = str(next(iter(faults[0].absolute_path), "metadata"))
        raise _Stop(422, faults[0].message[:200], where)


def _added_to(attributes: Object, asked: dict[str, list[str]]) -> Object:
    """Metadata as DataCite gives them out: with what it adds, and with publisher and affiliations
    as bare names unless they are asked for whole.
    """
    found: Object = json.loads(json.dumps(attributes))
    for people in (found.get("creators") or [], found.get("contributors") or []):
        for one in people:
            one.setdefault("nameIdentifiers", [])
            places = one.get("affiliation") or []
            bare = asked.get("affiliation") != ["true"]
            one["affiliation"] = [place["name"] if bare else place for place in places]
    if isinstance(found.get("publisher"), dict) and asked.get("publisher") != ["true"]:
        found["publisher"] = found["publisher"].get("name")
    if str(found.get("publicationYear", "")).isdecimal():
        found["publicationYear"] = int(found["publicationYear"])
    if found.get("types"):
        found["types"] |= {"ris": "DATA", "bibtex": "misc", "citeproc": "dataset",
                           "schemaOrg": "Dataset"}  # fmt: skip
    return {"language": None, "container": {}, "version": None, "contributors": []} | found


def _resource(entry: Entry, asked: dict[str, list[str]]) -> Object:
    prefix, _, suffix = entry.doi.partition("/")
    others = entry.attributes.get("alternateIdentifiers", [])
    attributes = _added_to(entry.attributes, asked) | {
        "doi": entry.doi,
        "prefix": prefix,
        "suffix": suffix,
        "state": entry.state,
        "identifiers": [
            {
                "identifier": one.get("alternateIdentifier"),
                "identifierType": one.get("alternateIdentifierType"),
            }
            for one in others
        ],
        "updated": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    client = {"data": {"id": entry.owner.lower(), "type": "clients"}}
    return {
        "id": entry.doi,
        "type": "dois",
        "attributes": attributes,
        "relationships": {"client": client},
    }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    trial: TrialDataCite


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve("GET")

    def do_PUT(self) -> None:
        self._serve("PUT")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self, method: str) -> None:
        trial = self.server.trial
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with trial.lock:
            trial.log.append((method, self.path))
            switch = trial.switches and self.path.startswith("/trial/")
            fault = None if switch else self._next_fault(method)
            if trial.allowance is not None:
                trial.allowance -= 1
        if fault and fault.kind.endswith("-before"):
            self._fail(fault, None)
            return
        with trial.lock:
            reply = self._answered(method, body)
        if fault:
            self._fail(fault, reply)
        else:
            self._send(reply)

    def _answered(self, method: str, body: bytes) -> _Reply:
        trial = self.server.trial
        switch = trial.switches and self.path.startswith("/trial/")
        if trial.allowance is not None and trial.allowance < 0 and not switch:
            error = {"errors": [{"status": "429", "title": "Too many requests"}]}
            return _Reply(429, error, {"Retry-After": trial.retry_after})
        account = self._account()
        if account is None:
            return _Stop(401, "Bad credentials.").reply
        return trial.answered(method, self.path, account, body)

    def _account(self) -> str | None:
        """The account that asks; '' for a stranger, None for wrong credentials."""
        said = self.headers.get("Authorization") or ""
        if not said:
            return ""
        try:
            text = base64.b64decode(said.removeprefix("Basic "), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
        name, _, password = text.partition(":")
        account = self.server.trial.accounts.get(name)
        return name if account and account.password == password else None

    def _next_fault(self, method: str) -> Fault | None:
        faults = self.server.trial.faults
        if faults and faults[0].method in ("", method):
            return faults.popleft()
        return None

    def _fail(self, fault: Fault, reply: _Reply | None) -> None:
        kind = fault.kind.removesuffix("-before").removesuffix("-after")
        if kind == "hang":
            self.server.trial.stopping.wait()
        if kind in ("hang", "drop"):
            self.close_connection = True
            return
        if kind == "status":
            error = {"errors": [{"status": str(fault.status), "title": "A fault of the trial"}]}
            headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            self._send(_Reply(fault.status, error, headers))
        elif kind == "garbage":
            self._raw([b"<html><body>Gateway</body></html>"], 200, None)
        elif kind in ("truncated", "trickle"):
            self._partly(kind, reply or _Reply(200, {}))
        else:
            self._send(_falsified(kind, reply or _Reply(200, {})))

    def _partly(self, kind: str, reply: _Reply) -> None:
        content = json.dumps(reply.body).encode()
        if kind == "truncated":
            self._raw([content[: len(content) // 2]], reply.status, len(content))
        else:
            self._raw((content[i : i + 1] for i in range(len(content))), reply.status, len(content))
        self.close_connection = True

    def _send(self, reply: _Reply) -> None:
        content = b"" if reply.body is None else json.dumps(reply.body).encode()
        self._raw([content], reply.status, len(content), reply.headers)

    def _raw(
        self,
        blocks: Iterable[bytes],
        status: int,
        length: int | None,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if length is None:
            blocks = list(blocks)
            length = sum(map(len, blocks))
        self.send_header("Content-Length", str(length))
        self.end_headers()
        try:
            for number, block in enumerate(blocks):
                self.wfile.write(block)
                if number and self.server.trial.stopping.wait(0.05):
                    break
        except OSError:
            self.close_connection = True


def _falsified(kind: str, reply: _Reply) -> _Reply:
    body = json.loads(json.dumps(reply.body))
    try:
        attributes = body["data"]["attributes"]
    except (KeyError, TypeError):
        return reply
    if kind == "wrong-state":
        attributes["state"] = "draft"
    elif kind == "wrong-doi":
        attributes["doi"] = "10.5072/another"
    return _Reply(reply.status, body, reply.headers)
