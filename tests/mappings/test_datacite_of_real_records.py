"""DataCite metadata of real records, as somebody wrote them down who read the records' XML."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from mappings.to_datacite import lacking, to_datacite
from registry import identifiers
from tests.mappings.real_records import spase
from tests.shared import needs_shared

SPDF = "Space Physics Data Facility"
APL = "Johns Hopkins University Applied Physics Laboratory; Space Physics Data Facility"


class Expected(NamedTuple):
    """What must stand in the metadata; `covers` is the first and the last day."""

    title: str
    creators: list[str]
    publisher: str
    year: str
    general: str
    covers: list[str]
    formats: list[str]
    priors: int


GUVI = ["Christensen, Andrew B.", "Paxton, Larry J."]
EXPECTED = {
    "NASA/DisplayData/Ulysses/URAP/DS/P1D": Expected(
        "Ulysses Unified Radio and Plasma wave (URAP) Daily Color Dynamic Spectrogram Plot",
        ["MacDowall, Robert J."], SPDF, "2025", "Image", ["1990-11-03/2007-11-26"], ["GIF"], 2),
    "NASA/NumericalData/THEMIS/C/Fits/PT3S": Expected(
        "THEMIS-C: On Board spin fits (FIT) of Electric (EFI) and Magnetic (FGM) field. On-Board "
        "Spin-fit electric and magnetic field data",
        ["Angelopoulos, Vassilis", "Bonnell, John W.", "Mozer, Forrest S."],
        SPDF, "2023", "Dataset", ["2008-01-14/"], ["CDF", "CSV"], 3),
    "NASA/NumericalData/THEMIS/Ground/Amderma/Magnetometer/PT1M": Expected(
        "Amderma (AMD) Ground-based Vector Magnetic Field (L2) 1.0 min Data",
        ["Troshichev, Oleg A."], SPDF, "2023", "Dataset", ["2011-07-25/"], ["CDF", "CSV"], 1),
    "NASA/NumericalData/Voyager2/LECP/Flux/Cosmic-Ray/P26D": Expected(
        "Voyager 2 LECP Cosmic Ray Proton Rates in ASCII Format 26-day",
        ["Krimigis, Stamatios M.", "Decker, Robert B."], APL, "2025", "Dataset",
        ["1977-09-07/2009-05-31"], ["Text"], 2),
    "NASA/NumericalData/TIMED/GUVI/Imaging/L1C_Disk": Expected(
        "TIMED GUVI Imaging Level 1C Disk", ["Christensen, Andrew B."], APL, "2023", "Dataset",
        ["2002-01-08/2007-12-11"], ["NetCDF", "CDF", "Text", "CSV"], 2),
    "NASA/DisplayData/POLAR/PIXIE/CDAWEB": Expected(
        "Polar PIXIE Auroral X-ray Plots and Movies, CDAWeb", ["Chenette, David L."], SPDF,
        "2025", "Dataset", ["1996-03-19/2002-11-09"], ["CDF", "CSV"], 2),
    "NASA/Collection/THEMIS/Ground/ASK/PT3S": Expected(
        "THEMIS Ground-based All Sky Imager Keogram, Level-1",
        ["Angelopoulos, Vassilis", "Mende, Stephen B.", "Donovan, Eric"],
        "Space Physics Data Facility; University of California, Berkeley", "2023", "Collection",
        ["2005-01-01/", "2006-01-03/", "2005-01-15/2005-01-15"], ["CDF", "CSV"], 2),
    "NASA/Catalog/TRACE/Telescope/LIST": Expected(
        "TRACE Flare Catalog", ["Deluca, E."],
        "Lockheed Martin Solar and Astrophysics Labs Repository", "2022", "Dataset",
        ["1998-05-09/2010-05-08"], ["Text"], 2),
    "NASA/DisplayData/TIMED/GUVI/Nightside_Strip_Disk": Expected(
        "TIMED GUVI Strip Disk Composite Images", GUVI, APL, "2025", "Image",
        ["2002-01-14/2007-12-11"], ["JPEG"], 2),
    "NASA/DisplayData/TIMED/GUVI/Aurora_PNG": Expected(
        "TIMED GUVI Auroral PNG Images", GUVI, APL, "2025", "Dataset",
        ["2002-01-20/2007-11-04"], ["PNG", "Postscript", "CDF"], 2),
    "NASA/DisplayData/IMAGE/HENA/124S": Expected(
        "IMAGE HENA Images, Key Parameters", ["Burch, James L."], SPDF, "2024", "Dataset",
        ["2000-04-21/2005-12-18"], ["CDF", "CSV"], 2),
    "NASA/Catalog/STEREO/SIRs.List": Expected(
        "STEREO Stream Interaction Region List", ["Jian, L."], "NASA, STEREO Science Center",
        "2022", "Dataset", ["2007-03-04/"], ["Text"], 2),
}  # fmt: skip
"""Path in the archives, and what is expected; of the Collection the first of its members' spans."""

