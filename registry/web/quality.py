"""`/quality`: how good the records of the registry are; every number leads to its records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import cast

from flask import Blueprint, Response, abort, current_app, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import BadRequest

from registry.findings import Finding
from registry.store import quality as store
from registry.store.kept import KeptPlace, KeptRecord
from registry.store.quality import A_DAY, NONE, Concerned
from registry.store.reading import Reader
from registry.web import fair
from registry.web.presentation import here, render
from registry.web.public_places import public_place
from registry.web.quality_figures import RULES, Figures, figures, summary_of
from registry.web.rule_pages import Block, rule_page
from registry.web.site import Site, site
from registry.web.survey import Survey
from registry.web.validating import bench

blueprint = Blueprint("quality", __name__)

PAGE = 50
_RULE = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*")
_TEXTS = ("format", "authority", "version", "verdict", "severity", "year")
TITLES = {
    "format": "Format",
    "authority": "Naming authority",
    "version": "Version",
    "verdict": "Schema verdict",
    "severity": "Severity",
    "year": "Description of",
    "day": "Changed on",
    "places": "Places",
    "element": "Element",
    "reason": "Reason",
    "rule": "Rule",
    "kind": "Kind",
}


@dataclass(slots=True, frozen=True)
class Row:
    """A record in a list, with the findings that brought it there, or the places it lies in."""

    record: KeptRecord
    findings: list[Finding]
    places: list[KeptPlace]


@dataclass(slots=True, frozen=True)
class Restriction:
    """What a list is restricted to, and the address of the list without that."""

    title: str
    value: str
    address: str


class Shelf:
    """The figures of one application, made anew only when the registry has changed."""

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self._held: tuple[tuple[int, ...], Figures] | None = None

    def figures(self, reader: Reader) -> Figures:
        """The figures of the reader's snapshot."""
        number = (reader.last_change(), store.count_places(reader), self.survey.number)
        held = self._held
        if held is None or held[0] != number:
            held = self._held = (number, figures(reader, self.survey))
        return held[1]


@blueprint.record_once
def begin(state: BlueprintSetupState) -> None:
    there: Site = state.app.extensions["parhelion"]
    state.app.extensions["parhelion.quality"] = Shelf(Survey(there.settings))


def shelf() -> Shelf:
    """The shelf of the application that answers."""
    return cast(Shelf, current_app.extensions["parhelion.quality"])


# -- the dashboard ---------------------------------------------------------------------------


@blueprint.get("/quality")
def dashboard() -> Response:
    """Verdicts, findings, references and changes of the whole registry."""
    with site().store.reading() as reader:
        shelf().survey.wanted(reader)
        found = shelf().figures(reader)
        # The quarantine has no part in the change log.
        quarantine = reader.count_quarantined()
    return render(
        "quality.html", figures=found, quarantine=quarantine, survey=shelf().survey.progress()
    )


# -- lists -----------------------------------------------------------------------------------


@blueprint.get("/quality/records")
def records() -> Response:
    """Records by verdict, version, year, day of change …, with their stored findings."""
    wanted = _wanted(("day", "places"))
    return _listed(wanted, "Records", "")


@blueprint.get("/quality/rules/<rule>")
def of_rule(rule: str) -> Response:
    """What a rule looks for, and the records in which it found something."""
    if not _RULE.fullmatch(rule):
        abort(404)
    wanted = replace(_wanted(), rule=rule)
    with site().store.reading() as reader:
        known = rule in RULES or rule in shelf().figures(reader).rule_names
    page = rule_page(rule)
    if not (known or page or summary_of(rule)):
        abort(404)
    return _listed(wanted, rule, summary_of(rule), page)


@blueprint.get("/quality/fair/<metric>")
def of_metric(metric: str) -> Response:
    """The records that do not reach a metric of F-UJI's whole, of one kind or of all."""
    if metric not in fair.NAMES:
        abort(404)
    _known(("kind",))
    kind, after = request.args.get("kind", ""), request.args.get("after", "")
    survey = shelf().survey
    with site().store.reading() as reader:
        survey.wanted(reader)
        rows, total = survey.lacking(reader, metric, kind, after, PAGE + 1)
    return render(
        "quality_list.html", title=f"{metric}: {fair.NAMES[metric]}", said=fair.WAYS_UP[metric],
        page=(), total=total, rows=[Row(one, [], []) for one in rows[:PAGE]],
        restrictions=_restrictions(), survey=survey.progress(),
        **_pages(rows[PAGE - 1].key if len(rows) > PAGE else ""),
    )  # fmt: skip


