"""Asking an OAI-PMH repository: one request until its answer can be read, or a stop in words.

The `oaipmh` library names the protocol's errors; its requests are made by our fetcher, its parsing
by our hardened parser.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from oaipmh import error as oai_error
from oaipmh.client import BaseClient

from harvesters import oai_envelope as envelope
from harvesters.fetching import Fetcher, FetchFailed, Response
from harvesters.oai_answers import Answer
from registry.findings import Refusal
from schemas.documents import element
from schemas.parsing import parse

TRIES = 6
SAME = 3
"""How often the same unreadable answer is taken for a mistake."""
_LISTING = ("ListRecords", "GetRecord")
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)
_AS_XML = re.compile(r"(text|application)/([\w.+-]+\+)?xml\s*(;|$)", re.IGNORECASE)


class HarvestStopped(Exception):
    """A harvest that cannot go on, in words that name the place.

    `reason` is one word for counting: an OAI-PMH error code, or not-oai, not-well-formed,
    too-large, circle. `token` is the resumption token that was asked with ('' at the beginning).
    """

    def __init__(self, reason: str, message: str, token: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.token = token


class BadResumptionToken(HarvestStopped):
    """The peer does not know the token any more (section 3.6): begin again, with an overlap."""


class Client(BaseClient):  # type: ignore[misc]
    """The library's client with requests and parsing replaced.

    `answer` is the last one that could be opened, `asked_with` its resumption token. `remarks` are
    (rule, words) of what was put up with, until somebody takes them.
    """

    def __init__(self, base_url: str, fetcher: Fetcher, folder: Path | None = None) -> None:
        super().__init__()
        self.base_url = base_url
        self.fetcher = fetcher
        self.answer: Answer | None = None
        self.asked_with = ""
        self.remarks: list[tuple[str, str]] = []
        self._folder = folder
        self._content_types: set[str] = set()
        self._patient = True
        self._damage: Counter[tuple[str, bytes]] = Counter()

    def makeRequest(self, **arguments: str) -> bytes:
        """What stands round the answer's records; an OAI-PMH error counts before the status does.

        Raises FetchFailed, and Refusal for an answer that cannot be read.
        """
        self.answer = None
        with tempfile.TemporaryFile(dir=self._folder) as file:
            try:
                response = self.fetcher.get(
                    self.base_url, arguments, into=file, settled=_says_error
                )
            finally:
                self.remarks += [("oai.request", said) for said in self.fetcher.put_up_with()]
            if response.status != 200:
                if not _says_error(response):
                    message = f"{response.url}: the server answers {response.status}"
                    raise FetchFailed("status", message, status=response.status)
                self._remark("oai.status", f"an error of OAI-PMH with status {response.status}")
                file.write(response.content)
            self._look_at_type(response)
            answer = Answer(
                file,
                _charset(response),
                listing=arguments.get("verb") in _LISTING,
                folder=self._folder,
            )
        self.answer = answer
        if answer.fault is not None:
            damage = (answer.fault.message, answer.mark)
            self._damage[damage] += 1
            lasting = self._damage[damage] >= SAME or not self._patient
            if not (answer.repairable and lasting):
                raise answer.fault
        return answer.round

    def parse(self, xml: bytes) -> Any:
        return parse(xml).getroot()

    def root(self) -> Any:
        """The root of the last answer, an error of the protocol too."""
        assert self.answer is not None
        return self.parse(self.answer.round)

    def asked(self, **arguments: str) -> Any:
        """The root of the answer, without its records; these are in `answer`.

        What cannot be read is asked for again, and read as far as nothing is guessed when the same
        damage comes a third time.
        Raises HarvestStopped, FetchFailed, and the library's errors for those of the protocol.
        """
        token = self.asked_with = arguments.get("resumptionToken", "")
        said: Counter[str] = Counter()
        self._damage.clear()
        for attempt in range(1, TRIES + 1):
            self._patient = attempt < TRIES
            try:
                root = self.makeRequestErrorHandling(**arguments)
                if not envelope.is_answer(root):
                    message = f"the answer is no OAI-PMH response, but <{root.tag}>"
                    raise Refusal("not-oai", message)
                break
            except Refusal as refusal:
                self._remark("oai.unreadable", refusal.message)
                said[refusal.message] += 1
                hopeless = said[refusal.message] > SAME or refusal.reason in ("dtd", "too-large")
                if self._patient and not hopeless:
                    self.fetcher.pause(attempt)
                    continue
                raise self._stopped_at(refusal, arguments["verb"], token) from refusal
            except FetchFailed as failure:
                raise _at(failure, token) from failure
        assert self.answer is not None
        for remark in self.answer.remarks:
            self._remark("oai.encoding" if "UTF-8" in remark else "oai.unreadable", remark)
        return root

    def _stopped_at(self, refusal: Refusal, verb: str, token: str) -> HarvestStopped:
        reason = "not-oai" if refusal.reason == "not-oai" else "not-well-formed"
        where = f" (resumption token {token!r})" if token else ""
        said = f"the answer to {verb}{where} cannot be read"
        return HarvestStopped(reason, f"{self.base_url}: {said}: {refusal.message}", token)

    def _look_at_type(self, response: Response) -> None:
        kind = response.headers.get("content-type", "")
        if not _AS_XML.match(kind) and kind not in self._content_types:
            self._content_types.add(kind)
            said = f"the Content-Type {kind!r}" if kind else "no Content-Type"
            self._remark("oai.content-type", f"the answer has {said}, where text/xml belongs")

    def _remark(self, rule: str, message: str) -> None:
        self.remarks.append((rule, message))


def stopped(client: Client, error: Exception, token: str = "") -> HarvestStopped:
    """An error of the protocol, in words."""
    code = error.oainame() if isinstance(error, oai_error.ErrorBase) else "unknown"
    says = " ".join(str(error.args[0] or "").split())[:1000] if error.args else ""
    message = f"{client.base_url}: the peer answers {code}" + (f": {says}" if says else "")
    if code == "badResumptionToken":
        return BadResumptionToken(code, f"{message} (token {token!r})", token)
    return HarvestStopped(code, message, token)


def _at(failure: FetchFailed, token: str) -> Exception:
    where = f" (resumption token {token!r})" if token else ""
    if failure.reason == "too-large":
        message = f"{failure.message}{where}; the setting harvest.max_bytes is the limit"
        return HarvestStopped("too-large", message, token)
    return FetchFailed(
        failure.reason,
        failure.message + where,
        status=failure.status,
        retry_after=failure.retry_after,
    )


def _charset(response: Response) -> str:
    found = _CHARSET.search(response.headers.get("content-type", ""))
    return found[1] if found else ""


def _says_error(response: Response) -> bool:
    content = response.content
    if b"OAI-PMH" not in content or b"error" not in content:
        return False
    try:
        return envelope.is_error(element(content))
    except Refusal:
        return False
