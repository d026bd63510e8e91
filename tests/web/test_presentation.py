"""Words for dates, durations and terms."""

from __future__ import annotations

import pytest

from registry.web import presentation


@pytest.mark.parametrize(("text", "said"), [
    ("PT16S", "16 s"), ("PT0.0625S", "0.0625 s"), ("P1D", "1 day"), ("P2M", "2 months"),
    ("PT1H30M", "1 h 30 min"), ("P1Y", "1 year"), ("-P1M", "minus 1 month"), ("PT0S", "0 s"),
    ("16 s", "16 s"), ("", ""), ("P", "P"),
])  # fmt: skip
def test_durations(text: str, said: str) -> None:
    assert presentation.duration(text) == said


@pytest.mark.parametrize(("text", "said"), [
    ("1997-09-02T00:00:12Z", "1997-09-02 00:00:12 UTC"),
    ("1997-09-02T00:00:00Z", "1997-09-02"),
    ("1997-09-02", "1997-09-02"),
    ("1997-09-02T24:00:00", "1997-09-03"),
    ("1997-09-02T01:30:00+01:00", "1997-09-02 00:30 UTC"),
    ("sometime", "sometime"),
])  # fmt: skip
def test_dates(text: str, said: str) -> None:
    assert presentation.date(text) == said


@pytest.mark.parametrize(("text", "said"), [
    ("-P2M", "2 months ago"), ("P1D", "still running"), ("soon", "soon"),
])  # fmt: skip
def test_relative_ends(text: str, said: str) -> None:
    assert presentation.relative_end(text) == said


@pytest.mark.parametrize(("url", "link"), [
    ("https://example.org/", True), (" ftp://example.org/x ", True), ("javascript:alert(1)", False),
    ("data:text/html,x", False), ("//example.org", False), ("http:", False),
    ("https://[", False), ("JaVaScRiPt://example.org/%0aalert(1)", False),
])  # fmt: skip
def test_only_web_addresses_are_links(url: str, link: bool) -> None:
    assert bool(presentation.outward(url)) is link


def test_moments_that_no_calendar_has() -> None:
    assert presentation.when(1e12) == ""
    assert presentation.when(-1e12) == ""
    assert presentation.when(0) == "1970-01-01 00:00 UTC"
