"""`/sources`: where the records come from, when they last came, and what was wrong then."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort

from registry.sources import schedule
from registry.sources.state import SourceState, source_states
from registry.store import harvests as kept
from registry.store import ownership
from registry.store.harvests import KeptHarvest, LogLine
from registry.web.moments import utc
from registry.web.presentation import render
from registry.web.site import site

blueprint = Blueprint("sources", __name__)

SHOWN = 20
"""How many harvests of a source are shown."""
_COUNTS = ("read", "new", "changed", "unchanged", "deleted", "quarantined")


@blueprint.get("/sources")
def sources() -> Response:
    """Every source with its last harvest, the next one, and the one that runs."""
    with site().store.reading() as reader:
        states = list(source_states(reader, site().store.clock()))
    return render("sources.html", states=states, period=schedule.written)


@blueprint.get("/sources/<name>")
def source(name: str) -> Response:
    """One source with its last harvests and their log."""
    state, harvests, lines, beside = _one(name)
    return render(
        "source.html", state=state, harvests=harvests, lines=lines, beside=beside,
        period=schedule.written,
    )  # fmt: skip


@blueprint.get("/api/v1/sources")
def sources_object() -> Response:
    """The same as `/sources`, for programs."""
    with site().store.reading() as reader:
        states = list(source_states(reader, site().store.clock()))
    return _json({"sources": [_object(state) for state in states]})


@blueprint.get("/api/v1/sources/<name>")
def source_object(name: str) -> Response:
    """The same as `/sources/<name>`, for programs."""
    state, harvests, lines, beside = _one(name)
    told = [
        _harvest(state, one)
        | {
            "log": [
                {"at": utc(line.at), "severity": line.severity, "message": state.told(line.message)}
                for line in lines[one.id]
            ]
        }
        for one in harvests
    ]
    return _json(_object(state) | {"harvests": told, "belonging_to_others": beside})


def _one(
    name: str,
) -> tuple[SourceState, list[KeptHarvest], dict[int, list[LogLine]], dict[str, int]]:
    with site().store.reading() as reader:
        states = source_states(reader, site().store.clock())
        state = next((one for one in states if one.source.name == name), None)
        if state is None:
            abort(404, f"There is no source {name!r}.")
        connection = reader.connection
        harvests = kept.harvests(connection, state.source.id, SHOWN)
        lines = kept.log_lines(connection, [one.id for one in harvests])
        beside = ownership.count_beside(connection, state.source.id)
    return state, harvests, lines, beside


def _object(state: SourceState) -> dict[str, Any]:
    one = state.source
    return {
        "name": one.name,
        "kind": one.kind,
        "url": state.address,
        "set": one.set_spec,
        "state": state.word,
        "held": state.held,
        "every": schedule.written(one.every),
        "last_finished": _moment(one.last_finished),
        "next_due": _moment(one.next_due),
        "failures": one.failures,
        "last_error": state.told(one.last_error),
        "managed_authorities": state.managed,
        "harvest": _harvest(state, state.newest) if state.newest else None,
    }


def _harvest(state: SourceState, one: KeptHarvest) -> dict[str, Any]:
    return {
        "started": utc(one.started),
        "ended": _moment(one.ended),
        "outcome": one.outcome,
        "message": state.told(one.message),
        "counts": {name: one.counts.get(name, 0) for name in _COUNTS},
    }


def _moment(seconds: int | None) -> str | None:
    return utc(seconds) if seconds else None


def _json(found: dict[str, Any]) -> Response:
    answer = Response(json.dumps(found, ensure_ascii=False) + "\n", content_type="application/json")
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "no-cache"
    return answer
