"""What search is told of a record."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mappings.to_search import (
    OPEN,
    cadence_words,
    own_fields,
    to_search,
    with_neighbours,
    with_spaces,
)
from registry.model import (
    Access,
    AccessURL,
    Agent,
    Contact,
    Label,
    Parameter,
    Party,
    Publication,
    Range,
    Record,
    Span,
)
from registry.search import fields, words
from tests.mappings import real_records
from tests.shared import needs_shared

KEY = "spase://NASA/NumericalData/ACE/MAG/L2/PT16S"
MAG = "spase://SMWG/Instrument/ACE/MAG"
ACE = "spase://SMWG/Observatory/ACE"
NESS = "spase://SMWG/Person/Norman.F.Ness"
CDAWEB = "spase://SMWG/Repository/CDAWeb"

LABELS = {
    MAG: Label(MAG, "ACE Magnetometer", "Instrument", acronym="MFI", observatories=(ACE,)),
    ACE: Label(ACE, "ACE", "Observatory", alternative_names=("Advanced Composition Explorer",)),
    NESS: Label(NESS, "Norman F. Ness", "Person"),
    CDAWEB: Label(CDAWEB, "", "Repository", acronym="CDAWeb"),
}
REFERENCES = [
    ("PersonID", NESS),
    ("InstrumentID", MAG),
    ("RepositoryID", CDAWEB),
    ("PriorID", "spase://VHO/Old"),
    ("AssociationID", "spase://NASA/Other"),
]


def record(**given: object) -> Record:
    return Record(KEY, "spase", "NumericalData", **given)  # type: ignore[arg-type]


def text(value: object) -> str:
    assert isinstance(value, (str, list))
    return value if isinstance(value, str) else " | ".join(value)


def seconds(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[arg-type,misc]


def test_the_least_record() -> None:
    assert own_fields(record()) == {
        "key": KEY,
        "identifier": KEY,
        "format": ["spase"],
        "kind": ["NumericalData"],
        "status": ["active"],
        "has_doi": ["no"],
        "authority": ["NASA"],
        "name": "",
        "path": f"{KEY.rpartition('/')[0]} spase://NASA/Numerical Data/ACE/MAG/L2 PT16S",
    }


def test_every_field_is_in_the_table() -> None:
    full = record(
        name="n",
        acronym="a",
        description="d",
        released="2020-01-01",
        doi="10.1/x",
        keywords=["k"],
        measurement_types=["MagneticField"],
        regions=["Sun"],
        spans=[Span("2000-01-01", "2001-01-01"), Span("2002-01-01", relative_stop="-P1D")],
        access=[Access(rights="Open")],
        cadence="PT1S",
        references=REFERENCES,
        creators=[Party("p")],
    )
    made = to_search(full, LABELS, verdict="valid", digest="d")
    assert set(made) <= set(fields.FIELDS)
    for name, value in made.items():
        kind = fields.FIELDS[name].kind
        if kind == fields.NUMBER:
            assert isinstance(value, float), name
        elif kind == fields.KEYWORD and name != "key":
            assert isinstance(value, list), name
            assert all(isinstance(one, str) and one for one in value), name
        else:
            assert isinstance(value, (str, list)), name


def test_verdict_and_digest_are_the_callers() -> None:
    made = to_search(record(), {}, verdict="invalid", digest="abc")
    assert made["verdict"] == ["invalid"]
    assert made["digest"] == "abc"
    assert "verdict" not in to_search(record(), {})


def test_both_halves_make_the_whole() -> None:
    one = record(references=REFERENCES, name="x")
    assert to_search(one, LABELS) == with_neighbours(own_fields(one), REFERENCES, LABELS)


def test_neighbours() -> None:
    made = with_neighbours(own_fields(record()), REFERENCES, LABELS)
    assert made["instrument"] == [MAG]
    assert made["instrument_names"] == ["ACE Magnetometer"]
    assert made["observatory"] == [ACE], "of the instrument, though the record does not name it"
    assert made["observatory_names"] == ["ACE"]
    assert made["repository"] == [CDAWEB]
    assert made["repository_names"] == ["CDAWeb"]
    assert made["person"] == [NESS]
    assert made["people"] == ["Norman F. Ness"]
    assert set(text(made["related"]).split(" | ")) == {
        *("ACE Magnetometer", "MFI", "ACE", "Advanced Composition Explorer", "CDAWeb"),
    }


def test_neighbours_that_lead_nowhere() -> None:
    made = with_neighbours(own_fields(record()), REFERENCES, {})
    assert made["instrument"] == [MAG]
    assert made["instrument_names"] == ["MAG"]
    assert made["person"] == [NESS]
    assert "observatory" not in made
    assert "related" not in made


def test_references_of_vo_records() -> None:
    label = Label("ivo://x/tel", "Telescope", "Organisation")
    made = with_neighbours(
        own_fields(Record("ivo://X/data", "voresource", "DataCollection")),
        [("facility", "ivo://X/tel"), ("creator", "ivo://x/who"), ("relatedResource", "ivo://x/y")],
        {"ivo://x/tel": label},
    )
    assert made["key"] == "ivo://x/data"
    assert made["identifier"] == "ivo://X/data"
    assert made["authority"] == ["x"]
    assert made["observatory"] == ["ivo://x/tel"]
    assert made["related"] == ["Telescope"]
    assert made["person"] == ["ivo://x/who"]


def test_names_of_people() -> None:
    made = own_fields(
        record(
            contacts=[Contact(name="Helpdesk"), Contact(person=NESS)],
            creators=[Party("Smith, C.")],
            publication=Publication(authors="Ness, N. F.; Smith, C."),
            agent=Agent(organisation="Caltech", orcid="https://orcid.org/0000-0001-2345-6789"),
        )
    )
    assert made["people"] == ["Smith, C.", "Helpdesk", "Ness, N. F.; Smith, C.", "Caltech"]
    assert made["also"] == ["0000-0001-2345-6789"]


def test_other_identifiers() -> None:
    made = own_fields(
        record(
            doi="10.48322/E0dc-0h53",
            prior_identifiers=["spase://VHO/Old", "spase://VHO/Old"],
            alternate_identifiers=["https://doi.org/10.5270/ABC", "bibcode:2020x"],
        )
    )
    assert made["also"] == [
        *("spase://VHO/Old", "10.48322/e0dc-0h53", "10.5270/abc", "bibcode:2020x"),
    ]


def test_terms_are_words_too() -> None:
    made = own_fields(
        record(measurement_types=["MagneticField"], regions=["Heliosphere.NearEarth", "Sun"])
    )
    assert made["measurement"] == ["MagneticField"]
    assert made["region"] == ["Heliosphere", "Heliosphere.NearEarth", "Sun"]
    assert made["region_names"] == ["Heliosphere.NearEarth", "Sun"]
    found = words.tokens(text(made["keywords"]))
    assert {"magneticfield", "magnetic", "field", "heliosphere", "near", "earth", "sun"} <= set(
        found
    )


def test_values_to_restrict_by() -> None:
    wave = Parameter(
        kind="Wave", frame="FK5", units="1/cc", quantity="Intensity",
        ranges=[Range("WavelengthRange", "170", "172", "angstrom", "ExtremeUltraviolet")],
    )  # fmt: skip
    particle = Parameter(
        kind="Particle", frame="GSE", units="#/cm3", cadence="PT96S",
        ranges=[Range("EnergyRange", "0.047", "4.75", "MeV/nuc")],
    )  # fmt: skip
    made = own_fields(
        record(
            cadence="PT16S", cadence_min="PT1M", cadence_max="PT1H",
            parameters=[wave, particle], phenomenon_types=["SolarFlare"],
            processing_level="Calibrated", doi="10.48322/x",
            access=[Access(formats=["Text.ASCII", "PNG"])],
        )
    )  # fmt: skip
    assert made["cadence_seconds"] == [[60.0, 3600.0], [16.0, 16.0], [96.0, 96.0]]
    assert made["cadence"] == [
        "1 min to 10 min", "10 min to 1 h", "1 h to 1 d", "10 s to 1 min",
    ]  # fmt: skip
    (spectrum,) = made["spectrum"]  # type: ignore[misc,attr-defined]
    # c / 172 Å and c / 170 Å.
    assert spectrum == [pytest.approx(1.74298e16, rel=1e-5), pytest.approx(1.76348e16, rel=1e-5)]
    assert made["particle_energy"] == [[47000.0, 4750000.0]]
    assert made["spectral_range"] == ["ExtremeUltraviolet"]
    # FITS' FK5 is SPASE's J2000, and both spellings are one unit.
    frame = made["frame"]
    assert isinstance(frame, list)
    assert frame[0] == "J2000"
    # By IVOA's ICRS a record in J2000 is found, and by nothing that is narrower.
    assert {"ICRS", "FK5", "GSE"} <= set(frame)
    assert not {"GEI", "GEO", "HEEQ"} & set(frame)
    assert made["units"] == ["cm**-3"]
    assert made["quantity"] == ["Intensity"]
    assert made["data_format"] == ["Text", "Text.ASCII", "PNG"]
    assert (made["has_doi"], made["has_preview"]) == (["yes"], ["yes"])
    assert made["phenomenon"] == ["SolarFlare"]
    assert made["processing_level"] == ["Calibrated"]


def test_ranges_that_make_no_sense_are_left_out() -> None:
    ranges = [
        Range("EnergyRange", "low", "high", "keV"),
        Range("EnergyRange", "1", "2", "apples"),
        Range("EnergyRange", "-1", "1e99", "keV"),
        Range("PolarAngleRange", "0", "90", "deg"),
    ]
    made = own_fields(record(parameters=[Parameter(kind="Particle", ranges=ranges)]))
    assert "particle_energy" not in made
    assert "spectrum" not in made


def test_groups_of_the_observatories_it_leads_to() -> None:
    group, themis = "spase://SMWG/Observatory/THEMIS", "spase://SMWG/Observatory/THEMIS/A"
    labels = {
        MAG: Label(MAG, "FGM", "Instrument", observatories=(themis,)),
        themis: Label(themis, "THEMIS-A", "Observatory", groups=(group,)),
    }
    made = with_neighbours({}, [("InstrumentID", MAG)], labels)
    assert made["observatory"] == [themis]
    assert made["observatory_group"] == [group]
    # THEMISA is a way to write it.
    assert {"themis", "a", "themisa"} <= set(words.tokens(text(made["related"])))


def test_parameters_and_cadences() -> None:
    made = own_fields(
        record(
            cadence="PT16S",
            parameters=[
                Parameter(name="B GSE", quantity="Magnetic"),
                Parameter(name="T", quantity="ThermalSpeed", particles=["Proton"], cadence="PT1M"),
            ],
        )
    )
    found = words.tokens(text(made["parameters"]))
    assert {"gse", "magnetic", "thermalspeed", "thermal", "proton", "16s", "second", "minute"} <= (
        set(found)
    )


CADENCES = {
    "PT16S": ["pt16s", "16s", "16 s", "16 second", "16 seconds"],
    "PT60S": ["pt60s", "60 seconds", "1 minute", "pt1m", "1min"],
    "PT1H": ["pt1h", "1 hour", "60 minutes", "3600 seconds"],
    "P1D": ["p1d", "1 day", "24 hours"],
    "PT0.5S": ["0 5 s", "0 5s"],
    "P1M": ["p1m"],
    "nonsense": ["nonsense"],
    "-PT5S": ["pt5s"],
    "": [],
}


@pytest.mark.parametrize(("cadence", "expected"), CADENCES.items(), ids=CADENCES)
def test_cadences_in_words(cadence: str, expected: list[str]) -> None:
    found = f" {' '.join(words.tokens(cadence_words(cadence)))} "
    for one in expected:
        assert f" {one} " in found


def test_a_cadence_is_not_said_in_units_it_is_no_length_of() -> None:
    assert "hour" not in cadence_words("PT16S")
    assert "minute" not in cadence_words("PT16S")
    assert len(cadence_words("P1000Y")) < 200


def test_terms_with_spaces() -> None:
    assert with_spaces("Heliosphere.NearEarth") == "Heliosphere.NearEarth Heliosphere Near Earth"
    assert with_spaces("Sun") == "Sun"
    assert with_spaces("XMLFile") == "XMLFile XML File"


SPANS = {
    "from and to": (
        [Span("2000-01-01T00:00:00Z", "2001-01-01T12:00:00Z")],
        {"start": seconds(2000, 1, 1), "stop": seconds(2001, 1, 1, 12)},
    ),
    "a date alone is the whole day": (
        [Span("2000-01-01", "2000-01-01")],
        {"start": seconds(2000, 1, 1), "stop": seconds(2000, 1, 2)},
    ),
    "no end": ([Span("2000-01-01")], {"start": seconds(2000, 1, 1), "stop": OPEN}),
    "no beginning": ([Span(stop="2000-01-01T00:00:00")], {
        "start": -OPEN, "stop": seconds(2000, 1, 1),
    }),
    "an end that cannot be read": (
        [Span("2000-01-01", "soon")], {"start": seconds(2000, 1, 1), "stop": OPEN},
    ),
    "until a month ago": (
        [Span("2000-01-01", relative_stop="-P1M")],
        {"start": seconds(2000, 1, 1), "relative_stop": ["-P1M"]},
    ),
    "until now": (
        [Span("2000-01-01", relative_stop="P0D")],
        {"start": seconds(2000, 1, 1), "relative_stop": ["P0D"]},
    ),
    "into the future is open": (
        [Span("2000-01-01", relative_stop="P1M")], {"start": seconds(2000, 1, 1), "stop": OPEN},
    ),
    "no duration is open": (
        [Span("2000-01-01", relative_stop="-P")], {"start": seconds(2000, 1, 1), "stop": OPEN},
    ),
    "a stop wins over a relative one": (
        [Span("2000-01-01", "2001-01-01T00:00:00Z", "-P1M")],
        {"start": seconds(2000, 1, 1), "stop": seconds(2001, 1, 1)},
    ),
    "several are their envelope": (
        [Span("2005-01-01", "2006-01-01T00:00:00Z"), Span("2000-01-01", "2001-01-01T00:00:00Z")],
        {"start": seconds(2000, 1, 1), "stop": seconds(2006, 1, 1)},
    ),
    "midnight at 24": (
        [Span("2000-01-01", "2000-12-31T24:00:00Z")],
        {"start": seconds(2000, 1, 1), "stop": seconds(2001, 1, 1)},
    ),
    "nothing said": ([Span()], {}),
    "no span": ([], {}),
}  # fmt: skip


@pytest.mark.parametrize(("spans", "expected"), SPANS.values(), ids=SPANS)
def test_coverage(spans: list[Span], expected: dict[str, object]) -> None:
    made = own_fields(record(spans=spans))
    assert {n: made[n] for n in ("start", "stop", "relative_stop") if n in made} == expected


def test_access() -> None:
    made = own_fields(
        record(
            access=[
                Access(rights="Open", urls=[AccessURL("https://x/hapi", style="HAPI")]),
                Access(rights="Restricted"),
                Access(rights="Open"),
            ]
        )
    )
    assert made["access"] == ["Open", "Restricted"]
    assert made["has_hapi"] == ["yes"]
    assert own_fields(record(access=[Access()]))["has_hapi"] == ["no"]
    assert "has_hapi" not in own_fields(record())


def test_what_a_data_centre_calls_it_is_another_name() -> None:
    urls = [AccessURL("https://x", product_keys=["AC_H0_MFI"]), AccessURL("https://y")]
    made = own_fields(record(acronym="MAG", access=[Access(urls=urls), Access(urls=urls)]))
    assert made["aliases"] == ["MAG", "AC_H0_MFI"]


def test_release() -> None:
    assert own_fields(record(released="2020-01-02"))["released"] == seconds(2020, 1, 2)
    assert "released" not in own_fields(record(released="soon"))


@needs_shared
def test_a_real_record() -> None:
    one = real_records.spase("NASA/NumericalData/ACE/MAG/L2/PT16S")
    made = to_search(one, LABELS)
    assert made["key"] == KEY
    assert made["name"] == "ACE Magnetic Field 16-Second Level 2 Data"
    assert made["instrument"] == [MAG]
    assert made["observatory"] == [ACE]
    assert made["relative_stop"] == ["-P2M"]
    assert made["start"] == seconds(1997, 9, 2, 0, 0, 12)
    assert made["access"] == ["Open"]
    assert made["has_hapi"] == ["yes"]
    assert made["doi"] == ["10.48322/e0dc-0h53"]
