"""Words and phrases by which records name units, beside the symbols of VOUnits."""

from __future__ import annotations

import re

# fmt: off
_WORDS = {
    "s": "s. sec secs second seconds Seconds SEC S.",
    "ms": "msec msecs millisecond milliseconds millisec",
    "us": "usec microsecond microseconds microsec",
    "ns": "nsec nanosecond nanoseconds",
    "ps": "picosecond picoseconds",
    "min": "minute minutes mins",
    "h": "hr hrs hour hours",
    "d": "day days",
    "yr": "year years",
    "m": "meter meters metre metres",
    "km": "Km KM kilometer kilometers kilometre kilometres kms",
    "cm": "centimeter centimeters centimetre centimetres",
    "mm": "millimeter millimeters millimetre millimetres",
    "um": "micron microns micrometer micrometers micrometre micrometres",
    "nm": "nanometer nanometers nanometre nanometres",
    "Mm": "megameter megameters megametre megametres",
    "Angstrom": "Å Angstroms angstroms Ang Angs AA Å.",
    "deg": "° º Deg degs degree degrees Degree DEG",
    "rad": "radian radians rads",
    "arcsec": "arcseconds arcsecond asec",
    "arcmin": "arcminute arcminutes",
    "sr": "ster str strad steradian steradians Sr SR Ster sterad",
    "Hz": "hz HZ hertz",
    "kHz": "khz KHz kHZ kilohertz",
    "MHz": "mhz Mhz megahertz",
    "GHz": "ghz Ghz gigahertz",
    "eV": "ev EV electronvolt electronvolts",
    "keV": "kev KeV KEV Kev",
    "MeV": "Mev mev MEV",
    "GeV": "Gev gev GEV",
    "K": "kelvin kelvins degK",
    "V": "volt volts Volt",
    "kV": "kilovolt kilovolts KV",
    "mV": "millivolt millivolts",
    "uV": "uVolt uVolts uvolt uvolts",
    "A": "amp amps ampere amperes Amp Amps",
    "mA": "mAmp mAmps milliamp milliamps milliampere milliamperes",
    "uA": "microamp microamps microampere microamperes",
    "nT": "nanotesla nanoteslas nt NT gamma gammas",
    "pT": "picotesla",
    "T": "tesla teslas",
    "G": "gauss Gs gausses",
    "nPa": "nanopascal nanopascals npa",
    "Pa": "pascal pascals",
    "W": "watt watts",
    "J": "joule joules",
    "erg": "ergs",
    "g": "gram grams",
    "kg": "kilogram kilograms",
    "mol": "mole moles",
    "u": "amu AMU dalton daltons",
    "C": "coulomb coulombs",
    "Ohm": "ohm ohms Ohms Ω",
    "R": "rayleigh rayleighs",
    "kR": "kilorayleigh kilorayleighs",
    "AU": "au ua A.U. AUs",
    "ct": "cts cnt cnts counts",
    "adu": "ADU DN dn",
    "Jy": "jansky janskys",
    "mag": "magnitude magnitudes mags",
    "pix": "pixels px",
    "photon": "photons",
    "bit": "bits",
    "byte": "bytes",
    "dB": "db DB decibel decibels",
    "solRad": "Rsun R_sun RSun R_Sun Rsol",
    "cm3": "cc CC ccm",
    "ct s-1": "cps CPS",
    "d-1": "cpd",
}
# fmt: on

_FACTOR = re.compile(r"([A-Za-z]+)(-?\d+)?")


def _factors(text: str) -> tuple[tuple[str, float], ...]:
    return tuple((symbol, float(power or 1)) for symbol, power in _FACTOR.findall(text))


WORDS: dict[str, tuple[tuple[str, float], ...]] = {
    word: _factors(unit) for unit, words in _WORDS.items() for word in words.split()
}
"""What a word stands for: pairs of symbol and exponent."""

COUNTED: dict[str, str] = {
    "#": "", "number": "", "num": "", "no": "", "n": "nucleons", "nuc": "nucleons",
    "nucl": "nucleons", "nucleon": "nucleons", "nucleons": "nucleons", "q": "charges",
    "e": "charges", "charge": "charges", "ion": "ions", "ions": "ions",
    "proton": "protons", "protons": "protons", "electron": "electrons",
    "electrons": "electrons", "alpha": "alpha particles", "alphas": "alpha particles",
    "particle": "particles", "particles": "particles", "enas": "neutral atoms",
    "ena": "neutral atoms", "spin": "spins", "sample": "samples", "samples": "samples",
}  # fmt: skip
"""Things that are counted: they have no unit, and what is per nucleon the description says."""

NO_UNIT = frozenset(
    ("none", "unitless", "unit-less", "dimensionless", "n/a", "ratio", "fraction", "number",
     "fractional", "-", "1", "no units", "no unit", "nounit", "nounits", "", "null", "#")
)  # fmt: skip
"""Words that say that a value has no unit. An empty `Units` says it best, or none at all."""

PHRASES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^KM/S$"), "km/s"),
    (re.compile(r"\bdegrees?\b\.?\s*(?=/)", re.IGNORECASE), "deg"),
    (re.compile(r"(?:°|\bdeg(?:rees?)?\.?)\s*K(?:elvin)?\b", re.IGNORECASE), "K"),
    (re.compile(r"\broot[- ]?Hz\b"), "Hz^(1/2)"),
    (re.compile(r"\bDN \(data numbers?\)", re.IGNORECASE), "adu"),
    (re.compile(r"\bdata numbers?\b", re.IGNORECASE), "adu"),
    (re.compile(r"\bmicro-?(?!ns?\b|met|sec|amp)(?=[a-z])", re.IGNORECASE), "u"),
)
"""Phrases of several words, and what is read in their place."""

PER_COUNTED = re.compile(
    r"(?<=eV)\s*(?:/|\bper\b)\s*(nuc(?:l|leons?)?\b\.?|n\b|[eq]\b|charge\b|ions?\b)", re.IGNORECASE
)
"""Energies for each nucleon, charge or ion."""

FORMATS = frozenset(("mm/dd", "mm/dd/yy", "dd/mm", "hh:mm", "c/s"))
"""Ways to write a date, and the like, that only look like units."""

OTHERS = {
    "%": "percent", "percent": "percent", "°c": "degree Celsius", "degc": "degree Celsius",
    "deg c": "degree Celsius", "deg. c": "degree Celsius", "degrees c": "degree Celsius",
    "celsius": "degree Celsius", "degrees celsius": "degree Celsius",
    "re": "Earth radius", "r_e": "Earth radius", "earthradii": "Earth radius",
    "earth radii": "Earth radius", "earth radius": "Earth radius", "rj": "Jupiter radius",
    "rv": "Venus radius", "rma": "Mars radius", "rme": "Mercury radius", "titan radius":
    "Titan radius", "sfu": "solar flux unit", "tecu": "total electron content unit",
    "week": "week", "weeks": "week", "month": "month", "months": "month", "torr": "torr",
    "mbar": "millibar", "millibars": "millibar", "bar": "bar", "mx": "maxwell",
    "maxwell": "maxwell", "ppm": "part in a million", "ppb": "part in a billion",
}  # fmt: skip
"""Units that are in use and that VOUnits does not have, in lower case, and their names."""
