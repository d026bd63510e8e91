"""The example records: valid, true to their own form, and joined among themselves."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from registry import identifiers
from tests.shared import needs_shared, shared

EXAMPLES = Path(__file__).parents[1] / "examples"
SPASE = sorted((EXAMPLES / "spase").rglob("*.xml"))
IVOA = sorted((EXAMPLES / "ivoa").rglob("*.xml"))
SPASE_NS = "{http://www.spase-group.org/data/schema}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

OUTSIDE = {"ivo://ivoa.net"}
"""Authorities that examples may name though no example record describes them."""


def _named(path: Path) -> str:
    return str(path.relative_to(EXAMPLES))


@cache
def _spase_schema(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(shared("spase", "xsd", f"spase-{version}.xsd")))


@cache
def _voresource_schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(shared("ivoa", "xsd", "driver-current.xsd")))


def _spase_identifier(path: Path) -> str:
    return str(etree.parse(path).findtext(f".//{SPASE_NS}ResourceID"))


def _ivoid(path: Path) -> str:
    return str(etree.parse(path).findtext("identifier"))


def test_there_are_enough_examples_of_every_kind() -> None:
    kinds = [etree.parse(path).getroot()[-1].tag.removeprefix(SPASE_NS) for path in SPASE]
    assert kinds.count("NumericalData") >= 15
    for kind in (
        "DisplayData", "Catalog", "Collection", "Annotation", "Instrument", "Observatory",
        "Person", "Repository", "Service",
    ):  # fmt: skip
        assert kind in kinds
    types = {str(etree.parse(path).getroot().get(XSI_TYPE)).partition(":")[2] for path in IVOA}
    assert {"Registry", "Authority", "Organisation", "CatalogService", "DataResource"} <= types


def test_several_versions_of_spase_are_among_them() -> None:
    versions = {str(etree.parse(path).findtext(f"{SPASE_NS}Version")) for path in SPASE}
    assert {"2.7.1", "2.4.1", "2.2.9"} <= versions


@needs_shared
@pytest.mark.parametrize("path", SPASE, ids=_named)
def test_a_spase_example_is_valid_by_its_published_schema(path: Path) -> None:
    document = etree.parse(path)
    schema = _spase_schema(str(document.findtext(f"{SPASE_NS}Version")))
    assert schema.validate(document), schema.error_log


@needs_shared
@pytest.mark.parametrize("path", IVOA, ids=_named)
def test_an_ivoa_example_is_valid_by_the_published_schemas(path: Path) -> None:
    schema = _voresource_schema()
    assert schema.validate(etree.parse(path)), schema.error_log


@pytest.mark.parametrize("path", [*SPASE, *IVOA], ids=_named)
def test_an_example_lies_where_its_identifier_says(path: Path) -> None:
    scheme, found = ("spase", _spase_identifier(path)) if path in SPASE else ("ivo", _ivoid(path))
    root = EXAMPLES / ("spase" if scheme == "spase" else "ivoa")
    assert found == f"{scheme}://{path.relative_to(root).with_suffix('') if path else ''}" or (
        # the authority's own record has no path: `parhelion.example.xml`
        found == f"ivo://{path.name.removesuffix('.xml')}"
    )
    assert identifiers.fault(found) == ""


def test_every_reference_among_the_examples_leads_to_a_record() -> None:
    known = {identifiers.key(_spase_identifier(path)) for path in SPASE}
    known |= {identifiers.key(_ivoid(path)) for path in IVOA}
    lost = []
    for path in [*SPASE, *IVOA]:
        for text in re.findall(r"(?:spase|ivo)://[^\s<\"]+", path.read_text("utf-8")):
            where = identifiers.key(text)
            if where not in known and f"ivo://{identifiers.authority(where)}" not in OUTSIDE:
                lost.append((_named(path), text))
    assert lost == []


def _orcid_check(orcid: str) -> str:
    """The check character of an ORCID iD (ISO/IEC 7064, MOD 11-2)."""
    total = 0
    for digit in orcid.replace("-", "")[:-1]:
        total = (total + int(digit)) * 2
    value = (12 - total % 11) % 11
    return "X" if value == 10 else str(value)


def _ror_check(ror: str) -> str:
    """The two check digits of a ROR id (Crockford base 32, ISO/IEC 7064 MOD 97-10)."""
    number = 0
    for letter in ror[:-2]:
        number = number * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(letter)
    return f"{98 - (number * 100) % 97:02d}"


def test_the_identifiers_of_people_and_organisations_bear_their_check_digits() -> None:
    for path in SPASE:
        document = etree.parse(path)
        for node in document.iter(f"{SPASE_NS}ORCIdentifier"):
            assert node.text[-1] == _orcid_check(node.text), path
        for node in document.iter(f"{SPASE_NS}RORIdentifier"):
            assert re.fullmatch(r"0[0-9a-z]{6}\d\d", node.text), path
            assert node.text[-2:] == _ror_check(node.text), path


def test_no_example_holds_an_address_of_e_mail() -> None:
    for path in [*SPASE, *IVOA]:
        assert "@" not in path.read_text("utf-8"), path


def test_no_span_of_time_ends_before_it_begins() -> None:
    for path in SPASE:
        for span in etree.parse(path).iter(f"{SPASE_NS}TimeSpan", f"{SPASE_NS}OperatingSpan"):
            stop = span.findtext(f"{SPASE_NS}StopDate")
            if stop:
                assert str(span.findtext(f"{SPASE_NS}StartDate")) < stop, path
