"""Whether the registry works (`/healthz`), and its figures for Prometheus (`/metrics`)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, current_app

from registry.followers.state import status
from registry.store.connections import StoreError
from registry.web.site import site

blueprint = Blueprint("health", __name__)

Labels = dict[str, object]
Sample = tuple[Labels, float]


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 when the store can be read, with how far index and graph have come; else 503."""
    try:
        state = _state()
    except StoreError as error:
        return _json({"status": "store unreadable", "detail": str(error)}, 503)
    followers = state["followers"]
    faults = [name for name, follower in followers.items() if follower.get("fault")]
    return _json(
        {
            "status": f"without {' and '.join(faults)}" if faults else "ok",
            "last_change": state["last_change"],
            "followers": followers,
        }
    )


@blueprint.get("/metrics")
def metrics() -> Response:
    """Figures in Prometheus' text format, version 0.0.4."""
    try:
        state: dict[str, Any] | None = _state()
    except StoreError:
        state = None
    lines = [*_family("parhelion_up", "gauge", "Whether the store can be read.",
                      [({}, float(state is not None))])]  # fmt: skip
    if state is not None:
        lines += _of_state(state)
    lines += _family(
        "parhelion_http_requests_total",
        "counter",
        "Requests answered by this process.",
        [
            ({"route": route, "method": method, "status": code}, count)
            for (route, method, code), count in _answers().counts().items()
        ],
    )
    text = "\n".join(lines) + "\n"
    return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")


def _state() -> dict[str, Any]:
    here = site()
    return status(here.store, here.engines.following())


def _answers() -> Any:
    return current_app.extensions["parhelion.answers"]


def _of_state(state: dict[str, Any]) -> list[str]:
    records = state["records"]
    lines = []
    for by, name in (("by_format", "format"), ("by_type", "kind"), ("by_verdict", "verdict")):
        lines += _family(
            f"parhelion_records_by_{name}",
            "gauge",
            f"Current records by {name}.",
            [({name: value}, count) for value, count in records[by].items()],
        )
    followers = state["followers"].items()
    quarantine = [({"reason": one}, count) for one, count in state["quarantine"].items()]
    families: list[tuple[str, str, list[Sample]]] = [
        ("records", "Current records.", [({}, records["total"])]),
        ("records_deleted", "Deleted records.", [({}, records["deleted"])]),
        ("last_change", "Number of the last change.", [({}, state["last_change"])]),
        ("quarantine", "Documents that could not be taken in.", quarantine),
        ("follower_up", "Whether a follower can be asked.",
         [({"follower": name}, float(one["applied"] is not None)) for name, one in followers]),
        ("follower_applied", "Number of the last change that a follower has applied.",
         [({"follower": name}, one["applied"]) for name, one in followers
          if one["applied"] is not None]),
        ("follower_lag", "Records that a follower has still to take.",
         [({"follower": name}, one["lag"]) for name, one in followers if one["lag"] is not None]),
        ("refused", "Records that an engine refused.", [({}, len(state["refused"]))]),
    ]  # fmt: skip
    for name, said, samples in families:
        lines += _family(f"parhelion_{name}", "gauge", said, samples)
    return lines


def _family(name: str, kind: str, said: str, samples: Iterable[Sample]) -> list[str]:
    lines = [f"# HELP {name} {said}", f"# TYPE {name} {kind}"]
    for labels, value in samples:
        told = ",".join(f'{label}="{_escaped(str(one))}"' for label, one in labels.items())
        lines.append(f"{name}{{{told}}} {value:.15g}" if told else f"{name} {value:.15g}")
    return lines


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _json(found: dict[str, Any], status_code: int = 200) -> Response:
    answer = Response(json.dumps(found) + "\n", status_code, content_type="application/json")
    answer.headers["Cache-Control"] = "no-store"
    return answer
