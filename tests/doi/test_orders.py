"""What is asked for, refused, put off, kept in step, adopted and reconciled: store and double."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from registry.access import AccessError, Actor
from registry.doi.account import Account
from registry.doi.asking import (
    HIDE,
    MINT,
    TOMBSTONE,
    UPDATE,
    Asked,
    Overtaken,
    adopt,
    ask,
    standing,
)
from registry.doi.datacite_client import DataCite, Forbidden, TooMany, retry_after
from registry.doi.keeping import order_what_changed
from registry.doi.minting import Refused
from registry.doi.pace import Pace
from registry.doi.patching import NotPatched, patched
from registry.doi.preflight import preflight
from registry.doi.reconciling import mend, reconciled
from registry.doi.trial import Account as TrialAccount
from registry.doi.trial import Entry, Fault, TrialDataCite
from registry.doi.waiting import waiting
from registry.doi.working import Outcome, Worker
from registry.store import dois, tables
from registry.store.doi_orders import order_of
from registry.store.kept import KeptDoi
from registry.store.store import Store
from tests.doi.lives import ANNA, EXAMPLE, ID, document, take

BASE = "https://registry.example.org"
OTHER = "spase://PARHELION/NumericalData/Other"


class World:
    """A store, the double, and a clock that moves when somebody waits."""

    def __init__(self, folder: Path, trial: TrialDataCite) -> None:
        self.now = 1_800_000_000.0
        self.trial = trial
        self.store = Store(folder, clock=lambda: self.now)
        self.account = Account(
            trial.address, "TRIAL.PARHELION", "trial", "10.5072", ("PARHELION",), BASE, "random",
            1000.0,
        )  # fmt: skip
        self.registrar = self.account.registrar()
        self.worker = Worker(self.store, self.account, registrar=self.registrar, wait=self.wait)
        take(self.store, ID, EXAMPLE.encode())

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def ask(self, what: str, key: str = ID, **more: object) -> None:
        ask(self.store, self.account, ANNA, key, replace(Asked(what), **more))  # type: ignore[arg-type]

    def work(self, patience: float = 0.0) -> list[Outcome]:
        told: list[Outcome] = []
        self.worker.work(told=told.append, patience=patience)
        return told

    def mint(self, key: str = ID) -> KeptDoi:
        self.ask(MINT, key)
        assert [one.done for one in self.work()] == [True]
        return self.held(key)

    def held(self, key: str = ID) -> KeptDoi:
        with self.store.reading() as reader:
            kept = reader.record(key)
            assert kept is not None
            own = dois.doi_of(reader.connection, kept.id)
        assert own is not None
        return own

    def refused(self, what: str, key: str = ID, **more: object) -> str:
        with pytest.raises(Refused) as caught:
            self.ask(what, key, **more)
        return str(caught.value)

    def why(self) -> list[tuple[str, str]]:
        with self.store.reading() as reader:
            return [(one.what, one.why) for one in waiting(reader)]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    accounts = {
        "TRIAL.PARHELION": TrialAccount("trial", ("10.5072",)),
        "OTHER.ONE": TrialAccount("other", ("10.5072", "10.5073")),
        "PROVIDER": TrialAccount("above", ("10.5072",), role="provider"),
    }
    with TrialDataCite(accounts) as trial:
        yield World(tmp_path, trial)


# -- asking --------------------------------------------------------------------------------------


def test_what_cannot_be_minted_is_said_before_anything_is_sent(world: World) -> None:
    invalid = EXAMPLE.replace(ID, OTHER).replace("<ResourceName>", "<Wrong/><ResourceName>")
    take(world.store, OTHER, invalid.encode())
    assert "is invalid" in world.refused(MINT, OTHER)
    assert "is invalid" in world.refused(MINT, OTHER, forced=True)
    assert "not in this registry" in world.refused(MINT, "spase://PARHELION/None")
    world.account = replace(world.account, authorities=("NASA",))
    assert "doi.authorities" in world.refused(MINT)
    assert world.trial.log == []


def test_warnings_stop_a_mint_and_force_lets_it_pass(world: World) -> None:
    begin, _, rest = EXAMPLE.replace(ID, OTHER).partition("<Authors>")
    crowded = f"{begin}<Authors>Fox, A., and B. Hare{rest[rest.index('</Authors>') :]}"
    take(world.store, OTHER, crowded.encode())
    assert "--force" in world.refused(MINT, OTHER)
    world.ask(MINT, OTHER, forced=True)
    assert [one.state for one in world.work()] == ["findable"]


def test_only_curators_may(world: World) -> None:
    for actor in (Actor("", ""), Actor("rudi", "reader")):
        with pytest.raises(AccessError):
            ask(world.store, world.account, actor, ID, Asked(MINT))


def test_of_two_curators_at_once_the_second_is_told(world: World) -> None:
    with world.store.reading() as reader:
        kept = reader.record(ID)
        assert kept is not None
        seen = standing(reader, kept.id)
    world.ask(MINT, seen=seen)
    with pytest.raises(Overtaken):
        world.ask(MINT, seen=seen)
    world.work()
    with pytest.raises(Overtaken):
        world.ask(HIDE, seen=seen)
    assert len(world.trial.entries) == 1


def test_hiding_asks_for_a_doi_of_ours(world: World) -> None:
    assert "no DOI of ours" in world.refused(HIDE)
    world.mint()
    world.ask(HIDE)
    world.work()
    assert world.held().state == world.trial.entries[world.held().doi].state == "registered"
    assert "is not deleted" in world.refused(TOMBSTONE, reason="It is gone.")
    assert world.mint().state == "findable"


# -- putting off ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "after", "wait", "stuck"),
    [
        (401, "", 300, False),
        (403, "", 300, False),
        (404, "", 5, False),
        (409, "", 5, False),
        (422, "", 0, True),
        (429, "77", 77, False),
        (429, "", 300, False),
        (503, "", 5, False),
        (503, "99", 99, False),
        (503, "999999", 3600, False),
    ],
)
def test_each_refusal_waits_as_long_as_it_should(
    world: World, status: int, after: str, wait: int, stuck: bool
) -> None:
    kind = "status-before"
    world.trial.faults.append(Fault(kind, "PUT", status=status, retry_after=after))
    world.ask(MINT)
    outcome = world.work()[0]
    assert (outcome.done, outcome.wait, outcome.later) == (False, wait, not stuck)
    assert world.work() == []
    assert world.why()[0][0] == MINT
    if stuck:
        world.ask(MINT)
    world.now += wait
    assert [one.done for one in world.work()] == [True]
    assert world.why() == []


def test_waits_grow_and_end_at_an_hour(world: World) -> None:
    world.trial.faults.extend([Fault("status-before", status=500)] * 12)
    world.ask(MINT)
    waits = []
    for _ in range(12):
        waits.append(world.work()[0].wait)
        world.now += 3600
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]


def test_patience_waits_for_what_mends_itself(world: World) -> None:
    world.trial.faults.append(Fault("status-before", "PUT", status=503))
    world.ask(MINT)
    assert [one.done for one in world.work(patience=60)] == [False, True]


def test_a_wrong_password_is_not_waited_for(world: World) -> None:
    wrong = replace(world.account, password="wrong")
    worker = Worker(world.store, wrong, wait=world.wait)
    world.ask(MINT)
    told: list[Outcome] = []
    worker.work(told=told.append, patience=10_000)
    assert len(told) == 1
    assert "doi.username" in told[0].said


def test_a_refused_attribute_is_named_by_its_element(world: World) -> None:
    world.mint()
    take(world.store, ID, document(ID, "Newer."))
    order_what_changed(world.store, world.account)
    # What DataCite refuses in earnest is what its schema does not say, as a dead address.
    world.worker.account = replace(world.account, base="no address")
    outcome = world.work()[0]
    assert not outcome.later
    assert outcome.said.endswith("In the record this comes from ResourceID.")
    # It waits for a person, or for the record to change.
    world.worker.account = world.account
    assert world.work() == []
    take(world.store, ID, document(ID, "Newest."))
    assert order_what_changed(world.store, world.account) == 1
    assert world.work()[0].done


def test_an_order_from_a_clock_that_was_wrong_is_tried(world: World) -> None:
    world.trial.faults.append(Fault("status-before", "PUT", status=503))
    world.now += 10 * 365 * 86400
    world.ask(MINT)
    assert not world.work()[0].done
    world.now -= 10 * 365 * 86400
    assert [one.done for one in world.work()] == [True]


def test_a_date_to_retry_at_is_counted_from_the_answers_own_clock() -> None:
    sent, then = "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:50:07 GMT"
    assert retry_after({"Date": sent, "retry-after": then}) == 30


def test_requests_go_out_one_after_another(world: World) -> None:
    waits: list[float] = []
    pace = Pace(world.store, 4.0, wait=waits.append)
    for _ in range(3):
        pace()
    assert waits == [0.25, 0.5]
    pace.hold(60)
    with pytest.raises(TooMany) as caught:
        pace()
    assert caught.value.retry_after == 60


# -- keeping in step -----------------------------------------------------------------------------


def test_only_what_datacite_would_see_is_sent(world: World) -> None:
    doi = world.mint().doi
    order_what_changed(world.store, world.account)
    world.trial.log.clear()
    same = EXAMPLE.replace("<NumericalData>", "<!-- looked over --><NumericalData>")
    take(world.store, ID, same.encode())
    assert order_what_changed(world.store, world.account) == 0
    take(world.store, ID, document(ID, "Newer."))
    assert order_what_changed(world.store, world.account) == 1
    assert [one.what for one in world.work()] == [UPDATE]
    assert "Newer." in str(world.trial.entries[doi].attributes["descriptions"])
    assert order_what_changed(world.store, world.account) == 0
    assert [method for method, _ in world.trial.log] == ["PUT"]


def test_a_new_public_url_is_sent(world: World) -> None:
    doi = world.mint().doi
    order_what_changed(world.store, world.account)
    world.worker.account = world.account = replace(world.account, base="https://new.example.org")
    assert order_what_changed(world.store, world.account) == 1
    world.work()
    assert world.trial.entries[doi].attributes["url"].startswith("https://new.example.org/records/")


def test_a_list_that_the_record_lost_is_emptied(world: World) -> None:
    doi = world.mint().doi
    entry = world.trial.entries[doi]
    # As if it had been told of something that the record does not say any more.
    entry.attributes["relatedIdentifiers"] = [
        {"relatedIdentifier": "10.5072/x", "relatedIdentifierType": "DOI",
         "relationType": "Cites"},
    ]  # fmt: skip
    take(world.store, ID, document(ID, "Newer."))
    order_what_changed(world.store, world.account)
    world.work()
    assert world.trial.entries[doi].attributes["relatedIdentifiers"] == []


def test_a_record_that_became_invalid_keeps_what_datacite_has(world: World) -> None:
    doi = world.mint().doi
    before = world.trial.entries[doi].attributes
    take(world.store, ID, EXAMPLE.replace("<ResourceName>", "<Wrong/><ResourceName>").encode())
    order_what_changed(world.store, world.account)
    assert not world.work()[0].later
    assert world.trial.entries[doi].attributes == before
    assert "is invalid now" in world.why()[0][1]


def test_a_deletion_here_makes_a_tombstone(world: World) -> None:
    doi = world.mint().doi
    with world.store.writing() as writer:
        writer.remove(1, [f"/made/{ID}"])
    assert order_what_changed(world.store, world.account) == 1
    assert [one.what for one in world.work()] == [TOMBSTONE]
    assert world.trial.entries[doi].state == "registered"


def test_a_deletion_by_harvest_waits_for_a_curator(world: World) -> None:
    doi = world.mint().doi
    with world.store.writing() as writer:
        writer.connection.execute(update(tables.source).values(kind="oai"))
        writer.remove(1, [f"/made/{ID}"])
    assert order_what_changed(world.store, world.account) == 0
    assert world.work() == []
    assert world.trial.entries[doi].state == "findable"
    assert "a curator has to decide" in world.why()[0][1]
    assert "Say why" in world.refused(TOMBSTONE)
    assert "replaced by itself" in world.refused(TOMBSTONE, reason="Gone.", replaced_by=ID)
    take(world.store, OTHER, document(OTHER))
    world.ask(TOMBSTONE, reason="Gone.", replaced_by=OTHER)
    world.work()
    entry = world.trial.entries[doi]
    assert entry.state == "registered"
    assert {
        "relatedIdentifier": f"{BASE}/records/spase/PARHELION/NumericalData/Other",
        "relatedIdentifierType": "URL",
        "relationType": "IsObsoletedBy",
    } in entry.attributes["relatedIdentifiers"]
    assert world.why() == []


# -- adopting, reconciling, patching ---------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    ["10.5072/OLD-1", " https://doi.org/10.5072/old-1 ", "doi:10.5072/Old-1", "10.5072 / old-1"],
)
def test_a_doi_of_ours_is_adopted_in_any_spelling(world: World, given: str) -> None:
    world.registrar.put_draft("10.5072/old-1", {}, "https://old.example.org/")
    bound = adopt(world.store, world.account, world.registrar, ANNA, ID, given)
    assert (bound.doi, bound.state, bound.adopted) == ("10.5072/old-1", "draft", True)
    assert world.mint().doi == "10.5072/old-1"
    assert list(world.trial.entries) == ["10.5072/old-1"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("10.48322/e0dc-0h53", "not under our prefix"),
        ("10.5072/none", "has no DOI 10.5072/none"),
        ("10.5072/theirs", "belongs to other.one"),
        ("ten", "is no DOI"),
        ("", "carries no DOI"),
    ],
)
def test_dois_of_others_are_never_touched(world: World, given: str, said: str) -> None:
    theirs = DataCite(world.trial.address, "OTHER.ONE", "other", "10.5072")
    example = {"url": "https://theirs.example.org/"}
    theirs.put_draft("10.5072/theirs", example, "https://theirs.example.org/")
    world.trial.entries["10.5072/theirs"].state = "findable"
    effects = list(world.trial.effects)
    with pytest.raises(Refused, match=said):
        adopt(world.store, world.account, world.registrar, ANNA, ID, given)
    assert world.trial.effects == effects


def test_reconciling_names_every_difference_and_mends(world: World) -> None:
    take(world.store, OTHER, document(OTHER))
    first, second = world.mint(), world.mint(OTHER)
    entries = world.trial.entries
    entries[first.doi].attributes["titles"] = [{"title": "Meddled"}]
    entries[second.doi].state = "registered"
    world.registrar.put_draft("10.5072/stray", {}, "https://stray.example.org/")
    world.trial.refresh()
    found = list(reconciled(world.store, world.account, world.registrar))
    # DOIs come in their own order, and these two were chosen by chance.
    of = {one.doi: one for one in found}
    assert {doi: one.mends for doi, one in of.items()} == {
        first.doi: UPDATE, second.doi: MINT, "10.5072/stray": "",
    }  # fmt: skip
    assert len(found) == 3
    assert found[-1].doi == "10.5072/stray"
    assert "titles" in of[first.doi].message
    assert [mend(world.store, ANNA, one) for one in found] == [True, True, False]
    world.work()
    left = list(reconciled(world.store, world.account, world.registrar))
    assert [one.doi for one in left] == ["10.5072/stray"]


def test_lists_go_on_page_after_page(world: World) -> None:
    for number in range(450):
        doi = f"10.5072/{number}"
        world.trial.entries[doi] = Entry(doi, "TRIAL.PARHELION")
    world.trial.refresh()
    assert len(list(world.registrar.listed())) == 450


def test_an_account_of_a_provider_sees_and_changes_nothing(world: World) -> None:
    doi = world.mint().doi
    world.ask(HIDE)
    world.work()
    above = DataCite(world.trial.address, "PROVIDER", "above", "10.5072")
    held = above.get(doi)
    assert held is not None
    assert held.owner == "trial.parhelion"
    with pytest.raises(Forbidden):
        above.hide(doi)


def test_a_patched_record_matches_its_doi_and_is_valid(world: World) -> None:
    doi = world.mint().doi
    after = patched(EXAMPLE.encode(), doi)
    lines = set(after.decode().splitlines()) - set(EXAMPLE.splitlines())
    assert [one.strip() for one in lines] == [f"<DOI>https://doi.org/{doi}</DOI>"]
    assert patched(after, doi) == after
    with pytest.raises(NotPatched, match="another DOI"):
        patched(after, "10.5072/other")
    take(world.store, ID, after)
    with world.store.reading() as reader:
        kept = reader.record(ID)
        assert kept is not None
        assert kept.verdict == "valid"
        assert preflight(reader, kept, world.account).of("error") == []
    assert "10.5072/x" not in world.trial.entries


def test_preflight_names_element_and_line(world: World) -> None:
    text = EXAMPLE.replace(ID, OTHER)
    begin, end = text.index("<PublicationInfo>"), text.index("</PublicationInfo>")
    take(world.store, OTHER, (text[:begin] + text[end + len("</PublicationInfo>") :]).encode())
    with world.store.reading() as reader:
        kept = reader.record(OTHER)
        assert kept is not None
        errors = preflight(reader, kept, world.account).of("error")
    line = text[: text.index("<ResourceHeader>")].count("\n") + 1
    told = {one.path: one.line for one in errors}
    assert told["ResourceHeader/PublicationInfo/PublishedBy"] == line
    assert told["ResourceHeader/PublicationInfo/PublicationDate"] == line


def test_who_names_a_minted_record_quotes_its_doi(world: World) -> None:
    about = (
        f"<Association><AssociationID>{ID}</AssociationID>"
        "<AssociationType>RevisionOf</AssociationType></Association>"
    )
    text = EXAMPLE.replace(ID, OTHER).replace("</ResourceHeader>", f"{about}</ResourceHeader>", 1)
    first = world.mint().doi
    take(world.store, OTHER, text.encode())
    with world.store.reading() as reader:
        kept = reader.record(OTHER)
    assert kept is not None
    assert kept.verdict == "valid"
    second = world.mint(OTHER).doi
    related = world.trial.entries[second].attributes["relatedIdentifiers"]
    assert {
        "relatedIdentifier": first, "relatedIdentifierType": "DOI",
        "relationType": "IsNewVersionOf",
    } in related  # fmt: skip


def test_orders_of_the_dead_are_taken_over(world: World) -> None:
    world.ask(MINT)
    with world.store.writing() as writer:
        lease = f"{socket.gethostname()}:999999999/x"
        writer.connection.execute(update(tables.doi_order).values(lease=lease))
    assert [one.done for one in world.work()] == [True]
    with world.store.reading() as reader:
        kept = reader.record(ID)
        assert kept is not None
        assert order_of(reader.connection, kept.id) is None
