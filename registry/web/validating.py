"""`/validate`: a document, an archive or a record judged; `POST /api/v1/validate`: the same as a
stream. Nothing that is sent here is stored."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import cast

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import BadRequest

from registry import identifiers
from registry.findings import ERROR, Finding
from registry.validation.choosing import SEVERITIES
from registry.validation.grouping import Group, Groups
from registry.validation.reports.json_lines import as_json
from registry.validation.reports.report import Report
from registry.web import uploads
from registry.web.faults import problem
from registry.web.judged import Busy, Gate, Judging, Neighbourhood, choice_of
from registry.web.presentation import render
from registry.web.site import Site, site
from registry.web.source_lines import Source, source
from registry.web.uploads import Upload
from schemas.spase.tables import NEWEST, VERSIONS

blueprint = Blueprint("validating", __name__)

API = "/api/v1/validate"
RECORDS_SHOWN = 300
FINDINGS_SHOWN = 50
"""So many of one record stand on the page of an archive."""
CARRIED = 4_000_000
"""Bytes of a document that a page can carry to the next: larger ones are mended elsewhere."""
_PARAMETERS = ("select", "ignore")
_log = logging.getLogger(__name__)


@dataclass(slots=True, frozen=True)
class Bench:
    """What the uploads of one application share."""

    gate: Gate
    neighbourhood: Neighbourhood


@dataclass(slots=True)
class Verdict:
    """What the page says of one document."""

    upload: Upload
    reports: list[Report]
    source: Source
    severities: Counter[str]
    record: str = ""
    """The identifier, where a record of the registry was judged."""

    @property
    def findings(self) -> list[Finding]:
        return [finding for report in self.reports for finding in report.findings]

    @property
    def ranked(self) -> list[Finding]:
        """The findings, the gravest first, then by place."""
        return sorted(
            self.findings, key=lambda one: (SEVERITIES.index(one.severity), one.line, one.column)
        )

    @property
    def judged(self) -> bool:
        """Whether there is a record in it that could be judged, and so may be mended."""
        return any(report.format for report in self.reports)

    @property
    def upgradable(self) -> bool:
        """Whether a newer version of its format is known here."""
        return any(one.format == "spase" and one.version in VERSIONS[:-1] for one in self.reports)

    @property
    def carried(self) -> str:
        """The document for a hidden field; '' where it is too large for that."""
        content = self.upload.content
        return uploads.carried(content) if len(content) <= CARRIED else ""


@dataclass(slots=True)
class Summary:
    """What the page says of many documents."""

    names: list[str]
    verdicts: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    groups: list[Group] = field(default_factory=list)
    shown: list[Report] = field(default_factory=list)
    with_findings: int = 0


@blueprint.record_once
def begin(state: BlueprintSetupState) -> None:
    here: Site = state.app.extensions["parhelion"]
    gate = Gate(here.settings.upload.parallel)
    state.app.extensions["parhelion.bench"] = Bench(gate, Neighbourhood())


def bench() -> Bench:
    """The bench of the application that answers."""
    return cast(Bench, current_app.extensions["parhelion.bench"])


# -- the page --------------------------------------------------------------------------------


@blueprint.route("/validate", methods=["GET", "POST"])
def validate() -> Response:
    """The form; with a document, an archive or the identifier of a record, what is wrong."""
    if request.method != "POST":
        wanted = request.args.get("record", "").strip()
        return _of_record(wanted) if wanted else _page()
    uploads.allow(request, site().settings.upload)
    given = uploads.from_form(request)
    if not given:
        said = "Nothing was sent: paste a record, choose a file, or name a record."
        return _page(400, fault=said)
    return _judged(given, text=request.form.get("text", ""))


def _page(status: int = 200, /, **context: object) -> Response:
    settings = site().settings.upload
    answer = render(
        "validate.html",
        status,
        limits=settings,
        newest=NEWEST,
        findings_shown=FINDINGS_SHOWN,
        **context,
    )
    # What somebody had judged is nobody else's business.
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _of_record(wanted: str) -> Response:
    key = identifiers.key(wanted)
    with site().store.reading() as reader:
        kept = reader.record(key)
        if kept is None or kept.deleted:
            said = f"There is no record {key[:300]} here."
            return _page(404, fault=said, wanted=wanted)
        name = uploads.file_name(f"{kept.identifier}.xml")
        upload = Upload(name, reader.body(kept))
    return _judged([upload], record=kept.identifier)


def _judged(given: list[Upload], *, text: str = "", record: str = "") -> Response:
    here = site()
    judging = Judging(given, here.settings.upload, choice_of(here.settings))
    try:
        with bench().gate.inside(), here.store.reading() as reader:
            reports = judging.reports(bench().neighbourhood.known(reader, given))
            if len(given) > 1 or given[0].archive:
                return _page(summary=_summary(given, reports))
            return _page(verdict=_verdict(given[0], list(reports), record), text=text)
    except Busy:
        return _busy()


def _verdict(upload: Upload, reports: list[Report], record: str) -> Verdict:
    findings = [finding for report in reports for finding in report.findings]
    return Verdict(
        upload,
        reports,
        source(upload.content, findings),
        Counter(finding.severity for finding in findings),
        record,
    )


def _summary(given: list[Upload], reports: Iterator[Report]) -> Summary:
    summary = Summary([upload.name for upload in given])
    groups = Groups()
    worst: list[Report] = []
    others: list[Report] = []
    for report in reports:
        summary.verdicts[report.verdict] += 1
        summary.severities.update(finding.severity for finding in report.findings)
        groups.add(report.file, report.id, report.findings)
        if report.findings:
            summary.with_findings += 1
            grave = any(finding.severity == ERROR for finding in report.findings)
            some = worst if grave else others
            if len(some) < RECORDS_SHOWN:
                some.append(report)
    summary.shown = [*worst, *others][:RECORDS_SHOWN]
    summary.groups = groups.sorted()
    return summary


def _busy() -> Response:
    said = "Other uploads are being judged: try again in a few seconds."
    answer = _page(503, fault=said)
    answer.headers["Retry-After"] = "5"
    return answer


# -- the API ---------------------------------------------------------------------------------


@blueprint.after_request
def open_to_all(response: Response) -> Response:
    """Scripts of other sites may send documents: nothing here goes by cookies."""
    if request.path == API:
        response.headers["Access-Control-Allow-Origin"] = "*"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "POST, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = "Content-Type, Accept"
    return response


@blueprint.post(API)
def validate_api() -> Response:
    """A line of JSON for each record of the body, as `parhelion validate --format json` gives."""
    here = site()
    unknown = [name for name in request.args if name not in _PARAMETERS]
    if unknown:
        raise BadRequest(
            f"There is no parameter {unknown[0][:100]}; there are {' and '.join(_PARAMETERS)}."
        )
    uploads.allow(request, here.settings.upload)
    given = uploads.from_body(request)
    choice = choice_of(here.settings, *(request.args.getlist(name) for name in _PARAMETERS))
    try:
        leave = bench().gate.enter()
    except Busy:
        answer = problem(503, "Other uploads are being judged: try again in a few seconds.")
        answer.headers["Retry-After"] = "5"
        return answer
    judging = Judging(given, here.settings.upload, choice)
    lines = _lines(here, bench().neighbourhood, given, judging, leave)
    answer = Response(lines, content_type=uploads.NDJSON)
    answer.headers["Cache-Control"] = "no-store"
    # A client that goes away before the first line leaves the generator unbegun.
    answer.call_on_close(leave)
    return answer


def _lines(
    here: Site,
    neighbourhood: Neighbourhood,
    given: list[Upload],
    judging: Judging,
    leave: Callable[[], None],
) -> Iterator[str]:
    try:
        with here.store.reading() as reader:
            for report in judging.reports(neighbourhood.known(reader, given)):
                yield as_json(report) + "\n"
    finally:
        leave()
