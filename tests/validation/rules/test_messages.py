"""Thirty faults and more, each with all that is said of it, for people who know no XSD.

The first ones are made, the last ones stand in published records.
"""

from __future__ import annotations

import zipfile

import pytest

from mappings.models import model_of
from registry.findings import ADVICE, ERROR, WARNING
from registry.validation.entries import entries
from registry.validation.lookup import Batch
from registry.validation.rules.asking import findings
from tests.shared import needs_shared, shared
from tests.validation.rules.made import part_of, record, told

HEADER = "Spase/NumericalData/ResourceHeader"
DATA = "Spase/NumericalData"

MADE = [
    ("<PersonID>spase://Example/Person/Jane.Dow</PersonID>",
     "reference.unknown", WARNING, f"{HEADER}/Contact/PersonID",
     "`PersonID` names spase://Example/Person/Jane.Dow, which leads nowhere: it was looked for in "
     "the registry",
     "did you mean `spase://Example/Person/Jane.Doe`?", None),
    ("<InstrumentID>spase://Example/Instrument/Probe/FGM</InstrumentID>",
     "reference.retired", WARNING, f"{DATA}/InstrumentID",
     "`InstrumentID` names spase://Example/Instrument/Probe/FGM, a retired identifier; the record "
     "is now spase://Example/Instrument/Probe/MAG",
     "write spase://Example/Instrument/Probe/MAG", "spase://Example/Instrument/Probe/MAG"),
    ("<RepositoryID>spase://Example/Observatory/Probe</RepositoryID>",
     "reference.kind", WARNING, f"{DATA}/AccessInformation/RepositoryID",
     "`RepositoryID` names spase://Example/Observatory/Probe, which is of kind Observatory; it "
     "must name one of kind Repository",
     "name the Repository instead", None),
    ("<ObservatoryGroupID>spase://Example/Observatory/Ring</ObservatoryGroupID>",
     "reference.circular", WARNING, "Spase/Observatory/ObservatoryGroupID",
     "`ObservatoryGroupID` leads in a circle: spase://Example/Observatory/Hill → "
     "spase://Example/Observatory/Ring → spase://Example/Observatory/Hill",
     "remove one of these references", None),
    ("<ResourceID>spase://Example/NumericalData/PROBE/MAG/PT1S</ResourceID>",
     "identifier.case", WARNING, f"{DATA}/ResourceID",
     "`ResourceID` is spase://Example/NumericalData/PROBE/MAG/PT1S, and "
     "`spase://Example/NumericalData/Probe/MAG/PT1S` differs from it in upper and lower case only",
     "keep one spelling; if they are two resources, give them names that differ more", None),
    ("<StopDate>2000-01-01T00:00:00Z</StopDate>",
     "date.order", WARNING, f"{DATA}/TemporalDescription/TimeSpan/StopDate",
     "the span begins at 2001-01-01T00:00:00Z and ends before that, at 2000-01-01T00:00:00Z",
     "correct one of them; were they exchanged?", None),
    ("<ReleaseDate>2999-01-02T03:04:05Z</ReleaseDate>",
     "date.future", WARNING, f"{HEADER}/ReleaseDate",
     "`ReleaseDate` is 2999-01-02T03:04:05Z, which is still to come",
     "write the date of the last change", None),
    ("<ORCIdentifier>0000-0002-1825-0079</ORCIdentifier>",
     "orcid.checksum", WARNING, "Spase/Person/ORCIdentifier",
     "`ORCIdentifier` is 0000-0002-1825-0079, and its last sign does not fit the others",
     "copy it again from the person's page at orcid.org", None),
    ("<DOI>10.48322/ab12-cd34</DOI>",
     "doi.repeated", WARNING, f"{HEADER}/DOI",
     "the DOI 10.48322/ab12-cd34 stands in spase://Example/NumericalData/Probe/MAG/Everything too",
     "a DOI names one thing: keep it where it belongs", None),
    ("<URL>http://doi.org/10.48322/zz99-zz99</URL>",
     "url.https", ADVICE, f"{HEADER}/InformationURL/URL",
     "`URL` is http://doi.org/10.48322/zz99-zz99, and the host answers https as well",
     "write https://doi.org/10.48322/zz99-zz99", "https://doi.org/10.48322/zz99-zz99"),
    ("<Units>counts/s cm^2</Units>",
     "unit.ambiguous", WARNING, f"{DATA}/Parameter/Units",
     "`Units` is 'counts/s cm^2', which can be read in two ways",
     "set what is divided by in parentheses, as in ct/(s.cm**2), and give each exponent one sign",
     None),
    ("<Units>MeV/nuc</Units>",
     "unit.spelling", ADVICE, f"{DATA}/Parameter/Units",
     "`Units` is 'MeV/nuc', read as MeV",
     "write MeV, so that programs read it too, and name the nucleons in Description, since no "
     "unit does", None),
    ("<UCD>phys.magFeild</UCD>",
     "ucd.word", WARNING, f"{DATA}/Parameter/UCD",
     "`UCD` is phys.magFeild: `phys.magFeild` is no UCD word",
     "did you mean `phys.magField`?", None),
    ("<ValidMin>200</ValidMin>",
     "parameter.range", WARNING, f"{DATA}/Parameter/ValidMin",
     "`ValidMin` is 200, greater than ValidMax 100, in `Parameter`",
     "exchange the two", None),
    ("<Description>Aurora over TromsÃ¸ in winter, seen by the camera on the hill.</Description>",
     "text.mojibake", WARNING, f"{HEADER}/Description",
     "`Description` has garbled letters: 'rora over TromsÃ¸ in winter, see'",
     "write 'rora over Tromsø in winter, seen'",
     "Aurora over Tromsø in winter, seen by the camera on the hill."),
    ("<ObservedRegion>Earth.Magnetospere</ObservedRegion>",
     "schema.value", ERROR, f"{DATA}/ObservedRegion",
     "`ObservedRegion` has no `Earth.Magnetospere` in SPASE 2.6.0",
     "did you mean `Earth.Magnetosphere`?", "Earth.Magnetosphere"),
    ("<Cadence>16 seconds</Cadence>",
     "schema.type", ERROR, f"{DATA}/TemporalDescription/Cadence",
     "`Cadence` is '16 seconds', which is not a duration like PT16S or P1D",
     "", None),
    ("<waveband>Xray</waveband>",
     "ivoa.term", WARNING, "Resource/coverage/waveband",
     "`waveband` is 'Xray', which is no term of IVOA's messenger vocabulary",
     "write X-ray", "X-ray"),
    ("<relationshipType>served-by</relationshipType>",
     "ivoa.deprecated-term", WARNING, "Resource/content/relationship/relationshipType",
     "`relationshipType` is served-by, a deprecated term", "write IsServedBy", "IsServedBy"),
]  # fmt: skip


