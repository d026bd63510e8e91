"""The states of a mint, over HTTP to the double: one DOI a record, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from registry import identifiers
from registry.doi.datacite_client import DataCite, DataCiteFault, Held
from registry.doi.minting import Minted, NotSettled, Refused, mint
from registry.doi.suffixes import is_sound
from registry.doi.trial import Fault, TrialDataCite
from registry.model import Record
from tests.doi.sqlite_outbox import SqliteOutbox


class Killed(BaseException):
    """The process ends here: nothing catches it."""


@dataclass
class Killer:
    """Ends the process at its nth step; `before` or after the step is done."""

    step: int
    before: bool
    count: int = field(default=0)

    def around(self, what: Callable[[], Any]) -> Any:
        self.count += 1
        mine = self.count == self.step
        if mine and self.before:
            raise Killed
        result = what()
        if mine:
            raise Killed
        return result


@dataclass
class Mortal:
    """An outbox or registrar whose every call may be the process's last."""

    inner: Any
    killer: Killer

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.inner, name)
        return lambda *args, **more: self.killer.around(lambda: call(*args, **more))


Minting = Callable[..., Minted]


@pytest.fixture
def minting(record: Record, page: str, outbox: SqliteOutbox, datacite: DataCite) -> Minting:
    def run(**changed: Any) -> Minted:
        given: dict[str, Any] = {
            "outbox": outbox,
            "registrar": datacite,
            "prefix": "10.5072",
            "page": page,
            "authorities": ["PARHELION"],
        }
        given |= changed
        return mint(given.pop("record", record), given.pop("neighbours", {}), **given)

    return run


def _only_entry(trial: TrialDataCite, outbox: SqliteOutbox, record: Record, page: str) -> None:
    """Exactly one DOI, findable, leading to the page, and the outbox knows it so."""
    intent = outbox.intent(identifiers.key(record.identifier))
    assert intent is not None
    assert list(trial.entries) == [intent.doi]
    assert (trial.entries[intent.doi].state, intent.state) == ("findable", "findable")
    assert trial.entries[intent.doi].attributes["url"] == page


def test_a_record_is_minted(
    minting: Minting, trial: TrialDataCite, outbox: SqliteOutbox, record: Record, page: str
) -> None:
    minted = minting()
    assert minted.new
    assert is_sound(minted.doi.removeprefix("10.5072/"))
    assert trial.effects == [("PUT", minted.doi), ("PUT", minted.doi)]
    _only_entry(trial, outbox, record, page)
    attributes = trial.entries[minted.doi].attributes
    assert [one["name"] for one in attributes["creators"]] == [
        "Smith, Charles W.",
        "Ness, Norman F.",
    ]


def test_again_sends_nothing(minting: Minting, trial: TrialDataCite) -> None:
    first = minting()
    trial.log.clear()
    assert minting() == Minted(first.doi, new=False)
    assert trial.log == []


def test_the_doi_is_stored_before_anything_is_written(
    minting: Minting, trial: TrialDataCite, outbox: SqliteOutbox, record: Record
) -> None:
    trial.faults.append(Fault("drop-before", "PUT"))
    with pytest.raises(DataCiteFault):
        minting()
    intent = outbox.intent(record.identifier)
    assert intent is not None
    assert intent.state == "chosen"
    assert minting().doi == intent.doi


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("step", range(1, 11))
def test_killed_at_any_step_it_goes_on(
    minting: Minting,
    trial: TrialDataCite,
    outbox: SqliteOutbox,
    datacite: DataCite,
    record: Record,
    page: str,
    step: int,
    before: bool,
) -> None:
    killer = Killer(step, before)
    try:
        minting(outbox=Mortal(outbox, killer), registrar=Mortal(datacite, killer))
    except Killed:
        pass
    else:
        # Nine steps: intent, look, choose, attempt, draft, record, attempt, publish, record.
        assert step > 9
    minting()
    _only_entry(trial, outbox, record, page)


