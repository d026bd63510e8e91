"""Sources that many will want, by name: `well_known.toml` beside this file."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

OAI_PMH, ARCHIVE = "oai-pmh", "archive"


@dataclass(slots=True, frozen=True)
class WellKnown:
    """A source with what a harvest needs. `kind` is `oai-pmh` or `archive`."""

    name: str
    kind: str
    url: str
    description: str
    prefix: str = ""
    set: str = ""


@cache
def well_known() -> dict[str, WellKnown]:
    """All well-known sources by name, in the file's order."""
    text = files("harvesters").joinpath("well_known.toml").read_text("utf-8")
    found = tomllib.loads(text)
    return {name: WellKnown(name=name, **facts) for name, facts in found.items()}
