"""Wavelengths, energies and frequencies, held against astropy's spectral equivalences."""

from __future__ import annotations

import astropy.units as u
import pytest

from vocabularies import spectra

LIGHT = {
    "171 angstrom": (171, "Å", 171 * u.AA),
    "nanometres": (30.4, "nm", 30.4 * u.nm),
    "micrometres": (10.8, "µm", 10.8 * u.um),
    "metres": (21, "cm", 21 * u.cm),
    "photons": (0.3, "keV", 0.3 * u.keV),
    "photons in joule": (1.6e-19, "J", 1.6e-19 * u.J),
    "radio": (20, "kHz", 20 * u.kHz),
    "millihertz is no megahertz": (2, "mHz", 2 * u.mHz),
    "megahertz": (2, "MHz", 2 * u.MHz),
    "any capitals where they matter not": (5, "KEV", 5 * u.keV),
}


@pytest.mark.parametrize(("number", "unit", "expected"), LIGHT.values(), ids=LIGHT)
def test_light(number: float, unit: str, expected: u.Quantity) -> None:
    hertz = expected.to(u.Hz, equivalencies=u.spectral()).value
    assert spectra.hertz(number, unit) == pytest.approx(hertz, rel=1e-9)


@pytest.mark.parametrize("unit", ["", "nT", "s", "deg", "mhz/s", "MHZ", "counts"])
def test_what_is_no_light(unit: str) -> None:
    assert spectra.hertz(1.0, unit) is None


def test_no_wavelength_is_nought() -> None:
    assert spectra.hertz(0.0, "nm") is None


@pytest.mark.parametrize(
    ("unit", "size"),
    [("eV", 1), ("keV", 1e3), ("MeV/nuc", 1e6), ("MeV/Nuc.", 1e6), ("keV/e", 1e3), ("keV/n", 1e3)],
)
def test_particles(unit: str, size: float) -> None:
    assert spectra.electronvolts(2.5, unit) == pytest.approx(2.5 * size)


@pytest.mark.parametrize("unit", ["", "nm", "Hz", "amu", "degrees"])
def test_what_is_no_energy(unit: str) -> None:
    assert spectra.electronvolts(1.0, unit) is None