@pytest.mark.parametrize("fault", MADE, ids=lambda fault: fault[1])
def test_what_is_said_of_a_made_fault(fault: tuple[str, ...]) -> None:
    piece, *expected = fault
    content = record(piece)
    (finding,) = told(content)
    assert [
        finding.rule, finding.severity, finding.path, finding.message, finding.remedy,
        finding.replacement,
    ] == expected  # fmt: skip
    line = content.decode().split("\n")[finding.line - 1]
    assert piece in line


REAL = [
    ("SMWG", "Observatory/FortMcMurray", "place.latitude", 41,
     "`Longitude` is 2248.790 degrees; it lies between -360 and 360", "correct it"),
    ("SMWG", "Observatory/IAGA/Golmud", "place.latitude", 44,
     "`Latitude` is 94.9 degrees; it lies between -90 and 90",
     "correct it; is it the longitude?"),
    ("SMWG", "Person/Andrey.Krywonos", "orcid.form", 10,
     "`ORCIdentifier` is 'Andrey Krywonos', which is no ORCID iD",
     "an ORCID iD is four groups of four digits, like 0000-0002-1825-0097"),
    ("SMWG", "Person/C.M.Cully", "ror.form", 11,
     "`RORIdentifier` is 'NOT_FOUND', which is no ROR identifier",
     "one begins with 0 and has nine signs, like 05dxps055; look it up at ror.org"),
    ("SMWG", "Person/Sebastian.De Pascuale", "identifier.space", 5,
     "`ResourceID` has a space inside: 'spase://SMWG/Person/Sebastian.De Pascuale'",
     "write it without, or with a dot"),
    ("SMWG", "Instrument/GOES/13/MAG", "reference.circular", 31,
     "`PriorID` names the record itself", "remove it, or name what was meant"),
    ("NASA", "NumericalData/ISEE3/ElemAbun", "cadence.months", 118,
     "`Cadence` is P32M, that is 32 months", "write PT32M if minutes are meant"),
    ("NASA", "NumericalData/UCLA/MHD-IPIC3D/2008-02-15/PT0S", "cadence.positive", 93,
     "`Cadence` is PT0S: no time passes between two measurements",
     "write the true interval, such as PT16S, or leave the element out"),
    ("NASA", "NumericalData/IBEX/Hi/H3/Release04/NOCG/NOSP/Omni/P3Y", "cadence.span", 161,
     "`Cadence` is P3Y, longer than the whole time from 2008-12-25 to 2008-12-25",
     "correct the cadence, or the span of time"),
    ("NASA", "Catalog/SOHO/LASCO/CACTus/CME_qkl", "date.relative", 65,
     "`RelativeStopDate` is P5D, a time in the future: the data would be there before they are "
     "taken", "write -P5D if the data end that long before now"),
    ("NASA", "NumericalData/TRACERS/TRACERS1/Level2/AnalyzerCuspElectrons/DEF/Variable",
     "doi.form", 20, "`DOI` is 'TBD', which is no DOI",
     "write the DOI, like 10.48322/abcd-1234; leave the element out while there is none"),
    ("NASA", "Catalog/SDO/AIA/Prominence_Eruptions", "text.mojibake", 31,
     "`Description` has garbled letters: 'Images at 304 Ã…, JASTP, accept'",
     "write 'Images at 304 Å, JASTP, accepte'"),
    ("NASA", "Annotation/Alysha.Reinard/CME/ACE.1994-02-21T19_00_00", "text.placeholder", 32,
     "`Acknowledgement` is 'FIXME', which was to be replaced",
     "write what is meant, or leave it out"),
    ("NASA", "Catalog/SOHO/CELIAS/IPSHOCKS", "text.short-description", 36,
     "`Description` says less than the title: 'F. M. Ipavich'",
     "say what was measured, by what, where and when, and what it is good for"),
    ("NASA", "Catalog/ACE/CfA_Interplanetary_Shocks", "identifier.path", 15,
     "`ResourceID` is spase://NASA/Catalog/ACE/CfA_Interplanetary_Shock, and the file is "
     "NASA/Catalog/ACE/CfA_Interplanetary_Shocks.xml",
     "name the file NASA/Catalog/ACE/CfA_Interplanetary_Shock.xml, or correct the identifier"),
    ("NASA", "Catalog/BS_IMP8", "unit.spelling", 201,
     "`Units` is 'Re', read as Earth radius, which VOUnits lacks (2 times in this record)",
     "say in UnitsConversion how many SI units it is"),
    ("CNES", "Instrument/CDPP-AMDA/Geotail/EPIC", "url.form", 28,
     "`URL` is 'help/epic.html': that is no address",
     "write one like https://example.org/path"),
    ("CNES", "NumericalData/CDPP-AMDA/Cassini/CAPS/cass-caps-elssec", "ucd.word", 80,
     "`UCD` is phys.flux;phys.electron;arith.rate: `arith.rate` may stand only first",
     "put it first, or use another word"),
]  # fmt: skip


