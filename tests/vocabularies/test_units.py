"""Units read as VOUnits, held against astropy, which has the standard in its own words."""

from __future__ import annotations

import warnings

import pytest
from astropy import units as astropy_units
from astropy.units.format import VOUnit

from vocabularies.units import AMBIGUOUS, EXACT, NONE, OTHER, READ, UNKNOWN, reading
from vocabularies.vounits import SYMBOLS


def parsed(text: str) -> astropy_units.UnitBase:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return astropy_units.Unit(text, format="vounit", parse_strict="raise")


def test_the_symbols_are_astropys() -> None:
    assert set(VOUnit._units) == SYMBOLS


@pytest.mark.parametrize(
    "text",
    sorted(
        [
            "nT",
            "km/s",
            "cm**-3",
            "V**2/Hz",
            "10**6eV",
            "deg",
            "ct.s**-1",
            "Hz**(1/2)",
            "mW.m**-2",
            "uA",
            "Angstrom",
        ]
    ),
)
def test_what_is_a_vounit_is_left_alone(text: str) -> None:
    found = reading(text)
    assert found.sort == EXACT
    assert parsed(found.unit).is_equivalent(parsed(text))
    assert parsed(found.unit).to(parsed(text)) == pytest.approx(1)


# Left as records spell it, right in the words of astropy's own generic format.
READINGS = {
    "cm^-3": "cm-3", "cm-3": "cm-3", "1/cc": "cm-3", "#/cm3": "cm-3", "#/cc": "cm-3",
    "(cm^2 s sr keV)^-1": "cm-2 s-1 sr-1 keV-1",
    "1/(cm^2-sec-ster-MeV/nucleon)": "cm-2 s-1 sr-1 MeV-1",
    "s-1 cm-2 ster-1 keV-1": "s-1 cm-2 sr-1 keV-1",
    "cm!E-2!Nsr!E-1!Nsec!E-1!N": "cm-2 sr-1 s-1",
    "mV!u2!n/m!u2!n/Hz": "mV2 m-2 Hz-1",
    "cm²": "cm2", "µA": "uA", "μA/m**2": "uA m-2", "Å": "Angstrom",
    "Degrees": "deg", "°": "deg", "deg K": "K", "°K": "K", "gamma": "nT",
    "KM/S": "km s-1", "Km": "km", "Counts/sec": "ct s-1", "cps": "ct s-1",
    "counts per sec": "ct s-1", "(mV/m)^2/Hz": "mV2 m-2 Hz-1", "pT/Hz^0.5": "pT Hz(-1/2)",
    "nT/Hz^1/2": "nT Hz(-1/2)", "10^6 km": "1e6 km", "1.e-22 W m^-2 Hz^-1": "1e-22 W m-2 Hz-1",
    "10-22W m-2 Hz-1": "1e-22 W m-2 Hz-1", "(50 ms)^-1": "20 s-1", "s^3 *km^-6": "s3 km-6",
    "#/(cm^2-s-keV/e-sr)": "cm-2 s-1 keV-1 sr-1", "KiloRayleighs": "kR", "ua": "AU",
    "Rayleighs/nm": "R nm-1", "hours": "h", "nA": "nA", "picoseconds": "ps",
}  # fmt: skip


@pytest.mark.parametrize("text", READINGS)
def test_how_spellings_are_read(text: str) -> None:
    found = reading(text)
    assert found.sort in (READ, EXACT)
    with astropy_units.add_enabled_units([astropy_units.R]):
        meant = astropy_units.Unit(READINGS[text])
    assert parsed(found.unit).to(meant) == pytest.approx(1)


@pytest.mark.parametrize(
    "text", ["counts/s cm^2", "counts per sec cm^2 ster keV", "1/cm^-3", "eV/cm^2 sr eV"]
)
def test_what_can_be_read_in_two_ways_is_not_guessed(text: str) -> None:
    assert reading(text).sort == AMBIGUOUS


@pytest.mark.parametrize(
    "text",
    ["flag", "(0=off)", "UTC", "blorgs", "mm/dd", "dB(V/root-Hz)", "0-1", "1/(cm", "cm^", "^2",
     "log(nT)", "x" * 10_000, "/" * 79, "(" * 79, "10^99999 m", "1e999 m", "9^9999 m",
     "m^1e999", "m^(1/", "nT^0", "m" + "^9" * 30],
)  # fmt: skip
def test_what_is_no_unit_is_none(text: str) -> None:
    assert reading(text).sort in (UNKNOWN, AMBIGUOUS)


def test_words_for_no_unit_and_units_outside_the_standard() -> None:
    assert reading("unitless").sort == reading("' '").sort == reading("").sort == NONE
    assert (reading("Re").sort, reading("Re").about) == (OTHER, "Earth radius")
    assert reading("MeV/nuc").counted == ("nucleons",)
    assert reading("MeV/nuc").unit == "MeV"


@pytest.mark.parametrize("text", READINGS)
def test_a_reading_is_read_as_itself(text: str) -> None:
    unit = reading(text).unit
    assert parsed(reading(unit).unit).to(parsed(unit)) == pytest.approx(1)


def test_words_with_micro_in_front() -> None:
    words = ("microns", "microVolt", "microvolts", "micrometers", "microseconds", "microW/m^2")
    assert [reading(text).unit for text in words] == ["um", "uV", "uV", "um", "us", "uW.m**-2"]
