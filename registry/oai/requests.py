"""What a client asks, read by the rules of OAI-PMH 2.0, sections 2.7.1, 3.1.1 and 3.6."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Iterable
from dataclasses import dataclass, field

from oaipmh import error, validation
from oaipmh.datestamp import datestamp_to_datetime, datetime_to_datestamp

VERBS = (
    "GetRecord",
    "Identify",
    "ListIdentifiers",
    "ListMetadataFormats",
    "ListRecords",
    "ListSets",
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", re.ASCII)
_NAME = r"[A-Za-z0-9\-_.!~*'()]+"
_PREFIX = re.compile(_NAME)
_SET = re.compile(f"{_NAME}(:{_NAME})*")
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Arguments whose name is a word of Python, as the library names them.
_NAMED = {"from": "from_"}


@dataclass(slots=True, frozen=True)
class Request:
    """A request that keeps the rules; `start` and `end` are seconds since 1970, both included."""

    verb: str
    arguments: dict[str, str] = field(default_factory=dict)
    start: int | None = None
    end: int | None = None

    def get(self, name: str) -> str:
        """The value of an argument; '' if it was not given."""
        return self.arguments.get(name, "")


def read_request(pairs: Iterable[tuple[str, str]]) -> Request:
    """The request that these arguments make, in any order.

    Raises the library's BadVerbError and BadArgumentError with words for the client.
    """
    given = list(pairs)
    verb = _verb([value for name, value in given if name == "verb"])
    arguments: dict[str, str] = {}
    for name, value in given:
        if name == "verb":
            continue
        if name in arguments:
            raise error.BadArgumentError(f"The argument {_shown(name)} is given more than once.")
        arguments[name] = value
    _check_names(verb, arguments)
    for name, value in arguments.items():
        _check_value(name, value)
    start = _moment("from", arguments.get("from"))
    end = _moment("until", arguments.get("until"))
    if start is not None and end is not None:
        if len(arguments["from"]) != len(arguments["until"]):
            raise error.BadArgumentError("from and until have different granularities.")
        if start > end:
            raise error.BadArgumentError(
                f"from ({arguments['from']}) is later than until ({arguments['until']})."
            )
    return Request(verb, arguments, start, end)


def _verb(named: list[str]) -> str:
    """The one verb (section 3.6: missing, illegal or repeated is badVerb)."""
    known = f"It is one of {', '.join(VERBS)}."
    if not named:
        raise error.BadVerbError(f"The argument verb is missing. {known}")
    if len(named) > 1:
        raise error.BadVerbError("The argument verb is given more than once.")
    if named[0] not in VERBS:
        raise error.BadVerbError(f"There is no verb {_shown(named[0])}. {known}")
    return named[0]


def _check_names(verb: str, arguments: dict[str, str]) -> None:
    """Which arguments a verb takes and needs, and resumptionToken alone."""
    for name in arguments:
        if name in _NAMED.values():
            raise error.BadArgumentError(f"There is no argument {_shown(name)}.")
    named = {_NAMED.get(name, name): value for name, value in arguments.items()}
    allowed = getattr(validation.ResumptionValidationSpec, verb)
    for name in named:
        if name not in allowed:
            raise error.BadArgumentError(f"{verb} takes no argument {_shown(name)}.")
    try:
        validation.validateResumptionArguments(verb, named)
    except validation.BadArgumentError as wrong:
        raise error.BadArgumentError(f"{verb}: {wrong}") from wrong


def _check_value(name: str, value: str) -> None:
    unfit = NO_XML.search(value)
    if unfit and name != "resumptionToken":
        raise error.BadArgumentError(f"The value of {name} contains {unfit.group()!r}.")
    if name == "metadataPrefix" and not _PREFIX.fullmatch(value):
        raise error.BadArgumentError(f"{_shown(value)} cannot be a metadataPrefix.")
    if name == "set" and not _SET.fullmatch(value):
        raise error.BadArgumentError(f"{_shown(value)} cannot be a setSpec.")
    if name == "identifier" and not value:
        raise error.BadArgumentError("The identifier is empty.")


def _moment(name: str, value: str | None) -> int | None:
    """The first second of `from`, the last of `until` (section 2.7.1)."""
    if value is None:
        return None
    wrong = error.BadArgumentError(
        f"{name}={_shown(value)} is no UTC date of the form YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ."
    )
    # The library takes more than the standard does: fractions, single digits, long years.
    if not _DATE.fullmatch(value):
        raise wrong
    try:
        moment = datestamp_to_datetime(value, inclusive=name == "until")
    except error.DatestampError:
        raise wrong from None
    if not datetime_to_datestamp(moment).startswith(value):
        raise wrong
    return timegm(moment.timetuple())


def _shown(value: str) -> str:
    """A value as an answer may quote it: short, and legal in XML."""
    text = NO_XML.sub("\ufffd", value)
    return repr(text if len(text) <= 200 else text[:200] + "…")
