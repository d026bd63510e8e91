"""Numbers with units as people type them."""

from __future__ import annotations

import astropy.units as u
import pytest

from registry.search import quantities


def hertz(low: u.Quantity, high: u.Quantity) -> tuple[float, float]:
    ends = [one.to(u.Hz, equivalencies=u.spectral()).value for one in (low, high)]
    return min(ends), max(ends)


RANGES = {
    "0.3-10 keV": hertz(0.3 * u.keV, 10 * u.keV),
    "20-1000 kHz": hertz(20 * u.kHz, 1000 * u.kHz),
    "20 kHz - 1 MHz": hertz(20 * u.kHz, 1 * u.MHz),
    "10–30 nm": hertz(10 * u.nm, 30 * u.nm),
    "10 to 30 nm": hertz(10 * u.nm, 30 * u.nm),
    "30-10nm": hertz(10 * u.nm, 30 * u.nm),
}


@pytest.mark.parametrize(("text", "expected"), RANGES.items(), ids=RANGES)
def test_ranges(text: str, expected: tuple[float, float]) -> None:
    assert quantities.light(text) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("text", ["171 Å", "171Å", "171 \u212b", "17.1 nm", "171 Angstrom"])
def test_a_single_one_is_met_within_half_a_percent(text: str) -> None:
    ends = quantities.light(text)
    assert ends is not None
    exact, _ = hertz(171 * u.AA, 171 * u.AA)
    assert ends[0] < exact < ends[1]
    assert ends[1] / ends[0] == pytest.approx(1.01, abs=0.001)


@pytest.mark.parametrize(
    "text", ["", "171", "Å", "nm 5", "1-2-3 nm", "5 nT", "x" * 9000, "1e999 Hz", "\x00", "-5 nm"]
)
def test_what_is_none(text: str) -> None:
    assert quantities.light(text) is None


def test_energies() -> None:
    assert quantities.energy("1-10 MeV/nuc") == (1e6, 1e7)
    assert quantities.energy("171 Å") is None


@pytest.mark.parametrize(
    ("text", "length"),
    [("PT16S", 16), ("16 s", 16), ("16s", 16), ("1 min", 60), ("100 ms", 0.1), ("P1D", 86400)],
)
def test_lengths(text: str, length: float) -> None:
    assert quantities.seconds(text) == pytest.approx(length)


@pytest.mark.parametrize("text", ["", "16", "s", "16 nT", "soon"])
def test_what_is_no_length(text: str) -> None:
    assert quantities.seconds(text) is None
