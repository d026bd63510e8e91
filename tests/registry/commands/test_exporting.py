"""`parhelion export`: all records, then what has changed, brought together as a consumer would."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
import rdflib
from click.testing import CliRunner, Result

from registry.commands.exporting import export
from registry.commands.ingesting import run as ingest
from registry.engines import open_store
from registry.settings import Settings

EXAMPLES = Path(__file__).parents[3] / "examples" / "spase" / "PARHELION"
STATUS = rdflib.URIRef("http://www.w3.org/ns/adms#status")
GONE = rdflib.URIRef("https://w3id.org/parhelion/status#deleted")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    place = tmp_path_factory.mktemp("export")
    shutil.copytree(EXAMPLES / "Observatory", place / "records")
    settings = Settings(data=place / "data")
    ingest(settings, (str(place / "records"),))
    return settings


def run(settings: Settings, *arguments: object) -> Result:
    return CliRunner().invoke(export, [str(one) for one in arguments], obj=settings)


def graphs(text: str) -> dict[str, set[object]]:
    """The triples of each record's graph."""
    dataset = rdflib.Dataset()
    dataset.parse(data=text, format="nquads")
    found = {str(one.identifier): set(one) for one in dataset.graphs()}
    return {name: triples for name, triples in found.items() if name.startswith("spase://")}


def last(text: str) -> int:
    return int(text.partition("\n")[0].rpartition(" ")[2])


def test_what_changed_brings_an_old_dump_up_to_date(settings: Settings) -> None:
    before = run(settings, "--format", "nquads").stdout
    held = graphs(before)
    assert len(held) > 10
    assert run(settings, "--since", last(before)).stdout.count("\n") == 1  # nothing has changed

    folder = settings.data.parent / "records"
    ace = folder / "ACE.xml"
    ace.write_text(ace.read_text("utf-8").replace("<ResourceName>", "<ResourceName>New "), "utf-8")
    store = open_store(settings)
    with store.writing() as writer:
        writer.remove(1, [str(folder / "Wind.xml")])
    store.close()
    ingest(settings, (str(ace),))

    part = graphs(run(settings, "--since", last(before)).stdout)
    assert set(part) == {
        "spase://PARHELION/Observatory/ACE",
        "spase://PARHELION/Observatory/Wind",
    }
    held.update(part)
    held = {
        name: triples
        for name, triples in held.items()
        if not any(one[1:] == (STATUS, GONE) for one in triples)  # type: ignore[index]
    }
    assert held == graphs(run(settings).stdout)
    assert "spase://PARHELION/Observatory/Wind" not in held


def test_both_formats_say_the_same(settings: Settings) -> None:
    quads, turtle = run(settings).stdout, run(settings, "--format", "turtle").stdout
    dataset = rdflib.Dataset()
    dataset.parse(data=quads, format="nquads")
    read = rdflib.Graph().parse(data=turtle, format="turtle")
    assert {triple[:3] for triple in dataset.quads()} == set(read)


def test_a_published_dump_is_whole_and_the_same_each_time(settings: Settings) -> None:
    made = []
    for _ in range(2):
        result = run(settings, "--publish")
        assert result.exit_code == 0
        (path,) = (settings.data / "dumps").iterdir()
        made.append(path.read_bytes())
    assert made[0] == made[1]
    assert gzip.decompress(made[0]).decode() == run(settings).stdout
    assert path.name == f"parhelion-all-{last(run(settings).stdout)}.nq.gz"


def test_what_makes_no_sense_is_refused_in_words(settings: Settings) -> None:
    late = run(settings, "--since", 10**9)
    assert late.exit_code == 2
    assert "the last change has the number" in late.stderr
    both = run(settings, "--publish", "--output", "x.nq")
    assert both.exit_code == 2
    assert "leave --output out" in both.stderr
