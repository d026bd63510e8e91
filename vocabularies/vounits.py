"""The units of VOUnits 1.1 by name: symbols, and the prefixes that stand before them."""

from __future__ import annotations

_PREFIXES = "y z a f p n u m c d da h k M G T P E Z Y"
_BINARY = "Ki Mi Gi Ti Pi Ei Zi Yi"
# fmt: off
_WITH_PREFIXES = (
    "A B C D F G H Hz J Jy K N Ohm Pa R Ry S T V W Wb a adu arcmin arcsec barn beam bin bit byte "
    "cd chan count ct d deg eV erg g h lm lx lyr m mag min mol pc ph photon pix pixel rad s "
    "solLum solMass solRad sr u voxel yr"
)
_ALONE = ("AU", "Angstrom", "angstrom", "Sun", "mas", "Ba")
# What would be a prefixed unit and is not one, or is another one.
_NOT = frozenset(("dbyte", "pcount", "pct", "yd"))
# fmt: on

DEPRECATED = {"erg": "J", "G": "T", "barn": "m**2", "Angstrom": "nm", "angstrom": "nm", "Ba": "Pa"}
"""Symbols that VOUnits keeps and advises against, and what to write instead, rescaled."""

SYMBOLS: frozenset[str] = (
    frozenset(_ALONE)
    | frozenset(_WITH_PREFIXES.split())
    | (frozenset(p + symbol for symbol in _WITH_PREFIXES.split() for p in _PREFIXES.split()) - _NOT)
    | frozenset(p + symbol for symbol in ("B", "bit", "byte") for p in _BINARY.split())
)
"""Every symbol that VOUnits 1.1 knows, prefixed ones included."""