@pytest.mark.parametrize("kind", ["drop", "hang", "status"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("place", ["draft", "publish"])
def test_a_lost_answer_is_settled_by_asking(
    minting: Minting,
    trial: TrialDataCite,
    outbox: SqliteOutbox,
    record: Record,
    page: str,
    kind: str,
    when: str,
    place: str,
) -> None:
    if place == "publish":
        # The first PUT goes well and the fault waits for the second.
        trial.faults.extend([Fault("none", "PUT"), Fault(f"{kind}-{when}", "PUT")])
    else:
        trial.faults.append(Fault(f"{kind}-{when}", "PUT"))
    if when == "before":
        with pytest.raises(DataCiteFault):
            minting()
    assert minting().doi
    _only_entry(trial, outbox, record, page)


@pytest.mark.parametrize("kind", ["garbage", "truncated", "trickle", "wrong-doi"])
def test_an_answer_that_cannot_be_read_is_settled_by_asking(
    minting: Minting,
    trial: TrialDataCite,
    outbox: SqliteOutbox,
    record: Record,
    page: str,
    kind: str,
) -> None:
    trial.faults.append(Fault(kind, "PUT"))
    assert minting().new
    _only_entry(trial, outbox, record, page)


@pytest.mark.parametrize("first", ["drop-after", "hang-after", "garbage", "status-after"])
@pytest.mark.parametrize("then", ["drop-before", "garbage", "status-before", "hang-before"])
def test_a_lost_answer_and_then_no_answer_to_the_question(
    minting: Minting,
    trial: TrialDataCite,
    outbox: SqliteOutbox,
    record: Record,
    page: str,
    first: str,
    then: str,
) -> None:
    trial.faults.extend([Fault(first, "PUT"), Fault(then, "GET")])
    with pytest.raises(DataCiteFault):
        minting()
    minting()
    _only_entry(trial, outbox, record, page)


def test_wrong_state_is_not_taken_for_done(
    minting: Minting, trial: TrialDataCite, outbox: SqliteOutbox, record: Record, page: str
) -> None:
    trial.faults.extend([Fault("none", "PUT"), Fault("wrong-state", "PUT")])
    with pytest.raises(NotSettled, match="is draft after it was asked to publish"):
        minting()
    minting()
    _only_entry(trial, outbox, record, page)


@pytest.mark.parametrize("status", [401, 403, 409, 422, 429])
def test_a_refusal_is_kept_and_told(
    minting: Minting,
    trial: TrialDataCite,
    outbox: SqliteOutbox,
    record: Record,
    page: str,
    status: int,
) -> None:
    trial.faults.append(Fault("status-before", "PUT", status=status, retry_after="7"))
    with pytest.raises(DataCiteFault) as caught:
        minting()
    assert (caught.value.status, caught.value.retry_after) == (status, 7)
    assert [what for what, answer in outbox.answers() if answer] == ["draft"]
    minting()
    _only_entry(trial, outbox, record, page)


def test_a_suffix_that_is_used_at_datacite_is_not_chosen(
    minting: Minting, trial: TrialDataCite, datacite: DataCite
) -> None:
    datacite.put_draft("10.5072/used", {}, "https://elsewhere.example.org/")
    suffixes = iter(["used", "free"])
    assert minting(suffix=lambda: next(suffixes)).doi == "10.5072/free"
    assert trial.entries["10.5072/used"].attributes["url"] == "https://elsewhere.example.org/"


def test_a_suffix_that_another_record_has_is_not_chosen(
    minting: Minting, record: Record, outbox: SqliteOutbox
) -> None:
    outbox.choose("spase://PARHELION/NumericalData/Another", "10.5072/used")
    suffixes = iter(["used", "free"])
    assert minting(suffix=lambda: next(suffixes)).doi == "10.5072/free"


def test_two_processes_at_once_mint_one_doi(
    minting: Minting,
    trial: TrialDataCite,
    datacite: DataCite,
    outbox: SqliteOutbox,
    record: Record,
    page: str,
) -> None:
    @dataclass
    class Slower:
        """Looks at DataCite, and meanwhile the other process mints the whole way."""

        done: bool = False

        def get(self, doi: str) -> Held | None:
            if not self.done:
                self.done = True
                minting(suffix=lambda: "first")
            return datacite.get(doi)

        def __getattr__(self, name: str) -> Any:
            return getattr(datacite, name)

    assert minting(registrar=Slower(), suffix=lambda: "second").doi == "10.5072/first"
    _only_entry(trial, outbox, record, page)


def test_a_doi_that_is_for_something_else_is_never_written_over(
    minting: Minting, trial: TrialDataCite, datacite: DataCite, outbox: SqliteOutbox, record: Record
) -> None:
    outbox.choose(record.identifier, "10.5072/mine")
    datacite.put_draft("10.5072/mine", {}, "https://elsewhere.example.org/")
    with pytest.raises(NotSettled, match=r"for something else: https://elsewhere"):
        minting()
    assert len(trial.effects) == 1


def test_a_draft_that_somebody_deleted_is_made_again_under_its_doi(
    minting: Minting,
    trial: TrialDataCite,
    datacite: DataCite,
    outbox: SqliteOutbox,
    record: Record,
    page: str,
) -> None:
    trial.faults.extend([Fault("none", "PUT"), Fault("status-before", "PUT", status=422)])
    with pytest.raises(DataCiteFault):
        minting()
    intent = outbox.intent(record.identifier)
    assert intent is not None
    assert intent.state == "draft"
    datacite.delete(intent.doi)
    assert minting().doi == intent.doi
    _only_entry(trial, outbox, record, page)


def _reasons(minting: Minting, **changed: Any) -> str:
    with pytest.raises(Refused) as caught:
        minting(**changed)
    return " ".join(caught.value.reasons)


def test_refusals_say_why_and_send_nothing(
    minting: Minting, trial: TrialDataCite, record: Record, outbox: SqliteOutbox
) -> None:
    assert "doi.authorities" in _reasons(minting, authorities=["NASA"])
    assert "doi.prefix" in _reasons(minting, prefix="")
    assert "no address" in _reasons(minting, page="http://127.0.0.1:8080/records/x")
    carrying = replace(record, doi="https://doi.org/10.48322/E0DC-0H53")
    assert "has a DOI already: 10.48322/e0dc-0h53" in _reasons(minting, record=carrying)
    anonymous = replace(record, publication=None)
    said = _reasons(minting, record=anonymous)
    assert "no creators" in said
    assert "no publisher" in said
    assert "year of publication" in said
    assert trial.log == []
    assert outbox.intent(record.identifier) is None


def test_a_record_that_came_back_with_our_doi_is_no_stranger(
    minting: Minting, record: Record
) -> None:
    doi = minting().doi
    assert minting(record=replace(record, doi=f"https://doi.org/{doi}")) == Minted(doi, new=False)


def test_the_year_of_today_is_taken_only_when_given(
    minting: Minting, trial: TrialDataCite, record: Record
) -> None:
    assert record.publication is not None
    undated = replace(
        record, publication=replace(record.publication, date=""), released="2019-01-01T00:00:00Z"
    )
    assert "ReleaseDate is the description's" in _reasons(minting, record=undated)
    doi = minting(record=undated, publication_year_today=2026).doi
    assert trial.entries[doi].attributes["publicationYear"] == "2026"


@pytest.fixture(autouse=True)
def _no_effect_is_a_second_doi(trial: TrialDataCite, record: Record) -> Iterator[None]:
    yield
    own = [
        one.doi
        for one in trial.entries.values()
        if any(
            other["alternateIdentifier"] == record.identifier
            for other in one.attributes.get("alternateIdentifiers", [])
        )
    ]
    assert len(own) <= 1