CREATORS, PUBLISHER, YEAR = "no creators", "no publisher", "no year of publication"
REFUSED = {
    "SMWG/Instrument/ISS/CODEX": [CREATORS, PUBLISHER, YEAR],
    "SMWG/Observatory/NOAA/5": [CREATORS, PUBLISHER, YEAR],
    "NASA/Catalog/Wind/ICME_List": [CREATORS, PUBLISHER, YEAR],
    "NASA/Catalog/SOHO/LASCO/CMEs_and_Coronal_Shocks": [CREATORS, PUBLISHER, YEAR],
    "NASA/Catalog/ACE/Magnetic_Holes": [CREATORS, PUBLISHER, YEAR],
    "SMWG/Document/SPASE/DataModel/XMLSchemaDocument": [CREATORS, PUBLISHER, YEAR],
    "SMWG/Document/SPASE/Convention/ParameterKeyFormationPlainTextData": [
        CREATORS, PUBLISHER, YEAR,
    ],
    "NASA/Annotation/Alysha.Reinard/MagneticCloud/STEREO-A.2007-05-21T19_12_00": [
        CREATORS, PUBLISHER, YEAR,
    ],
}  # fmt: skip
"""What has no PublicationInfo, and no PrincipalInvestigator whose record is here."""


def _days(made: dict[str, Any]) -> list[str]:
    spans = [one["date"] for one in made.get("dates", []) if one["dateType"] == "Collected"]
    return ["/".join(end[:10] for end in span.split("/")) for span in spans]


@needs_shared
@pytest.mark.parametrize("path", EXPECTED)
def test_what_was_written_down_is_what_is_made(path: str) -> None:
    record, wanted = spase(path), EXPECTED[path]
    page = "https://registry.example.org" + identifiers.page_path(record.identifier)
    made = to_datacite(record, {}, doi="10.5072/x", url=page)
    assert made["titles"][0] == {"title": wanted.title}
    assert [one["name"] for one in made["creators"]] == wanted.creators
    assert made["publisher"]["name"] == wanted.publisher
    assert made["publicationYear"] == wanted.year
    assert made["types"] == {
        "resourceTypeGeneral": wanted.general, "resourceType": path.split("/")[1],
    }  # fmt: skip
    days = _days(made)
    assert (days if wanted.general != "Collection" else days[:3]) == wanted.covers
    assert made["formats"] == wanted.formats
    kinds = [one["alternateIdentifierType"] for one in made["alternateIdentifiers"]]
    # Its own identifier, those it had before, and the DOI that the record carries.
    assert kinds.count("SPASE ResourceID") == 1 + wanted.priors
    assert kinds.count("DOI") == 1


@needs_shared
@pytest.mark.parametrize("path", REFUSED)
def test_what_lacks_something_says_what(path: str) -> None:
    told = lacking(spase(path), {})
    assert len(told) == len(REFUSED[path])
    assert all(words in said for words, said in zip(REFUSED[path], told, strict=True))
