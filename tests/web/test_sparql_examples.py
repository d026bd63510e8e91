"""The questions of the page at `/sparql`, their answers held against the XML they come from."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import rdflib
from lxml import etree

from registry.commands.ingesting import run
from registry.engines import Engines, opened
from registry.graph import protocol
from registry.settings import Settings
from registry.web.sparql_examples import examples
from tests.shared import SHARED, needs_shared, shared
from tests.web.conftest import EXAMPLES

SPASE = "{http://www.spase-group.org/data/schema}"
DATASETS = frozenset(
    ("NumericalData", "DisplayData", "NumericalOutput", "DisplayOutput", "Catalog", "Collection")
)
FRAMES = "https://w3id.org/parhelion/frames#"
LIST = "https://w3id.org/parhelion/spase/"
Row = dict[str, str]


class Source:
    """One SPASE resource as its XML has it, read without any of the registry's code."""

    def __init__(self, element: Any) -> None:
        self.element = element
        self.kind = etree.QName(element).localname
        self.identifier = self.one("ResourceID")

    def all(self, path: str) -> list[str]:
        steps = "/".join(step and SPASE + step for step in path.split("/"))
        return [(one.text or "").strip() for one in self.element.iterfind(steps)]

    def one(self, path: str) -> str:
        return (self.all(path) or [""])[0]


def read(content: bytes) -> Iterator[Source]:
    for element in etree.fromstring(content):
        if isinstance(element.tag, str) and element.find(f"{SPASE}ResourceID") is not None:
            yield Source(element)


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    found = [
        one for path in sorted(EXAMPLES.rglob("spase/**/*.xml")) for one in read(path.read_bytes())
    ]
    if SHARED:
        with zipfile.ZipFile(shared("spase", "CNES.zip")) as archive:
            for name in archive.namelist():
                if name.endswith(".xml"):
                    found += read(archive.read(name))
    return found


@pytest.fixture(scope="module")
def datasets(sources: list[Source]) -> list[Source]:
    return [one for one in sources if one.kind in DATASETS]


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    settings = Settings(data=tmp_path_factory.mktemp("questions") / "data")
    paths = [str(EXAMPLES)] + ([str(shared("spase", "CNES.zip"))] if SHARED else [])
    run(settings, tuple(paths))
    with opened(settings) as engines:
        yield engines


@pytest.fixture
def ask(graph: Engines) -> Callable[[str], list[Row]]:
    queries = {one.name: one.query for one in examples()}

    def asked(name: str) -> list[Row]:
        return protocol.rows(graph.graph.query(queries[name], protocol.RESULTS_JSON))

    return asked


Ask = Callable[[str], list[Row]]


def limit(name: str) -> int:
    (query,) = (one.query for one in examples() if one.name == name)
    return int(query.rpartition("LIMIT")[2])


def test_names_and_titles_are_told_apart() -> None:
    assert len({one.name for one in examples()}) == len(examples())
    assert len({one.title for one in examples()}) == len(examples())


@pytest.mark.parametrize("name", [one.name for one in examples()])
def test_every_question_has_an_answer(graph: Engines, name: str) -> None:
    (query,) = (one.query for one in examples() if one.name == name)
    answer = graph.graph.query(query, "text/csv, application/n-triples")
    with answer.file:
        assert len(answer.file.read().splitlines()) > 1


