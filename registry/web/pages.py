"""The first page."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, Response

from registry.store.reading import Reader
from registry.web.presentation import render
from registry.web.site import site

blueprint = Blueprint("pages", __name__)


class Totals(NamedTuple):
    """How many records there are, in all and by format, kind and verdict, many first."""

    total: int
    formats: list[tuple[str, int]]
    kinds: list[tuple[str, int]]
    verdicts: list[tuple[str, int]]


def totals(reader: Reader) -> Totals:
    """What the registry holds."""
    rows = reader.counts()
    sums: list[dict[str, int]] = [{}, {}, {}]
    for *names, number in rows:
        for column, name in zip(sums, names, strict=True):
            column[name] = column.get(name, 0) + number
    ranked = [sorted(column.items(), key=lambda item: (-item[1], item[0])) for column in sums]
    return Totals(sum(row[3] for row in rows), *ranked)


@blueprint.get("/")
def home() -> Response:
    """What this is, what it holds, a search box, and the ways in for programs."""
    with site().store.reading() as reader:
        held = totals(reader)
    return render("home.html", held=held)
