"""Terms of RDF: the values are those of XSD 1.1, RFC 3987, and what rdflib and oxigraph read."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
import rdflib

from mappings import rdf_terms

XSD = "http://www.w3.org/2001/XMLSchema#"
OXIGRAPH = Path(sys.executable).parent / "oxigraph"


def typed(text: str, name: str) -> str:
    return f'"{text}"^^<{XSD}{name}>'


def kept_by_oxigraph(lines: list[str], folder: Path) -> list[str]:
    """What oxigraph gives back of lines that were loaded into it."""
    source = folder / "lines.nt"
    source.write_bytes("".join(f"{line}\n" for line in lines).encode())
    place = str(folder / "place")
    subprocess.run([OXIGRAPH, "load", "-l", place, "-f", source], check=True, capture_output=True)
    dump = [OXIGRAPH, "dump", "-l", place, "--format", "nt", "--graph", "default"]
    written = subprocess.run(dump, check=True, capture_output=True).stdout
    return sorted(written.decode().removesuffix("\n").split("\n"))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("PT60S", "PT1M"),
        ("PT24H", "P1D"),
        ("P12M", "P1Y"),
        ("P7D", "P7D"),
        ("P30D", "P30D"),
        ("-P01M", "-P1M"),
        ("-P14MT25H", "-P1Y2M1DT1H"),
        ("PT0.0625S", "PT0.0625S"),
        ("PT2.50S", "PT2.5S"),
        ("PT99999.999S", "P1DT3H46M39.999S"),
        ("P0D", "PT0S"),
        ("-PT0S", "PT0S"),
        ("PT0.000000000000000001S", "PT0.000000000000000001S"),
    ],
)
def test_durations_are_canonical(text: str, canonical: str) -> None:
    assert rdf_terms.duration(text) == typed(canonical, "duration")


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "1 hour", "PT-1S", "P1S", "pt1s", "PT1.S"])
def test_what_is_no_duration_stays_text(text: str) -> None:
    assert rdf_terms.duration(text) == f'"{text}"'


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1.50", "1.5"),
        ("12.0", "12"),
        ("-0.0", "0"),
        ("+65.1", "65.1"),
        ("1.2E1", "12"),
        ("-147.447", "-147.447"),
        (".5", "0.5"),
        ("100", "100"),
    ],
)
def test_decimals_are_canonical(text: str, canonical: str) -> None:
    assert rdf_terms.decimal(text) == typed(canonical, "decimal")


@pytest.mark.parametrize("text", ["", "N/A", "NaN", "INF", "1_000", "65°", "1e999999999", "1e-99"])
def test_what_is_no_decimal_stays_text(text: str) -> None:
    assert rdf_terms.decimal(text) == f'"{text}"'


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("2001-02-03T04:05:06Z", "2001-02-03T04:05:06Z"),
        ("2001-02-03T04:05:06", "2001-02-03T04:05:06Z"),
        ("2001-02-03T04:05:06.120Z", "2001-02-03T04:05:06.12Z"),
        ("2001-02-03T04:05:06.000249", "2001-02-03T04:05:06.000249Z"),
        ("2001-02-03T01:05:06+02:00", "2001-02-02T23:05:06Z"),
        ("2001-02-28T24:00:00", "2001-03-01T00:00:00Z"),
        ("2001-02-03", "2001-02-03T00:00:00Z"),
    ],
)
def test_dates_are_utc(text: str, canonical: str) -> None:
    assert rdf_terms.moment(text) == typed(canonical, "dateTime")


@pytest.mark.parametrize("text", ["2001-02-30T00:00:00Z", "last summer", "2001"])
def test_a_broken_date_stays_text(text: str) -> None:
    assert rdf_terms.moment(text) == f'"{text}"'


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("https://a.org/b?c=d&e=f#g", "https://a.org/b?c=d&e=f#g"),
        ("http://a.org/a b", "http://a.org/a%20b"),
        ("http://a.org/{x}|y^z`", "http://a.org/%7Bx%7D%7Cy%5Ez%60"),
        ("http://a.org/100%", "http://a.org/100%25"),
        ("http://a.org/%20", "http://a.org/%20"),
        ("http://a.org/?x[]=1", "http://a.org/?x%5B%5D=1"),
        ("http://[x]/", "http://%5Bx%5D/"),
        ("http://[::1]:80/a", "http://[::1]:80/a"),
        ("http://a.org/#a#b", "http://a.org/#a%23b"),
        ("http://a.org/é", "http://a.org/é"),
        ("http://a.org/\ue000", "http://a.org/%EE%80%80"),
        ("mailto:a@b.org", "mailto:a@b.org"),
        ("ftp://user@host/x", "ftp://user@host/x"),
        ("doi:10.1/2", "doi:10.1/2"),
        ('http://a.org/"><x', "http://a.org/%22%3E%3Cx"),
    ],
)
def test_iris_are_encoded_where_they_must_be(text: str, iri: str) -> None:
    assert rdf_terms.iri(text) == f"<{iri}>"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "www.a.org",
        "/a/b",
        "http://a:b/",
        "1http://a",
        "http://a.org:80x/",
        "a b:c",
    ],
)
def test_what_is_no_iri_is_a_literal(text: str) -> None:
    assert rdf_terms.iri(text) is None
    assert rdf_terms.resource(text) == rdf_terms.literal(text)


@pytest.mark.parametrize(
    ("identifier", "term"),
    [
        ("spase://A/B/C", "<spase://A/B/C>"),
        ("spase://A/B#C", "<spase://A/B%23C>"),
        ("spase://A/B C", "<spase://A/B%20C>"),
        ("ivo://Org.GAVO/Tap#aux", "<ivo://org.gavo/tap>"),
        ("TBD", '"TBD"'),
    ],
)
def test_records_are_named_by_their_identifiers(identifier: str, term: str) -> None:
    assert rdf_terms.record(identifier) == term


def _strings() -> list[str]:
    seed = random.Random(3)
    # fmt: off
    pool = [*map(chr, range(0x20, 0x7F)), "\\", '"', "\n", "\r", "\t", "\b", "\f", "\x01", "\x0b",
            "\x1f", "\x7f", "\x85", "\xa0", "é", "\u2028", "\u2029", "\ufeff", "\uffff", "漢",
            "\U0001f31e", "\\u0022", "\\n", "^^<x>", "@en", "\u202e", "e\u0301"]
    # fmt: on
    made = ["".join(seed.choices(pool, k=seed.randrange(40))) for _ in range(2000)]
    return [*pool, *made]


def test_any_string_is_read_back_as_it_was() -> None:
    strings = _strings()
    text = "".join(f"<x:{n}> <x:p> {rdf_terms.literal(s)} .\n" for n, s in enumerate(strings))
    read = rdflib.Graph().parse(data=text, format="nt")
    assert {(str(s)[2:], str(o)) for s, _, o in read} == {
        (str(n), s) for n, s in enumerate(strings)
    }


def test_half_a_character_becomes_a_mark() -> None:
    assert rdf_terms.literal("a\ud800b") == '"a\ufffdb"'


def test_oxigraph_keeps_every_term_as_written(tmp_path: Path) -> None:
    seed = random.Random(5)

    def number(top: int) -> int:
        return seed.choice((0, 1, seed.randrange(top)))

    terms = [rdf_terms.literal(string) for string in _strings()]
    for _ in range(1500):
        date = f"{number(99)}Y{number(99)}M{number(999)}D"
        time = f"{number(99)}H{number(999)}M{number(9999)}.{number(10**9):09}S"
        terms.append(rdf_terms.duration(f"{seed.choice(('', '-'))}P{date}T{time}"))
        terms.append(rdf_terms.decimal(f"{seed.uniform(-400, 400):.{seed.randrange(9)}f}"))
        moment = f"{seed.randrange(1, 10000):04}-0{seed.randrange(1, 10)}-1{number(9)}T0{number(9)}"
        zone = seed.choice(("", "Z", "+05:30", "-11:00"))
        terms.append(rdf_terms.moment(f"{moment}:10:00.{number(10**6):06}{zone}"))
        address = "".join(seed.choices("abcé:/?#[]@%2 <>{}|^`'\\~\u2028", k=12))
        terms.append(rdf_terms.resource(f"http://a.org/{address}"))
        terms.append(rdf_terms.resource(f"http:{address}"))
        terms.append(rdf_terms.record(f"spase://{address}"))
    lines = [f"<x:{n}> <x:p> {term} ." for n, term in enumerate(terms)]
    assert sum(term.startswith("<") for term in terms) > 2000
    assert kept_by_oxigraph(lines, tmp_path) == sorted(lines)