def by_frame(datasets: list[Source]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in datasets:
        for name in one.all("Parameter/CoordinateSystem/CoordinateSystemName"):
            found.setdefault(name, set()).add(one.identifier)
    return found


def test_frames(ask: Ask, datasets: list[Source]) -> None:
    wanted = by_frame(datasets)
    rows = {row["frame"].removeprefix(FRAMES): row for row in ask("frames")}
    for name in ("GSE", "GSM", "RTN"):
        assert int(rows[name]["datasets"]) == len(wanted[name])
        assert not rows[name].get("ivoa")  # IVOA has no such frame
    assert rows["GEI"]["ivoa"] == "a kind of EQUATORIAL" if "GEI" in rows else "GEI" not in wanted


def test_bridge(ask: Ask, datasets: list[Source]) -> None:
    frames = rdflib.Graph().parse(
        Path(__file__).parents[2] / "vocabularies" / "reference_frames.ttl", format="turtle"
    )
    matches = {
        (str(frame).removeprefix(FRAMES), str(term))
        for frame, term in frames.subject_objects(rdflib.SKOS.broadMatch)
    }
    assert matches
    wanted = {
        (dataset, FRAMES + frame, term)
        for frame, term in matches
        for dataset in by_frame(datasets).get(frame, ())
    }
    assert 0 < len(wanted) < limit("bridge")
    assert {(row["dataset"], row["frame"], row["ivoa"]) for row in ask("bridge")} == wanted


def test_regions(ask: Ask, datasets: list[Source]) -> None:
    wanted: Counter[str] = Counter()
    for one in datasets:
        wanted.update(
            region
            for region in set(one.all("ObservedRegion"))
            if region == "Earth.Magnetosphere" or region.startswith("Earth.Magnetosphere.")
        )
    given = {
        row["region"].removeprefix(f"{LIST}Region#"): int(row["datasets"]) for row in ask("regions")
    }
    # The plasmasphere had another place among the names, and is the same still.
    given.pop("Earth.NearSurface.Plasmasphere", None)
    assert given == wanted


def test_equatorial(ask: Ask, datasets: list[Source]) -> None:
    # What IVOA's refframe vocabulary puts below EQUATORIAL, and the frames that match these.
    names = {"GEI", "J2000"}
    rows = {row["frame"].removeprefix(FRAMES): int(row["datasets"]) for row in ask("equatorial")}
    wanted = {name: len(found) for name, found in by_frame(datasets).items() if name in names}
    assert wanted
    assert {name: rows.get(name) for name in wanted} == wanted
    assert not {"GSE", "GSM", "RTN", "GEO"} & rows.keys()


def in_2003(one: Source) -> bool:
    span = "TemporalDescription/TimeSpan"
    begins = "" < one.one(f"{span}/StartDate")[:10] <= "2003-10-28"
    return begins and (one.one(f"{span}/StopDate")[:10] or "9999") >= "2003-11-05"


def seconds(cadence: str) -> float:
    """Of the cadences that these records have; infinite for none."""
    found = re.fullmatch(r"PT(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?", cadence)
    return float(found[1] or 0) * 60 + float(found[2] or 0) if found else float("inf")


def test_halloween(ask: Ask, datasets: list[Source]) -> None:
    wanted = {
        (one.identifier, FRAMES + frame)
        for one in datasets
        if "MagneticField" in one.all("MeasurementType")
        and seconds(one.one("TemporalDescription/Cadence")) <= 60
        and in_2003(one)
        for frame in set(one.all("Parameter/CoordinateSystem/CoordinateSystemName"))
        if frame in ("GSE", "GSM", "GSEQ", "SM")
    }
    rows = ask("halloween")
    assert 0 < len(wanted) < limit("halloween")
    assert {(row["dataset"], row["frame"]) for row in rows} >= wanted
    others = {row["frame"].removeprefix(FRAMES) for row in rows} - {"GSE", "GSM", "GSEQ", "SM"}
    assert not others & {"GEI", "GEO", "RTN", "J2000", "MAG", "HEEQ"}


def test_works(ask: Ask, sources: list[Source], datasets: list[Source]) -> None:
    names = {one.identifier for one in sources if one.kind == "Person"}
    instruments = {one.identifier: one for one in sources if one.kind == "Instrument"}
    wanted: dict[tuple[str, str], set[str]] = {}
    for one in [*instruments.values(), *datasets]:
        made_by = [one.identifier] if one.kind == "Instrument" else one.all("InstrumentID")
        for contact in one.element.iterfind(f"{SPASE}ResourceHeader/{SPASE}Contact"):
            person = contact.findtext(f"{SPASE}PersonID").strip()
            roles = {(role.text or "").strip() for role in contact.iter(f"{SPASE}Role")}
            roles -= {"MetadataContact", "Publisher", "HostContact"}
            for instrument in made_by:
                if roles and person in names and instrument in instruments:
                    wanted.setdefault((person, instrument), set()).update(roles)
    rows = ask("works")
    assert len(rows) == min(limit("works"), len(wanted))
    for row in rows:
        assert set(row["roles"].split(", ")) == wanted[row["person"], row["instrument"]]


def test_body(ask: Ask, datasets: list[Source]) -> None:
    # The VO resources among the examples whose subject is the heliosphere.
    ivoa = [etree.parse(path).getroot() for path in sorted(EXAMPLES.rglob("ivoa/**/*.xml"))]
    about = {
        root.findtext("identifier").strip()
        for root in ivoa
        if "heliosphere" in [(one.text or "").strip() for one in root.iter("subject")]
    }
    count = sum(
        any(region.split(".")[0] == "Heliosphere" for region in one.all("ObservedRegion"))
        for one in datasets
    )
    rows = [row for row in ask("body") if row["region"] == f"{LIST}Region#Heliosphere"]
    assert about
    assert {row["vo"] for row in rows} == about
    assert {int(row["datasets"]) for row in rows} == {count}


def test_missions(ask: Ask, sources: list[Source], datasets: list[Source]) -> None:
    held = {one.identifier for one in sources if one.kind == "Observatory"}
    carried = {
        one.identifier: set(one.all("ObservatoryID")) & held
        for one in sources
        if one.kind == "Instrument"
    }
    begun: dict[str, str] = {}
    counted: dict[str, set[str]] = {}
    for one in datasets:
        start = one.one("TemporalDescription/TimeSpan/StartDate")[:10]
        if start and "ThermalPlasma" in one.all("MeasurementType"):
            for instrument in one.all("InstrumentID"):
                for observatory in carried.get(instrument, ()):
                    begun[observatory] = min(start, begun.get(observatory, "9999"))
                    counted.setdefault(observatory, set()).add(one.identifier)
    rows = ask("missions")
    assert len(rows) == min(limit("missions"), len(begun))
    for row in rows:
        assert row["first"][:10] == begun[row["observatory"]]
        assert int(row["datasets"]) == len(counted[row["observatory"]])


def test_instruments(ask: Ask, sources: list[Source], datasets: list[Source]) -> None:
    held = {one.identifier: one for one in sources if one.kind == "Instrument"}
    wanted: Counter[str] = Counter()
    for one in datasets:
        if "MagneticField" in one.all("MeasurementType"):
            wanted.update(set(one.all("InstrumentID")) & held.keys())
    rows = ask("instruments")
    assert len(rows) == min(limit("instruments"), len(wanted))
    for row in rows:
        assert int(row["datasets"]) == wanted[row["instrument"]]
        assert row["observatory"] in held[row["instrument"]].all("ObservatoryID")
    assert int(rows[0]["datasets"]) == max(wanted.values())


def test_cadence(ask: Ask, datasets: list[Source]) -> None:
    def fast(one: Source) -> bool:
        found = re.fullmatch(r"PT(\d+(?:\.\d+)?)S", one.one("TemporalDescription/Cadence"))
        return found is not None and float(found[1]) <= 4

    wanted = {
        one.identifier
        for one in datasets
        if "MagneticField" in one.all("MeasurementType") and fast(one)
    }
    rows = ask("cadence")
    assert wanted
    assert len(rows) < limit("cadence")
    assert {row["dataset"] for row in rows} == wanted


def test_storms(ask: Ask, datasets: list[Source]) -> None:
    span = "TemporalDescription/TimeSpan"
    wanted = {
        one.identifier
        for one in datasets
        if "Heliosphere.NearEarth" in one.all("ObservedRegion")
        and "" < one.one(f"{span}/StartDate")[:10] <= "2003-10-28"
        and (one.one(f"{span}/StopDate")[:10] or "9999") >= "2003-11-05"
    }
    rows = {row["dataset"] for row in ask("storms")}
    assert rows <= wanted
    assert len(rows) == min(limit("storms"), len(wanted))


def test_hapi(ask: Ask, datasets: list[Source]) -> None:
    wanted: set[tuple[str, str, str]] = set()
    for one in datasets:
        for access in one.element.iterfind(f"{SPASE}AccessInformation/{SPASE}AccessURL"):
            said = Source.__new__(Source)
            said.element = access
            if "HAPI" in said.all("Style"):
                for key in said.all("ProductKey") or [""]:
                    wanted.add((one.identifier, said.one("URL"), key))
    rows = {(row["dataset"], row["server"], row.get("key", "")) for row in ask("hapi")}
    assert rows <= wanted
    assert len(rows) == min(limit("hapi"), len(wanted))


def test_variables(ask: Ask, datasets: list[Source]) -> None:
    wanted = set()
    for one in datasets:
        for parameter in one.element.iterfind(f"{SPASE}Parameter"):
            said = Source.__new__(Source)
            said.element = parameter
            if "GSE" in said.all("CoordinateSystem/CoordinateSystemName"):
                wanted.add((one.identifier, " ".join(said.one("Name").split()), said.one("Units")))
    rows = {
        (row["dataset"], " ".join(row["variable"].split()), row.get("unit", ""))
        for row in ask("variables")
    }
    assert rows
    assert rows <= wanted


def test_people(ask: Ask, sources: list[Source], datasets: list[Source]) -> None:
    names = {one.identifier: one.one("PersonName") for one in sources if one.kind == "Person"}
    wanted: Counter[str] = Counter()
    for one in datasets:
        leaders = set()
        for contact in one.element.iterfind(f"{SPASE}ResourceHeader/{SPASE}Contact"):
            if "PrincipalInvestigator" in [role.text for role in contact.iter(f"{SPASE}Role")]:
                leaders.add(contact.findtext(f"{SPASE}PersonID").strip())
        wanted.update(leaders & names.keys())
    rows = ask("people")
    assert len(rows) == min(limit("people"), len(wanted))
    for row in rows:
        assert int(row["datasets"]) == wanted[row["person"]]
    assert int(rows[0]["datasets"]) == max(wanted.values())


def test_observatories(graph: Engines, sources: list[Source]) -> None:
    (query,) = (one.query for one in examples() if one.name == "observatories")
    answer = graph.graph.query(query, "application/n-triples")
    with answer.file:
        found = rdflib.Graph().parse(data=answer.file.read(), format="nt")
    hosts = rdflib.URIRef("http://www.w3.org/ns/sosa/hosts")
    pairs = {(str(platform), str(sensor)) for platform, sensor in found.subject_objects(hosts)}
    wanted = {
        (platform, one.identifier)
        for one in sources
        if one.kind == "Instrument"
        for platform in one.all("ObservatoryID")
    }
    assert pairs
    assert pairs <= wanted


def test_services(ask: Ask) -> None:
    rows = ask("services")
    # As examples/ivoa says: a TAP service at its own address.
    tap = [row for row in rows if row["standard"].lower() == "ivo://ivoa.net/std/tap"]
    assert {row["service"] for row in tap} == {"ivo://parhelion.example/tap"}
    assert {row["address"] for row in tap} == {"https://parhelion.example/tap"}


def test_dois(ask: Ask, datasets: list[Source]) -> None:
    wanted = {
        (one.identifier, found[0].lower())
        for one in datasets
        if (found := re.search(r"10\.\d{4,}/\S+", one.one("ResourceHeader/DOI")))
    }
    rows = {
        (row["dataset"], row["doi"].removeprefix("https://doi.org/").lower()) for row in ask("dois")
    }
    assert {row for row in rows if row[0].startswith("spase://")} <= wanted
    assert len(rows) >= min(limit("dois"), len(wanted))


def test_words(ask: Ask, datasets: list[Source]) -> None:
    wanted: Counter[str] = Counter()
    for one in datasets:
        wanted.update(set(one.all("MeasurementType")))
    rows = {
        row["type"].removeprefix(f"{LIST}MeasurementType#"): int(row["datasets"])
        for row in ask("words")
    }
    assert {name: number for name, number in rows.items() if number} == wanted
    assert 0 in rows.values()


@needs_shared
def test_the_shared_archive_is_among_what_is_asked(ask: Ask) -> None:
    assert any(row["dataset"].startswith("spase://CNES/") for row in ask("bridge"))
