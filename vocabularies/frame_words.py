"""Deprecated terms of IVOA's refframe vocabulary, and the ones to use instead."""

from __future__ import annotations

INSTEAD: dict[str, str] = {
    "eq_FK4": "FK4",
    "eq_FK5": "FK5",
    "ecl_FK5": "ECLIPTIC",
    "galactic": "GALACTIC",
    "supergalactic": "SUPER_GALACTIC",
    "xy": "UNKNOWN",
    "barycentric": "ICRS",
}

SAME = frozenset(("eq_FK4", "eq_FK5", "galactic", "supergalactic"))
"""Those that mean exactly what took their place."""
