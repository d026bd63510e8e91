"""Observatories with coordinates, by key: what the map of a result is drawn from."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import NamedTuple

from flask import current_app

from registry.kept_records import models
from registry.model import Record
from registry.store.reading import Reader
from registry.web.site import Site

_BATCH = 500
_KEPT = "parhelion.search.stations"


class Station(NamedTuple):
    """Where an observatory stands, in degrees; longitudes from -180 to 180."""

    key: str
    name: str
    latitude: float
    longitude: float


class Stations:
    """The stations of one application; only what has changed since is read again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reached = 0
        self._held: dict[str, Station] = {}

    def all(self, here_site: Site) -> Mapping[str, Station]:
        """The stations as of now."""
        with self._lock, here_site.store.reading() as reader:
            held = dict(self._held)
            while True:
                before = self._reached
                self._reached = self._read(reader, held, before)
                if self._reached >= reader.last_change() or self._reached == before:
                    break
            self._held = held
            return held

    def _read(self, reader: Reader, held: dict[str, Station], after: int) -> int:
        records, reached = reader.changed(after, _BATCH)
        for one in records:
            held.pop(one.key, None)
        current = [one for one in records if one.kind == "Observatory" and not one.deleted]
        for kept, record in models(reader, current, parameters=False) if current else ():
            place = _place(record)
            if place is not None:
                held[kept.key] = Station(kept.key, record.name or kept.identifier, *place)
        return reached


def stations(here_site: Site) -> Mapping[str, Station]:
    """Every station of the registry."""
    kept: Stations = current_app.extensions.setdefault(_KEPT, Stations())
    return kept.all(here_site)


def _place(record: Record) -> tuple[float, float] | None:
    """(latitude, longitude) of the first place that says both, within their bounds."""
    for place in record.places:
        try:
            latitude, longitude = float(place.latitude), float(place.longitude)
        except ValueError:
            continue
        if -90 <= latitude <= 90 and -180 <= longitude <= 360:
            return latitude, (longitude + 180) % 360 - 180
    return None
