"""DataCite metadata: what stands where by Metadata Schema 4.5, and the names of authors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from datacite import schema45
from lxml import etree

from mappings import datacite_names as names
from mappings.from_spase import from_spase
from mappings.from_voresource import from_voresource
from mappings.labels import handle, label
from mappings.to_datacite import Lacking, doubts, lacking, publication_year, to_datacite
from registry import identifiers
from registry.model import (
    Access,
    Contact,
    Event,
    Funding,
    Label,
    Licence,
    Link,
    Neighbours,
    Party,
    Place,
    Publication,
    Record,
    Relation,
    Span,
)
from tests.mappings import real_records
from tests.shared import needs_shared
from tests.test_examples import IVOA, SPASE

SITE = "https://parhelion.example.org"
DOI = "10.5072/abcd-1234"
OWN = "spase://P/NumericalData/ACE/MAG"
PERSON = "spase://P/Person/"


def _record(**given: Any) -> Record:
    cited = Publication("", "Smith, Charles W.", "2021-05-01T00:00:00Z", "Example Archive")
    base: dict[str, Any] = {
        "identifier": OWN,
        "format": "spase",
        "kind": "NumericalData",
        "name": "ACE magnetic field",
        "publication": cited,
        "released": "2018-01-01T00:00:00Z",
    }
    return Record(**(base | given))


def _person(name: str, orcid: str = "", organisation: str = "", ror: str = "") -> Label:
    identifier = PERSON + name.replace(" ", ".")
    return Label(identifier, name, "Person", orcid=orcid, ror=ror, organisation=organisation)


def _known(*labels: Label) -> Neighbours:
    return {identifiers.key(one.identifier): one for one in labels}


def _made(record: Record, neighbours: Neighbours | None = None, **more: Any) -> dict[str, Any]:
    url = SITE + identifiers.page_path(record.identifier)
    made = to_datacite(record, neighbours or {}, doi=DOI, url=url, **more)
    assert schema45.validate(made), [e.message for e in schema45.validator.iter_errors(made)]
    return made


def _authors(text: str) -> list[str]:
    return [one.name for one in names.authors(text)]


# Authors as real records have them, and who is meant by reading them.
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Burch, James, L.", ["Burch, James L."]),
        ("Blake, J., Bernard", ["Blake, J. Bernard"]),
        ("J.H. King", ["King, J.H."]),
        ("N. Gopalswamy", ["Gopalswamy, N."]),
        ("David J. McComas", ["McComas, David J."]),
        (
            "R.L. McPherron; M. El-Alaoui; R.J. Walker; and R.L. Richard",
            ["McPherron, R.L.", "El-Alaoui, M.", "Walker, R.J.", "Richard, R.L."],
        ),
        (
            "Papitashvili, Natalia E.; &King, Joseph H.",
            ["Papitashvili, Natalia E.", "King, Joseph H."],
        ),
        (
            "Papitashvili, Natalia E.; & King, Joseph H.",
            ["Papitashvili, Natalia E.", "King, Joseph H."],
        ),
        ("Anderson, Brian; Andover, Ann", ["Anderson, Brian", "Andover, Ann"]),
        (
            "Le Contel, Olivier; Dudok de Wit, Thierry",
            ["Le Contel, Olivier", "Dudok de Wit, Thierry"],
        ),
        ("Wood, Brian ;  Rich, Nathan, B. ;", ["Wood, Brian", "Rich, Nathan B."]),
        ("Stone Jr, Edward C.", ["Stone Jr, Edward C."]),
        ("Langel, Robert A., III", ["Langel, Robert A., III"]),
        ("Connerney, John, E. P.", ["Connerney, John E. P."]),
        ("Southwest Research Institute", ["Southwest Research Institute"]),
        (
            "The HMI Consortium: Stanford University (USA); NASA Goddard Space Flight Center (USA)",
            [
                "The HMI Consortium",
                "Stanford University (USA)",
                "NASA Goddard Space Flight Center (USA)",
            ],
        ),
        (
            "Laboratory for Atmospheric and Space Physics, University of Colorado (USA)",
            ["Laboratory for Atmospheric and Space Physics, University of Colorado (USA)"],
        ),
        ("Smith, C.W., and N.F. Ness", ["Smith, C.W., and N.F. Ness"]),
        ("Salukvadze G.N.", ["Salukvadze, G.N."]),
        ("TBD", []),
        ("Lin, R. P.; et al.", ["Lin, R. P."]),
        (" ; ", []),
    ],
)
def test_authors_are_parted_at_semicolons_only(text: str, wanted: list[str]) -> None:
    assert _authors(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Smith, C.W., and N.F. Ness",
        "McComas, D., Skoug, R., Delapp, D., Elliott, H., and Davis, A.",
        "Spence, H.E., G.D. Reeves, and J.B. Blake",
        "Michael L. Stevens and Justin C. Kasper",
        "Howard, R.A., J.D. Moses, A. Vourlidas, et al.",
    ],
)
def test_what_looks_like_several_authors_is_said_and_not_guessed_at(text: str) -> None:
    (one,) = names.authors(text)
    assert one.several
    assert one.kind != names.PERSONAL
    record = _record(publication=Publication("", text, "2021", "Archive"))
    assert any("semicolon" in doubt for doubt in doubts(record, {}))
    assert [one["name"] for one in _made(record)["creators"]] == [text]


@pytest.mark.parametrize(
    ("name", "family", "given"),
    [
        ("Burch, James, L.", "Burch", "James L."),
        ("Stuart D. Bale", "Bale", "Stuart D."),
        ("Le Contel, Olivier", "Le Contel", "Olivier"),
        ("J.H. King", "King", "J.H."),
        ("Southwest Research Institute", "", ""),
        ("Thierry Dudok de Wit", "", ""),
    ],
)
def test_family_and_given_names(name: str, family: str, given: str) -> None:
    one = names.author(name)
    assert (one.family, one.given) == (family, given)


def _joined(author: str, *people: str) -> str | None:
    found = names.joined(names.authors(author), [_person(one) for one in people])
    return found[0].name if found[0] else None


@pytest.mark.parametrize(
    ("author", "people", "wanted"),
    [
        ("Russell, Christopher, T.", ["Christopher T. Russell"], "Christopher T. Russell"),
        ("Russell, C. T.", ["Christopher T. Russell", "C. S. Russell"], "Christopher T. Russell"),
        ("Russell, C.", ["Christopher T. Russell", "C. S. Russell"], None),
        ("Wang, X.", ["Xin Wang", "Xiaoli Wang"], None),
        ("Wang, Xin", ["Xin Wang", "X. Wang"], "Xin Wang"),
        ("Smith, Charles W.", ["Edward J. Smith"], None),
        ("Smith, John", ["James Smith"], None),
        ("Moebius, E.", ["Eberhard Möbius"], None),
        ("Möbius, E.", ["Eberhard Mobius"], "Eberhard Mobius"),
        ("Stone Jr, Edward C.", ["Edward C. Stone"], None),
        ("Stone, Edward C.", ["Edward C. Stone Jr"], None),
        ("Stone Jr, Edward C.", ["Edward C. Stone Jr"], "Edward C. Stone Jr"),
        ("Dudok de Wit, Thierry", ["Thierry Dudok de Wit"], "Thierry Dudok de Wit"),
        ("Lindqvist, Per-Arne", ["Per-Arne Lindqvist"], "Per-Arne Lindqvist"),
        ("Leif Svalgaard", ["Leif Svalgaard"], "Leif Svalgaard"),
        ("Smith, C.W., and N.F. Ness", ["Charles W. Smith", "Norman F. Ness"], None),
        ("Southwest Research Institute", ["Southwest Research Institute"], None),
    ],
)
def test_an_author_is_joined_to_a_person_only_when_nobody_else_can_be_meant(
    author: str, people: list[str], wanted: str | None
) -> None:
    assert _joined(author, *people) == wanted


def test_two_authors_that_fit_one_person_are_both_left_alone() -> None:
    found = names.joined(names.authors("Smith, C.; Smith, Ch."), [_person("C. W. Smith")])
    assert found == [None, None]


def test_of_two_authors_that_fit_the_exact_one_is_joined() -> None:
    people = [_person("Charles W. Smith")]
    found = names.joined(names.authors("Smith, C.; Smith, Charles W."), people)
    assert found == [None, people[0]]


def test_creators_carry_the_orcid_and_affiliation_of_their_person_record() -> None:
    person = _person("Stuart D. Bale", "0000-0002-1989-3596", "UC Berkeley", "01an7q238")
    stranger = _person("Charles W. Smith", "0000-0000-0000-0001")
    record = _record(
        publication=Publication("", "Bale, Stuart D; Smith, Charles W.", "2019", "SPDF"),
        contacts=[Contact(person.identifier, roles=["PrincipalInvestigator"])],
    )
    first, second = _made(record, _known(person, stranger))["creators"]
    assert first == {
        "name": "Bale, Stuart D",
        "nameType": "Personal",
        "familyName": "Bale",
        "givenName": "Stuart D",
        "nameIdentifiers": [
            {
                "nameIdentifier": "https://orcid.org/0000-0002-1989-3596",
                "nameIdentifierScheme": "ORCID",
                "schemeUri": "https://orcid.org",
            }
        ],
        "affiliation": [
            {
                "name": "UC Berkeley",
                "affiliationIdentifier": "https://ror.org/01an7q238",
                "affiliationIdentifierScheme": "ROR",
                "schemeUri": "https://ror.org",
            }
        ],
    }
    # A person whom the record does not name is nobody's, however like the name.
    assert "nameIdentifiers" not in second


@pytest.mark.parametrize("text", ["deceased - formerly at University of Iowa", "Unknown"])
def test_an_affiliation_that_is_none_is_left_out(text: str) -> None:
    person = _person("Craig A. Kletzing", organisation=text)
    record = _record(
        publication=Publication("", "Kletzing, Craig A.", "2019", "SPDF"),
        contacts=[Contact(person.identifier, roles=["PrincipalInvestigator"])],
    )
    assert "affiliation" not in _made(record, _known(person))["creators"][0]


def test_without_authors_the_principal_investigators_are_taken_and_announced() -> None:
    pi = _person("Charles W. Smith", organisation="University of New Hampshire")
    team = Label(
        PERSON + "T", "Example Team", "Person", organisation="Example Team", ror="01rmh9n78"
    )
    record = _record(
        publication=Publication("", "", "2021", "Archive"),
        contacts=[
            Contact(team.identifier, roles=["PrincipalInvestigator"]),
            Contact(pi.identifier, roles=["PrincipalInvestigator", "GeneralContact"]),
        ],
    )
    made = _made(record, _known(pi, team))
    assert [(one["name"], one["nameType"]) for one in made["creators"]] == [
        ("Example Team", "Organizational"),
        ("Smith, Charles W.", "Personal"),
    ]
    assert made["creators"][0]["nameIdentifiers"][0]["nameIdentifier"].endswith("/01rmh9n78")
    assert "contributors" not in made
    assert any("taken from the contacts" in doubt for doubt in doubts(record, _known(pi, team)))


def test_contributors_by_their_roles() -> None:
    curator, pi = _person("Ann B. Archivist"), _person("Charles W. Smith")
    clerk = _person("Carl D. Clerk")
    record = _record(
        contacts=[
            Contact(curator.identifier, roles=["MetadataContact", "ArchiveSpecialist"]),
            Contact(pi.identifier, roles=["PrincipalInvestigator"]),
            Contact(clerk.identifier, roles=["MetadataContact"]),
        ]
    )
    made = _made(record, _known(curator, pi, clerk))
    assert [(one["name"], one["contributorType"]) for one in made["contributors"]] == [
        ("Archivist, Ann B.", "DataCurator")
    ]


def test_what_is_lacking_is_said_in_words() -> None:
    bare = _record(publication=None)
    said = lacking(bare, {})
    assert [re.split(r"[:.]", one)[0] for one in said] == [
        "It has no creators",
        "It has no publisher",
        "It has no year of publication",
    ]
    with pytest.raises(Lacking) as caught:
        to_datacite(bare, {}, doi=DOI, url=SITE)
    assert caught.value.reasons == said


def test_a_principal_investigator_whose_record_is_missing_is_named() -> None:
    contacts = [Contact(PERSON + "Nobody", roles=["PrincipalInvestigator"])]
    record = _record(publication=Publication("", "", "2021", "Archive"), contacts=contacts)
    assert PERSON + "Nobody is named, and has no record here" in lacking(record, {})[0]


@pytest.mark.parametrize("kind", ["Person", "Organisation", "Authority"])
def test_some_kinds_never_get_a_doi(kind: str) -> None:
    assert kind in lacking(_record(kind=kind), {})[0]


def test_a_deleted_record_gets_no_doi() -> None:
    assert "deleted" in lacking(_record(status="deleted"), {})[0]


def test_the_year_is_never_the_release_dates() -> None:
    record = _record(publication=Publication("", "Smith, C.", "", "Archive"))
    assert publication_year(record) is None
    assert _made(record, publication_year_today=2026)["publicationYear"] == "2026"
    stated = _record()
    assert _made(stated, publication_year_today=2026)["publicationYear"] == "2021"


@pytest.mark.parametrize(
    ("text", "year"),
    [("2001-12-31T23:30:00-01:00", 2002), ("1998", 1998), ("1998-05", 1998), ("soon", None)],
)
def test_the_year_of_a_publication_date(text: str, year: int | None) -> None:
    assert publication_year(_record(publication=Publication(date=text))) == year


def test_a_vo_record_has_its_year_from_the_date_of_issue() -> None:
    record = _record(
        format="voresource",
        identifier="ivo://p.example/x",
        kind="CatalogResource",
        publication=None,
        creators=[
            Party("Richardson, I. G.", alternate_identifiers=["orcid:0000-0002-3855-3634"]),
            Party("Rauch, T.; Kruk, J. W."),
        ],
        publisher=Party("Example Centre", alternate_identifiers=["https://ror.org/05dxps055"]),
        events=[Event("2015-02-03", "created"), Event("2016-02-03", "issued")],
    )
    made = _made(record)
    assert made["publicationYear"] == "2016"
    assert [one["name"] for one in made["creators"]] == [
        "Richardson, I. G.",
        "Rauch, T.",
        "Kruk, J. W.",
    ]
    assert made["creators"][0]["nameIdentifiers"][0]["nameIdentifierScheme"] == "ORCID"
    assert made["publisher"]["publisherIdentifier"] == "https://ror.org/05dxps055"
    assert made["alternateIdentifiers"] == [
        {"alternateIdentifier": "ivo://p.example/x", "alternateIdentifierType": "IVOA Identifier"}
    ]


@pytest.mark.parametrize(
    ("kind", "general"),
    [
        ("NumericalData", "Dataset"),
        ("DisplayData", "Image"),
        ("Catalog", "Dataset"),
        ("Collection", "Collection"),
        ("Instrument", "Instrument"),
        ("Software", "Software"),
        ("Model", "Model"),
        ("Document", "Text"),
        ("Service", "Service"),
        ("CatalogService", "Service"),
        ("Observatory", "Other"),
    ],
)
def test_the_type_follows_the_kind(kind: str, general: str) -> None:
    types = _made(_record(kind=kind))["types"]
    assert types == {"resourceTypeGeneral": general, "resourceType": kind}


def test_titles() -> None:
    record = _record(acronym="ACE MAG", alternative_names=["AC_H0_MFI", "ACE MAG"])
    cited = Publication("ACE  MAG Level 2", "Smith, C.", "2021", "Archive")
    assert _made(replace(record, publication=cited))["titles"] == [
        {"title": "ACE MAG Level 2"},
        {"title": "ACE magnetic field", "titleType": "AlternativeTitle"},
        {"title": "ACE MAG", "titleType": "AlternativeTitle"},
        {"title": "AC_H0_MFI", "titleType": "AlternativeTitle"},
    ]


def test_the_time_span_is_collected_and_no_end_is_invented() -> None:
    spans = [
        Span("1997-09-02T00:00:12", "2005-01-01T24:00:00"),
        Span("2006-01-01T00:00:00+01:00", relative_stop="-P2M"),
    ]
    assert _made(_record(spans=spans))["dates"][:2] == [
        {"date": "1997-09-02T00:00:12Z/2005-01-02T00:00:00Z", "dateType": "Collected"},
        {
            "date": "2005-12-31T23:00:00Z/",
            "dateType": "Collected",
            "dateInformation": "still running; the record gives its end as -P2M",
        },
    ]


def test_revisions_are_updates() -> None:
    record = _record(events=[Event("2020-01-01T00:00:00Z", "Updated", "More units.")])
    assert {
        "date": "2020-01-01T00:00:00Z",
        "dateType": "Updated",
        "dateInformation": "More units.",
    } in _made(record)["dates"]


def test_the_licence_of_the_description_is_not_that_of_the_data() -> None:
    cc0 = Licence("CC0-1.0", "SPDX", "Creative Commons Zero v1.0 Universal")
    by = Licence("CC-BY-4.0", "SPDX", "Attribution", "https://spdx.org/licenses/CC-BY-4.0.html")
    access = Access(rights="Open", licences=[by])
    assert "rightsList" not in _made(_record(metadata_rights=[cc0], access=[Access(rights="Open")]))
    assert any("rights" in one for one in doubts(_record(metadata_rights=[cc0]), {}))
    assert _made(_record(metadata_rights=[cc0], access=[access, access]))["rightsList"] == [
        {
            "rights": "Attribution",
            "rightsUri": "https://spdx.org/licenses/CC-BY-4.0.html",
            "rightsIdentifier": "CC-BY-4.0",
            "rightsIdentifierScheme": "SPDX",
            "schemeUri": "https://spdx.org/licenses/",
        }
    ]


@pytest.mark.parametrize(
    ("association", "relation"),
    [
        ("Supersedes", "Obsoletes"),
        ("SupersededBy", "IsObsoletedBy"),
        ("RevisionOf", "IsNewVersionOf"),
        ("PartOf", "IsPartOf"),
        ("DerivedFrom", "IsDerivedFrom"),
        ("IsDerivedFrom", "IsDerivedFrom"),
        ("Cites", "Cites"),
    ],
)
def test_relations_by_doi_else_by_landing_page(association: str, relation: str) -> None:
    other = "spase://P/NumericalData/Other"
    record = _record(relations=[Relation(association, other)])
    plain = Label(other, "Other", "NumericalData")
    assert _made(record, _known(plain))["relatedIdentifiers"] == [
        {
            "relatedIdentifier": f"{SITE}/records/spase/P/NumericalData/Other",
            "relatedIdentifierType": "URL",
            "relationType": relation,
        }
    ]
    named = replace(plain, doi="10.48322/av38-wn55")
    assert _made(record, _known(named))["relatedIdentifiers"] == [
        {
            "relatedIdentifier": "10.48322/av38-wn55",
            "relatedIdentifierType": "DOI",
            "relationType": relation,
        }
    ]


def test_what_has_no_page_and_no_counterpart_is_not_related() -> None:
    record = _record(
        relations=[
            Relation("PartOf", "spase://P/Unknown"),
            Relation("Other", "spase://P/Known"),
            Relation("PartOf", OWN),
            Relation("PartOf", ""),
        ]
    )
    known = _known(Label("spase://P/Known", "Known", "Catalog"), Label(OWN, "Self", "Catalog"))
    assert "relatedIdentifiers" not in _made(record, known)


def test_the_instrument_collected_the_data() -> None:
    instrument = Label("spase://P/Instrument/ACE/MAG", "MAG", "Instrument")
    record = _record(instruments=[instrument.identifier], inputs=["spase://P/Missing"])
    (one,) = _made(record, _known(instrument))["relatedIdentifiers"]
    assert one["relationType"] == "IsCollectedBy"
    assert one["relatedIdentifier"] == f"{SITE}/records/spase/P/Instrument/ACE/MAG"


@pytest.mark.parametrize(
    "said",
    [
        {"alternate_identifiers": ["https://hdl.handle.net/21.T11998/0000-001A-3905-1"]},
        {"alternate_identifiers": ["TBD", "hdl:21.T11998/0000-001A-3905-1"]},
        {"links": [Link(url="http://hdl.handle.net/21.T11998/0000-001A-3905-1")]},
    ],
)
def test_an_instrument_is_named_by_its_pidinst_handle(said: dict[str, Any]) -> None:
    instrument = Record("spase://P/Instrument/A", "spase", "Instrument", name="A", **said)
    made = _made(_record(instruments=[instrument.identifier]), _known(label(instrument)))
    assert made["relatedIdentifiers"] == [
        {
            "relatedIdentifier": "21.T11998/0000-001A-3905-1",
            "relatedIdentifierType": "Handle",
            "relationType": "IsCollectedBy",
        }
    ]


def test_a_doi_goes_before_a_handle_and_is_none() -> None:
    both = ["https://hdl.handle.net/21.T11998/1", "x"]
    instrument = Record("spase://P/Instrument/A", "spase", "Instrument", name="A",
                        doi="10.1234/a", alternate_identifiers=both)  # fmt: skip
    made = _made(_record(instruments=[instrument.identifier]), _known(label(instrument)))
    assert made["relatedIdentifiers"][0]["relatedIdentifierType"] == "DOI"
    assert handle("https://hdl.handle.net/10.1234/a") == ""
    assert handle("https://example.org/21.T11998/1") == ""


def test_other_identifiers_and_the_rest() -> None:
    record = _record(
        prior_identifiers=["spase://VSPO/Old"],
        alternate_identifiers=["bibcode:2010SoPh..264..189R"],
        doi=f"https://doi.org/{DOI.upper()}",
        keywords=["IMF", "IMF", ""],
        measurement_types=["MagneticField"],
        regions=["Heliosphere.NearEarth"],
        funding=[Funding("NASA", "ACE", "80NSSC"), Funding("", "nobody")],
        access=[Access(formats=["CDF", "CDF"], quantity="12", quantity_units="GB")],
        places=[
            Place(frame="GEO", latitude="40.137", longitude="254.763"),
            Place(frame="GSE", latitude="1", longitude="2"),
            Place(frame="GEO", latitude="north", longitude="2"),
        ],
        description="What it is.",
        caveats="Beware.",
    )
    made = _made(record)
    assert made["alternateIdentifiers"] == [
        {"alternateIdentifier": OWN, "alternateIdentifierType": "SPASE ResourceID"},
        {"alternateIdentifier": "spase://VSPO/Old", "alternateIdentifierType": "SPASE ResourceID"},
        {
            "alternateIdentifier": "bibcode:2010SoPh..264..189R",
            "alternateIdentifierType": "Other identifier",
        },
    ]
    assert made["subjects"] == [
        {"subject": "IMF"},
        {
            "subject": "MagneticField",
            "subjectScheme": "SPASE MeasurementType",
            "schemeUri": "https://w3id.org/parhelion/spase/MeasurementType",
            "valueUri": "https://w3id.org/parhelion/spase/MeasurementType#MagneticField",
        },
        {
            "subject": "Heliosphere.NearEarth",
            "subjectScheme": "SPASE Region",
            "schemeUri": "https://w3id.org/parhelion/spase/Region",
            "valueUri": "https://w3id.org/parhelion/spase/Region#Heliosphere.NearEarth",
        },
    ]
    assert made["fundingReferences"] == [
        {"funderName": "NASA", "awardTitle": "ACE", "awardNumber": "80NSSC"}
    ]
    assert (made["formats"], made["sizes"]) == (["CDF"], ["12 GB"])
    (place,) = made["geoLocations"]
    assert place["geoLocationPoint"]["pointLatitude"] == 40.137
    assert place["geoLocationPoint"]["pointLongitude"] == pytest.approx(-105.237)
    assert [one["descriptionType"] for one in made["descriptions"]] == ["Abstract", "TechnicalInfo"]


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("url", "schemeUri", "rightsUri") or (
                name == "relatedIdentifier" and value["relatedIdentifierType"] == "URL"
            ):
                yield inner
            yield from _addresses(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _addresses(inner)


def _judge_all(records: list[Record]) -> int:
    """How many records can be minted; each of them must be valid by kernel 4.5."""
    known = {identifiers.key(one.identifier): label(one) for one in records}
    minted = 0
    for record in records:
        missing = lacking(record, known, publication_year_today=2026)
        if missing:
            assert all(one.endswith(".") for one in missing)
            continue
        minted += 1
        made = _made(record, known, publication_year_today=2026)
        for address in _addresses(made):
            assert urlsplit(address).scheme in ("http", "https")
            assert urlsplit(address).hostname
        for one in made.get("dates", []):
            assert re.fullmatch(r"[\d\-T:.Z]*(/[\d\-T:.Z]*)?", one["date"])
    return minted


def test_the_examples_can_be_minted_or_say_why_not() -> None:
    records = [from_spase(etree.parse(path).getroot()) for path in SPASE]
    records += [from_voresource(etree.parse(path).getroot()) for path in IVOA]
    assert _judge_all(records) >= 10


@needs_shared
def test_every_fifth_real_record_can_be_minted_or_says_why_not() -> None:
    spase = [
        from_spase(real_records.spase_root(f"{path.removesuffix('.xml')}"))
        for _, path in real_records.spase_names()[::5]
    ]
    records = spase + [from_voresource(root) for root in real_records.voresource_roots()]
    assert _judge_all(records) > 500


@pytest.mark.parametrize(
    ("formats", "general"),
    [
        ([], "Image"),
        (["PNG", "Postscript"], "Image"),
        (["CDF", "PNG"], "Dataset"),
        (["FITS"], "Dataset"),
    ],
)
def test_display_data_are_images_unless_there_are_numbers_too(
    formats: list[str], general: str
) -> None:
    record = replace(_record(), kind="DisplayData", access=[Access(formats=formats)])
    assert _made(record)["types"]["resourceTypeGeneral"] == general


def test_a_licence_is_known_by_its_spdx_address() -> None:
    licence = Licence(name="CC0", uri="https://spdx.org/licenses/CC0-1.0.html")
    record = replace(_record(), access=[Access(licences=[licence])])
    assert _made(record)["rightsList"] == [
        {
            "rights": "CC0",
            "rightsUri": "https://spdx.org/licenses/CC0-1.0.html",
            "rightsIdentifier": "CC0-1.0",
            "rightsIdentifierScheme": "SPDX",
            "schemeUri": "https://spdx.org/licenses/",
        }
    ]
