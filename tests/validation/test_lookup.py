"""What is known of other records: in a batch, in the store, in both; and how it is found."""

from __future__ import annotations

import pickle

import pytest

from mappings.models import model_of, reference_keys
from registry import identifiers
from registry.validation.entries import Entry, entries
from registry.validation.followed import FOLLOWED
from registry.validation.lookup import NOTHING, Batch, Combined, Known
from schemas.documents import parts
from tests.shared import needs_shared, shared
from tests.validation.rules.made import DATASET, SERVICE

A, B = "spase://X/Person/Anna.Lind", "spase://X/Person/Bert.Holm"


def batch(*identifiers_: str, **more) -> Batch:
    return Batch([Entry(one, one, one.split("/")[3]) for one in identifiers_], **more)


def test_nothing_knows_and_judges_nothing() -> None:
    assert NOTHING.known(A) is None
    assert not NOTHING.covers(A)
    assert NOTHING.near(A) == NOTHING.successors(A) == NOTHING.alike(A) == []


def test_one_record_says_nothing_about_the_others_of_its_sort() -> None:
    assert not batch(A).covers(B)
    assert batch(A, B).covers("spase://X/Person/Someone.Else")
    assert not batch(A, B).covers("spase://X/Instrument/Probe/MAG")
    assert not batch(A, B).covers("spase://Y/Person/Someone.Else")
    assert batch(A, whole=True).covers("spase://Y/Instrument/Probe/MAG")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("spase://X/Person/Ana.Lind", [A]),  # a letter left out
        ("spase://X/Person/Anna.Linde", [A]),  # one too many
        ("spase://X/Person/Anna_Lind", [A]),  # another sign
        ("spase://X/Person/anna.lind", [A]),  # case
        ("spase://X/Persons/Anna.Lind", [A]),  # another folder
        ("spase://X/Person/Carl.Berg", []),
    ],
)
def test_near_misses(written: str, meant: list[str]) -> None:
    assert batch(A, B).near(written) == meant


def test_near_misses_are_of_the_kind_that_is_asked_for() -> None:
    some = batch(A, "spase://X/Instrument/Anna.Lind")
    assert some.near("spase://X/Person/Anna.Linn", ["Person"]) == [A]
    assert some.near("spase://X/Person/Anna.Linn", ["Repository"]) == []


def test_successors_doubles_and_case() -> None:
    some = Batch(
        [
            Entry(A, A, "Person", "one.xml", "10.1234/a", (("PriorID", B),)),
            Entry(A, A, "Person", "two.xml"),
            Entry(A.lower(), A.lower(), "Person", "three.xml", "10.1234/a"),
        ]
    )
    assert some.successors(B) == [A]
    assert some.places(A) == ["one.xml", "two.xml"]
    assert some.alike(A) == [A.lower()]
    assert some.alike(B) == []
    assert some.with_doi("10.1234/a") == [A, A.lower()]
    assert some.targets(A, "PriorID") == [B]


def test_a_batch_goes_to_another_process() -> None:
    some = batch(A, B)
    assert some.near("spase://X/Person/Ana.Lind") == [A]
    sent = pickle.loads(pickle.dumps(some))
    assert sent.known(B) == Known(B, "Person")
    assert sent.near("spase://X/Person/Ana.Lind") == [A]


def test_a_record_given_stands_before_the_stored_one() -> None:
    group = "ObservatoryGroupID"
    stored = Batch([Entry(A, A, "Observatory", targets=((group, B),))], whole=True, scope="S")
    given = Batch([Entry(A, A, "Person")])
    both = Combined(given, stored)
    assert both.known(A) == Known(A, "Person")
    assert both.targets(A, group) == []
    assert both.covers("spase://Anything/At/All")
    assert both.scope == "the 1 record given and S"


DOCUMENTS = {
    "plain": DATASET.encode(),
    "utf-16": ('<?xml version="1.0" encoding="UTF-16"?>' + DATASET).encode("utf-16"),
    "prefixed": DATASET.replace("<", "<s:").replace("<s:/", "</s:").replace("xmlns=", "xmlns:s=")
    .encode(),
    "commented": DATASET.replace(
        "<ResourceID>", "<!-- <ResourceID>spase://Not/This/One</ResourceID> -->\n<ResourceID>"
    ).encode(),
    "voresource": SERVICE.encode(),
    "spaces": DATASET.replace("PT16S</ResourceID>", "PT16S\n </ResourceID>").encode(),
    "ampersand": DATASET.replace("/Old</PriorID>", "/A&amp;B</PriorID>").encode(),
}  # fmt: skip


def read(content: bytes) -> list[Entry]:
    """The entries by parsing: what the quick way must give too."""
    found = []
    for part in parts(content):
        record = model_of(part.format, part.element)
        targets = tuple(one for one in reference_keys(record) if one[0] in FOLLOWED)
        found.append(
            Entry(identifiers.key(part.identifier), part.identifier, part.kind, "p.xml",
                  identifiers.doi(record.doi), targets)
        )  # fmt: skip
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_entries_are_what_parsing_finds(name: str) -> None:
    found = list(entries(DOCUMENTS[name], "p.xml"))
    assert found == read(DOCUMENTS[name])
    assert len(found) == 1


def test_what_cannot_be_read_has_no_entries() -> None:
    for content in (b"", b"\x00\x00", b"<Spase>", b"<html/>", DATASET.encode()[:60]):
        assert list(entries(content)) == []


@needs_shared
def test_entries_of_real_records_are_what_parsing_finds() -> None:
    import zipfile

    with zipfile.ZipFile(shared("spase", "NASA.zip")) as opened:
        names = [name for name in opened.namelist() if name.endswith(".xml")][::40]
        for name in names:
            content = opened.read(name)
            (quick,), (parsed,) = entries(content, "p.xml"), read(content)
            assert (quick.key, quick.kind, quick.doi) == (parsed.key, parsed.kind, parsed.doi)
            assert set(quick.targets) == set(parsed.targets), name
