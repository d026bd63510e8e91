"""What single rules take for right and for wrong, beyond the examples of their pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harvesters.documents import Document
from registry.validation.reports.report import reports
from registry.validation.rules import dates
from registry.validation.rules.persistent import _ror_check
from tests.validation.rules.made import DATASET, SERVICE, record, told


def rules_of(content: bytes | str, path: str = "") -> list[str]:
    content = content.encode() if isinstance(content, str) else content
    return [one.rule for one in told(content, path=path)]


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("https://example.org", True),
        ("https://example.org/a path", False),
        ("http://[2001:db8::1]/x", True),
        ("http://user:word@example.org:8080/x?y=1#z", True),
        ("ftps://spdf.gsfc.nasa.gov/pub/", True),
        ("http:/example.org", False),
        ("http://", False),
        ("http://-example.org", False),
        ("example.org/data", False),
        ("https://example.org/" + "a" * 9000, False),
        ("doi:10.1234/x", True),
    ],
)
def test_addresses(address: str, right: bool) -> None:
    assert (rules_of(record(f"<URL>{address}</URL>")) == []) == right


def test_the_remedy_for_an_address_without_its_scheme() -> None:
    (finding,) = told(record("<URL>example.org/data</URL>"))
    assert finding.remedy == "write https://example.org/data"


@pytest.mark.parametrize(
    ("orcid", "rule"),
    [
        # the identifiers that orcid.org shows in its documentation
        ("0000-0002-1825-0097", None),
        ("https://orcid.org/0000-0001-5109-3700", None),
        ("0000-0002-1694-233X", None),
        ("0000-0002-1694-2338", "orcid.checksum"),
        ("0000-0002-1825-0079", "orcid.checksum"),
        ("0000-0002-1825", "orcid.form"),
    ],
)
def test_orcids(orcid: str, rule: str | None) -> None:
    found = rules_of(record(f"<ORCIdentifier>{orcid}</ORCIdentifier>"))
    assert found == ([rule] if rule else [])


@pytest.mark.parametrize("ror", ["05dxps055", "02acart68", "0171mag52", "02feahw73", "042nb2s44"])
def test_ror_checks_are_those_of_real_organisations(ror: str) -> None:
    assert _ror_check(ror) == int(ror[-2:])


@pytest.mark.parametrize(
    ("piece", "path", "rule"),
    [
        ("", "/x/Example/NumericalData/Probe/MAG/PT16S.xml", None),
        ("", "/x/a.zip!/Example/NumericalData/Probe/MAG/PT16S.xml", None),
        ("", "/x/a.zip!/Example/NumericalData/Probe/MAG/PT17S.xml", "identifier.path"),
        ("", "/x/Example/NumericalData/Probe/mag/PT16S.xml", "identifier.path"),
        ("", "/x/anything.xml", None),  # not laid out at all
        ("", "-", None),
    ],
)
def test_paths(piece: str, path: str, rule: str | None) -> None:
    assert rules_of(DATASET, path) == ([rule] if rule else [])


def test_the_present_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "now", lambda: datetime(2001, 6, 1, tzinfo=UTC))
    assert sorted(rules_of(DATASET)) == ["date.future", "date.stop-ahead"]
    monkeypatch.setattr(dates, "now", lambda: datetime(2000, 6, 1, tzinfo=UTC))
    assert "date.start-ahead" in rules_of(DATASET)
    assert "date.start-ahead" not in rules_of(DATASET.replace("Probe magn", "Predicted magn"))


def test_dates_are_compared_in_utc() -> None:
    ahead = "<StopDate>2001-01-01T01:00:00+02:00</StopDate>"
    assert rules_of(record(ahead)) == ["date.order"]
    assert rules_of(record("<StartDate>2002-01-01T24:00:00Z</StartDate>")) == ["date.order"]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Aurora over Kiruna, seen by JÃ¤rvinen with the old camera.", "Järvinen"),
        ("Aurora over Kiruna â€“ seen with the old camera of the hill.", "Kiruna – seen"),
        ("Aurora over Kiruna: Ã… and ü, with the old camera of the hill.", "Å and ü"),
    ],
)
def test_garbled_letters_are_undone(text: str, right: str) -> None:
    (finding,) = told(record(f"<Description>{text}</Description>"))
    assert finding.rule == "text.mojibake"
    assert finding.replacement is not None
    assert right in finding.replacement


@pytest.mark.parametrize(
    "text",
    [
        "Naïve façade: Ångström, Öre, São Tomé, Île, œuvre, 5 € and 30 °C measured on the hill.",
        "ÂNGSTRÖM AND ÃO ARE WORDS IN CAPITALS, MEASURED FROM THE HILL.",
    ],
)
def test_letters_that_are_right_are_left_alone(text: str) -> None:
    assert rules_of(record(f"<Description>{text}</Description>")) == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("ivo://ivoa.net/std/ConeSearch", "ivo://ivoa.net/std/TAP", None),
        ("ivo://ivoa.net/std/ConeSearch", "ivo://example.org/std/Own", None),
        ("ivo://ivoa.net/std/ConeSearch", "IVO://ivoa.net/std/tap", "ivoa.standard-id"),
        ("Research</contentLevel>", "University</contentLevel>", "ivoa.term"),
        ('frame="ICRS"', 'frame="GSE"', "frame.ivoa"),
        ('frame="ICRS"', 'frame="galactic"', "frame.ivoa"),
        ("IsServedBy", "related-to", "ivoa.deprecated-term"),
        ("<unit>s</unit>", "<unit>seconds</unit>", "unit.spelling"),
        ("time.start", "TIME_START", "ucd.word"),
        ('updated="2021', 'updated="2019', "ivoa.created-after-updated"),
    ],
)
def test_voresource(old: str, new: str, rule: str | None) -> None:
    assert old in SERVICE
    assert rules_of(SERVICE.replace(old, new)) == ([rule] if rule else [])


def test_a_frame_that_means_exactly_the_same_is_replaced() -> None:
    found = {
        name: told(SERVICE.replace('frame="ICRS"', f'frame="{name}"').encode())[0].replacement
        for name in ("galactic", "barycentric", "icrs")
    }
    assert found == {"galactic": "GALACTIC", "barycentric": None, "icrs": "ICRS"}


def test_one_cause_is_one_finding() -> None:
    assert rules_of(record("<DOI>TBD</DOI>")) == ["doi.form"]
    assert rules_of(record("<Units>TBD</Units>")) == ["unit.unknown"]
    assert rules_of(record("<AssociationID>mag</AssociationID>")) == ["schema.type"]
    assert rules_of(record("<CoordinateSystemName>Gse</CoordinateSystemName>")) == ["schema.value"]


FIELD = """<Field>
        <FieldQuantity>Magnetic</FieldQuantity>
      </Field>"""


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("<FillValue>-1.0E31<", "<FillValue>100<", None),
        ("<FillValue>-1.0E31<", "<FillValue>99<", "parameter.fill"),
        (FIELD, "<Particle><ParticleType>Proton</ParticleType><ParticleQuantity>NumberFlux"
         "</ParticleQuantity><AzimuthalAngleRange><Low>350</Low><High>10</High><Units>deg</Units>"
         "</AzimuthalAngleRange></Particle>", None),
        ("</FieldQuantity>", "</FieldQuantity><FrequencyRange><Low>350</Low><High>10</High>"
         "<Units>Hz</Units></FrequencyRange>", "parameter.range"),
        ("<StartDate>2001-01-01T00:00:00Z<", "<StartDate><", "schema.type"),
        ("<Keyword>", "<Nothing/><Keyword>", "schema.element"),
    ],
)  # fmt: skip
def test_what_is_no_fault_and_what_is_told_once(old: str, new: str, rule: str | None) -> None:
    content = DATASET.replace("<Parameter>", "<Keyword>field</Keyword><Parameter>")
    assert old in content
    assert rules_of(content.replace(old, new)) == ([rule] if rule else [])


def test_an_identifier_that_is_missing_is_told_once() -> None:
    content = DATASET.replace(
        "<ResourceID>spase://Example/NumericalData/Probe/MAG/PT16S</ResourceID>", ""
    )
    document = Document("a.xml", content.encode())
    (report,) = reports(document)
    assert report.verdict == "invalid"
    assert [finding.rule for finding in report.findings] == ["document.no-identifier"]