def _listed(wanted: Concerned, title: str, said: str, page: Sequence[Block] = ()) -> Response:
    after = request.args.get("after", "")
    with site().store.reading() as reader:
        survey = shelf().survey
        if wanted.rule and survey.covers(wanted.rule):
            survey.wanted(reader)
            lookup = bench().neighbourhood.whole(reader)
            rows, total = survey.concerned(reader, wanted, after, PAGE + 1, lookup)
        else:
            rows = store.concerned(reader, wanted, after, PAGE + 1)
            total = store.count_concerned(reader, wanted)
        shown = rows[:PAGE]
        places = store.places(reader, [one.id for one, _ in shown]) if wanted.several else {}
    return render(
        "quality_list.html",
        title=title,
        said=said,
        page=page,
        total=total,
        rows=[
            Row(one, findings, [public_place(place) for place in places.get(one.id, [])])
            for one, findings in shown
        ],
        restrictions=_restrictions(),
        survey=survey.progress() if wanted.rule and survey.covers(wanted.rule) else None,
        **_pages(shown[-1][0].key if len(rows) > PAGE else ""),
    )


@blueprint.get("/quality/references")
def references() -> Response:
    """References that lead to no record, by the record that makes them."""
    _known(("element", "authority"))
    element, authority = request.args.get("element", ""), request.args.get("authority", "")
    key, _, number = request.args.get("after", "").rpartition(" ")
    if number and not (number.isdigit() and len(number) < 19):
        raise BadRequest("The parameter after is the value of the page before.")
    with site().store.reading() as reader:
        rows = store.nowhere(reader, element, authority, (key, int(number or 0)), PAGE + 1)
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return render(
        "quality_references.html",
        rows=rows[:PAGE],
        restrictions=_restrictions(),
        **_pages(f"{last[0].key} {last[1]}" if last else ""),
    )


@blueprint.get("/quality/quarantine")
def quarantine() -> Response:
    """What could not be taken in, and why."""
    _known(("reason",))
    after = request.args.get("after", "0")
    if not (after.isdigit() and len(after) < 19):
        raise BadRequest("The parameter after is the value of the page before.")
    with site().store.reading() as reader:
        rows = store.quarantined(reader, request.args.get("reason", ""), int(after), PAGE + 1)
    return render(
        "quality_quarantine.html",
        rows=[
            replace(one, path=public_place(KeptPlace(one.source, one.path, "", False)).path)
            for _, one in rows[:PAGE]
        ],
        restrictions=_restrictions(),
        **_pages(str(rows[PAGE - 1][0]) if len(rows) > PAGE else "", "0"),
    )


def _wanted(more: tuple[str, ...] = ()) -> Concerned:
    """What the address asks for. Raises BadRequest."""
    _known((*_TEXTS, *more))
    texts = {name: request.args.get(name, "") for name in _TEXTS}
    if texts["year"] not in ("", NONE) and len(texts["year"]) > 4:
        raise BadRequest(f"The parameter year is a year, or {NONE}.")
    day = request.args.get("day", "")
    several = request.args.get("places", "")
    if several not in ("", "several"):
        raise BadRequest("The parameter places can be several.")
    return Concerned(**texts, day=_day(day) if day else None, several=bool(several))


def _known(names: tuple[str, ...]) -> None:
    unknown = [name for name in request.args if name not in (*names, "after")]
    if unknown:
        raise BadRequest(f"There is no parameter {unknown[0][:100]}; there are {', '.join(names)}.")


def _day(text: str) -> int:
    try:
        moment = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError as error:
        raise BadRequest("The parameter day is a date like 2003-10-28.") from error
    return int(moment.timestamp()) // A_DAY


def _restrictions() -> list[Restriction]:
    given = {name: value for name, value in request.args.items() if name != "after" and value}
    return [
        Restriction(TITLES.get(name, name), "none" if value == NONE else value,
                    _address({one: kept for one, kept in given.items() if one != name}))
        for name, value in given.items()
    ]  # fmt: skip


def _pages(after: str, first: str = "") -> dict[str, str]:
    """The addresses of the next page and of the first one; '' where there is none."""
    given = {name: value for name, value in request.args.items() if name != "after"}
    return {
        "next_address": _address(given | {"after": after}) if after else "",
        "first_address": _address(given) if request.args.get("after", first) != first else "",
    }


def _address(given: dict[str, str]) -> str:
    return here(request.path, **given)