@needs_shared
@pytest.mark.parametrize("fault", REAL, ids=lambda fault: fault[2])
def test_what_is_said_of_a_real_fault(fault: tuple[str, str, str, int, str, str]) -> None:
    authority, name, rule, line, message, remedy = fault
    archive = shared("spase", f"{authority}.zip")
    path = f"{authority}/{name}.xml"
    with zipfile.ZipFile(archive) as opened:
        content = opened.read(path)
    found = told(content, Batch(entries(content, path)), f"{archive}!/{path}")
    said = [(one.line, one.message, one.remedy) for one in found if one.rule == rule]
    assert (line, message, remedy) in said


@needs_shared
def test_references_of_real_records_are_judged_by_the_others_of_the_call() -> None:
    """Of what was found to lead nowhere, what the published records show is told by name."""
    names = {
        "NASA": ["NASA/Catalog/MAVEN/SIR_CATALOGUE.xml", "NASA/DisplayData/OBSPM/H-ALPHA.xml",
                 "NASA/Document/MMS/CMAD.xml"],
    }  # fmt: skip
    known = []
    contents = []
    for authority in ("NASA", "SMWG"):
        with zipfile.ZipFile(shared("spase", f"{authority}.zip")) as opened:
            for path in opened.namelist():
                if path.startswith(("SMWG/Instrument/", "SMWG/Observatory/M")):
                    known += entries(opened.read(path), path)
            contents += [opened.read(path) for path in names.get(authority, ())]
    lookup = Batch(known, scope="the instruments")
    found = {
        one.rule: (one.message, one.replacement)
        for content in contents
        for one in told(content, lookup)
        if one.rule.startswith("reference.")
    }
    assert found == {
        "reference.unknown": (
            "`InstrumentID` names spase://SMWG/Instrument/WIND/SWE, which leads nowhere: it was "
            "looked for in the instruments; spase://SMWG/Instrument/Wind/SWE differs from it in "
            "upper and lower case only",
            "spase://SMWG/Instrument/Wind/SWE",
        ),
        "reference.retired": (
            "`InstrumentID` names spase://SMWG/Instrument/OBSPM/OBSPM, a retired identifier; the "
            "record is now spase://SMWG/Instrument/Meudon/Heliograph",
            "spase://SMWG/Instrument/Meudon/Heliograph",
        ),
        "reference.kind": (
            "`RepositoryID` names spase://SMWG/Observatory/MMS, which is of kind Observatory; it "
            "must name one of kind Repository",
            None,
        ),
    }


def test_lines_of_a_record_cut_from_a_larger_document_are_the_documents() -> None:
    content = record("      <Units>blorgs</Units>")
    part = part_of(content)
    part.line = 101
    (finding,) = findings(part, model_of(part.format, part.element))
    lines = content.decode().split("\n")
    assert lines[finding.line - 101] == "      <Units>blorgs</Units>"
    assert finding.column == 7
