"""Which servers the script of a record's page may ask."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from mappings.to_snippets import Way
from registry.web import previews

SITE = "https://registry.example.org/helio"
HERE = "http://127.0.0.1:8080"
SPAN = ("2003-10-28T00:00:00Z", "2003-10-29T00:00:00Z")


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("https://cdaweb.gsfc.nasa.gov/hapi", "https://cdaweb.gsfc.nasa.gov"),
        ("https://Amda.IRAP.omp.eu:8443/hapi", "https://amda.irap.omp.eu:8443"),
        ("http://amda.irap.omp.eu/hapi", ""),
        ("https://user:word@data.example.org/hapi", ""),
        ("https://10.0.0.1/hapi", ""),
        ("https://[::1]/hapi", ""),
        ("https://2130706433/hapi", ""),
        ("https://0x7f.1/hapi", ""),
        ("https://router/hapi", ""),
        ("https://printer.local/hapi", ""),
        ("https://localhost/hapi", ""),
        ("http://127.0.0.1:9000/hapi", ""),
        ("https://a.example.org;script-src/hapi", ""),
        ("https://a.example.org *.evil.example/hapi", ""),
        ("https://data.example.org:99999/hapi", ""),
        ("ftp://data.example.org/hapi", ""),
        ("//data.example.org/hapi", ""),
        ("https://[/hapi", ""),
    ],
)
def test_only_public_servers_are_asked(address: str, wanted: str) -> None:
    assert previews.origin(address, SITE) == wanted


def test_a_trial_on_a_laptop_may_ask_the_laptop() -> None:
    assert previews.origin("http://127.0.0.1:9000/hapi", HERE) == "http://127.0.0.1:9000"
    assert previews.origin("http://localhost/hapi", HERE) == "http://localhost"
    assert previews.origin("http://192.168.0.1/hapi", HERE) == ""


def test_each_server_is_named_once_and_only_where_there_is_something_to_draw() -> None:
    def way(kind: str, host: str, span: tuple[str, str] | tuple[()]) -> Way:
        return Way(kind, "A", f"https://{host}.example.org/hapi", span=span)

    ways = [
        way("HAPI", "one", SPAN), way("HAPI", "one", SPAN), way("HAPI", "late", ()),
        way("das2", "das", SPAN), way("HAPI", "two", SPAN),
    ]  # fmt: skip
    assert previews.origins(ways, SITE) == ["https://one.example.org", "https://two.example.org"]


def test_a_page_without_hapi_has_no_script_and_asks_nobody(client: FlaskClient) -> None:
    drawn = client.get("/records/spase/PARHELION/NumericalData/Wind/MFI/PT3S")
    policy = drawn.headers["Content-Security-Policy"]
    assert policy.endswith("; script-src 'self'; connect-src https://cdaweb.gsfc.nasa.gov")
    assert b"/static/hapi.js" in drawn.data
    assert b'data-dataset="WI_H0_MFI"' in drawn.data
    plain = client.get("/records/spase/PARHELION/Observatory/ACE")
    assert "script-src" not in plain.headers["Content-Security-Policy"]
    assert "connect-src" not in plain.headers["Content-Security-Policy"]
    assert b"hapi.js" not in plain.data
