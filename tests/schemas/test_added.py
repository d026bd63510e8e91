"""Which schemas may be added, and what they then say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.findings import INVALID, NO_SCHEMA, VALID, Judgement
from registry.validation.verdicts import judge
from schemas.documents import parts
from schemas.spase import added
from tests.schemas.made import dataset
from tests.shared import needs_shared
from tests.validation.trial import trial_schema

NAMESPACE = "http://www.spase-group.org/data/schema"
SMALL = f"""<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns="{NAMESPACE}"
  targetNamespace="{NAMESPACE}" elementFormDefault="qualified">
<xsd:element name="Spase"><xsd:complexType><xsd:sequence>
<xsd:element name="Version" type="Version"/>
<xsd:element name="Person"><xsd:complexType><xsd:sequence>
<xsd:element name="ResourceID" type="xsd:string"/>
<xsd:element name="ReleaseDate" type="xsd:dateTime"/>
<xsd:element name="Height" type="xsd:double"/>
</xsd:sequence></xsd:complexType></xsd:element>
</xsd:sequence></xsd:complexType></xsd:element>
<xsd:simpleType name="Version"><xsd:restriction base="xsd:string">
<xsd:enumeration value="9.1"/></xsd:restriction></xsd:simpleType>
</xsd:schema>""".encode()


@pytest.fixture(autouse=True)
def _no_schema_is_left() -> Iterator[None]:
    yield
    added.use(None)


def person(date: str = "2001-02-03T04:05:06Z", height: str = "1.5", more: str = "") -> bytes:
    return (
        f'<Spase xmlns="{NAMESPACE}"><Version>9.1</Version><Person>\n'
        f"<ResourceID>spase://A/Person/X</ResourceID>\n<ReleaseDate>{date}</ReleaseDate>\n"
        f"<Height>{height}</Height>{more}</Person></Spase>"
    ).encode()


def judged(content: bytes) -> Judgement:
    (part,) = parts(content)
    return judge(part)


def test_a_schema_decides_from_when_it_is_there(tmp_path: Path) -> None:
    added.use(tmp_path / "schemas")
    assert judged(person()).verdict == INVALID
    path = added.keep(SMALL, tmp_path / "schemas")
    assert path == tmp_path / "schemas" / "spase-9.1.xsd"
    assert judged(person()).verdict == VALID
    assert added.versions() == [("9.1", path)]
    told = judged(person(more="<Weight/>"))
    assert told.verdict == INVALID
    assert ["Weight" in finding.message for finding in told.findings] == [True]
    assert told.findings[0].line == 4


@pytest.mark.parametrize(
    ("date", "height", "verdict"),
    [
        (" 2001-02-03T04:05:06Z ", "1.5", VALID),  # XSD 1.1 part 2, 4.3.6: collapsed first
        ("2001-02-03T04:05:06Z", "146.85E", INVALID),  # section 3.3.5: an exponent has digits
        ("2001-02-30T00:00:00Z", "1.5", INVALID),
        ("2001-02-03T24:00:00", "+INF", VALID),  # section 3.3.5.1
    ],
)
def test_the_recommendation_decides_where_libxml2_strays(
    tmp_path: Path, date: str, height: str, verdict: str
) -> None:
    added.keep(SMALL, tmp_path)
    added.use(tmp_path)
    judgement = judged(person(date, height))
    assert judgement.verdict == verdict
    assert bool(judgement.findings) == (verdict == INVALID)


def test_a_newer_file_of_a_version_takes_over(tmp_path: Path) -> None:
    added.use(tmp_path)
    added.keep(SMALL, tmp_path)
    assert judged(person(more="<Weight>1</Weight>")).verdict == INVALID
    wider = SMALL.replace(
        b'<xsd:element name="Height" type="xsd:double"/>',
        b'<xsd:element name="Height" type="xsd:double"/>'
        b'<xsd:element name="Weight" type="xsd:double" minOccurs="0"/>',
    )
    added.keep(wider, tmp_path)
    assert judged(person(more="<Weight>1</Weight>")).verdict == VALID


def test_threads_have_validators_of_their_own(tmp_path: Path) -> None:
    added.keep(SMALL, tmp_path)
    added.use(tmp_path)
    verdicts: list[str] = []

    def work() -> None:
        verdicts.extend(judged(person(height=one)).verdict for one in ("1", "x") * 20)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verdicts.count(VALID) == verdicts.count(INVALID) == 80


def _with(inside: str) -> bytes:
    return SMALL.replace(
        b'<xsd:element name="Spase">', inside.encode() + b'<xsd:element name="Spase">'
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not well-formed"),
        (b"<a/>", "no XML schema"),
        (SMALL[:-10], "not well-formed"),
        (SMALL.replace(NAMESPACE.encode(), b"urn:x"), "target namespace is urn:x"),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + SMALL, "DTD"),
        (_with('<xsd:include schemaLocation="../../../etc/passwd"/>'), "one file"),
        (_with('<xsd:include schemaLocation="other.xsd"/>'), "one file"),
        (_with('<xsd:import namespace="y" schemaLocation="http://127.0.0.1/x"/>'), "one file"),
        (_with('<xsd:redefine schemaLocation="other.xsd"/>'), "one file"),
        (_with('<xsd:override schemaLocation="other.xsd"/>'), "one file"),
        (SMALL.replace(b'value="9.1"', b'value="2.7.1"'), "which Parhelion knows"),
        (SMALL.replace(b'value="9.1"', b'value="../9"'), "names ../9"),
        (SMALL.replace(b'<xsd:enumeration value="9.1"/>', b""), "names none"),
        (SMALL.replace(b'type="xsd:double"', b'type="Nothing"'), "no schema that can be used"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_is_said(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(added.SchemaRefused, match=said.replace(".", r"\.")):
        added.keep(content, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_only_the_folder_is_looked_in(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "spase-9.1.xsd").write_bytes(SMALL)
    added.use(tmp_path / "schemas")
    assert added.held("../spase-9.1") is None
    assert added.held("9.1") is None
    assert added.held("2.7.1") is None


@needs_shared
def test_the_trial_schema_of_2_7_2_decides_for_its_version_alone(tmp_path: Path) -> None:
    record = dataset(("2.6.0", "2.7.2"))
    cusp = dataset(("2.6.0", "2.7.2"), ("Earth.Magnetosphere<", "Earth.Magnetosphere.Cusp<"))
    other = dataset(("2.6.0", "2.7.3"))
    added.use(tmp_path)
    verdicts = [judged(one).verdict for one in (record, cusp, other)]
    assert verdicts == [NO_SCHEMA, NO_SCHEMA, INVALID]
    added.keep(trial_schema(), tmp_path)
    assert [judged(one).verdict for one in (record, cusp, other)] == [VALID, VALID, INVALID]
    bad = judged(dataset(("2.6.0", "2.7.2"), ("MagneticField", "MagneticFeld")))
    assert bad.verdict == INVALID
    assert "MagneticFeld" in bad.findings[0].message
