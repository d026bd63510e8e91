"""Pages that were made before: given out as they were, and never when what they show has moved."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from registry.commands.ingesting import run
from registry.engines import Engines, opened
from registry.findings import Finding, Judgement
from registry.settings import IngestSettings, PagesSettings, Settings
from registry.store import dois
from registry.store.kept_pages import FILE
from registry.web import page_cache, preparing
from registry.web.application import application
from tests.web import made

PUBLIC = "https://registry.example.org"
HOME = "/records/spase/MADE/Repository/Home"
OTHER = "/records/spase/MADE/Repository/Other"
FAR = "/records/spase/MADE/Person/Far"


def association(target: str) -> str:
    return (
        f"<Association><AssociationID>spase://MADE/{target}</AssociationID>"
        "<AssociationType>PartOf</AssociationType></Association>"
    )


class Registry:
    """A small registry whose documents can be changed, and what was made anew by it."""

    def __init__(self, folder: Path, engines: Engines) -> None:
        self.folder = folder
        self.engines = engines
        self.client: FlaskClient = application(engines).test_client()

    def write(self, **documents: str) -> None:
        for name, text in documents.items():
            (self.folder / f"{name}.xml").write_text(text, "utf-8")
        run(self.engines.settings, (str(self.folder),), follow=False)

    def kept(self) -> set[str]:
        """The addresses of the pages that are kept and true now."""
        site = self.client.application.extensions["parhelion"]
        with self.engines.store.reading() as reader:
            records = [one.key for some in reader.all_records() for one in some]
        found = (key for key in records if site.pages.get(key, self.engines.store.standing(key)))
        return {f"/records/{key.replace('://', '/')}" for key in found}

    def text(self, path: str) -> str:
        return self.client.get(path).get_data(as_text=True)


def copy(source: Path, target: Path) -> None:
    """Puts one database in the place of another, as SQLite's own backup does."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def far(name: str = "Somebody far") -> str:
    return made.repository("Person/Far", name=name)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    folder = tmp_path / "made"
    folder.mkdir()
    settings = Settings(data=tmp_path / "data", public_url=PUBLIC, ingest=IngestSettings(workers=1))
    with opened(settings, wants_lock=False) as engines:
        found = Registry(folder, engines)
        found.write(
            home=made.repository("Repository/Home", name="Home of data"),
            other=made.repository(
                "Repository/Other", name="Another", header=association("Repository/Home")
            ),
            far=far(),
        )
        for path in (HOME, OTHER, FAR):
            found.client.get(path)
        yield found


def test_a_page_is_given_out_as_it_was_made(registry: Registry) -> None:
    client = registry.client
    assert registry.kept() == {HOME, OTHER, FAR}
    first, again = client.get(HOME), client.get(HOME)
    assert first.data == again.data
    assert b"Home of data" in first.data
    assert list(first.headers) == list(again.headers)
    assert "Content-Security-Policy" in again.headers
    packed = client.get(HOME, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == first.data
    assert packed.headers["ETag"] != first.headers["ETag"]
    for tag in (first.headers["ETag"], packed.headers["ETag"]):
        unchanged = client.get(HOME, headers={"If-None-Match": tag})
        assert (unchanged.status_code, unchanged.data) == (304, b"")
    head = client.head(HOME)
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(first.data)))


def test_what_wants_more_is_made_anew(registry: Registry) -> None:
    client = registry.client
    page = client.get(HOME).data
    assert client.get(HOME, headers={"Accept": "text/turtle"}).mimetype == "text/turtle"
    assert client.get(HOME, query_string={"parameters": "x"}).status_code == 200
    assert client.get(f"{HOME}.xml").mimetype == "application/xml"
    client.set_cookie("parhelion_session", "unknown")
    private = client.get(HOME)
    assert private.headers["Cache-Control"] == "private, no-store"
    client.delete_cookie("parhelion_session")
    assert client.get(HOME).data == page


def test_answers_of_kept_pages_are_counted(registry: Registry) -> None:
    def counted() -> int:
        lines = registry.text("/metrics").splitlines()
        (line,) = (one for one in lines if 'route="/records/<any' in one and 'status="200"' in one)
        return int(line.rsplit(" ", 1)[1])

    before = counted()
    registry.client.get(HOME)
    assert counted() == before + 1


def test_a_change_drops_the_pages_that_show_it_and_no_others(registry: Registry) -> None:
    registry.write(
        home=made.repository("Repository/Home", name="A new name for it"),
    )
    assert "A new name for it" in registry.text(OTHER), "it names the record that changed"
    assert "A new name for it" in registry.text(HOME)
    assert registry.kept() == {HOME, OTHER, FAR}
    registry.write(far=far("Somebody else"))
    assert "Somebody else" in registry.text(FAR)
    site = registry.client.application.extensions["parhelion"]
    assert site.pages.keys() == {
        "spase://MADE/Person/Far", "spase://MADE/Repository/Home", "spase://MADE/Repository/Other"
    }, "Home and Other were not made again, and are still there"  # fmt: skip


def test_who_refers_to_a_record_is_never_out_of_date(registry: Registry) -> None:
    assert "Another" in registry.text(HOME)
    registry.write(other=made.repository("Repository/Other", name="Renamed"))
    assert "Renamed" not in registry.text(HOME), "it no longer refers to it"
    registry.write(
        new=made.repository(
            "Repository/New", name="Newcomer", header=association("Repository/Home")
        )
    )
    assert "Newcomer" in registry.text(HOME)
    (registry.folder / "new.xml").write_text(
        made.repository("Repository/Instead", name="Instead"), "utf-8"
    )
    registry.write()
    assert "Newcomer" not in registry.text(HOME), "it is gone"


def test_findings_about_others_are_never_out_of_date(registry: Registry) -> None:
    lost = made.repository("Repository/Lost", header=association("Repository/Missing"))
    registry.write(lost=lost)
    path = "/records/spase/MADE/Repository/Lost"
    registry.text(path)
    assert "Repository/Missing, which leads nowhere" in registry.text(path)
    registry.write(missing=made.repository("Repository/Missing"))
    assert "Repository/Missing, which leads nowhere" not in registry.text(path)
    registry.write(case=made.repository("Repository/LOST"))
    assert "upper and lower case" in registry.text(path)
    registry.write(again=lost)
    assert "one other document has the same identifier" in registry.text(path), (
        "another place moves no change"
    )


def test_a_doi_of_ours_and_findings_judged_anew_are_seen(registry: Registry) -> None:
    store = registry.engines.store
    with store.writing() as writer:
        kept = writer.record("spase://MADE/Repository/Home")
        assert kept is not None
        dois.choose_doi(writer.connection, kept.id, "10.5072/made", 1, state="findable")
        writer.touch_doi(kept.id)
    assert "10.5072/made" in registry.text(HOME)
    registry.text(HOME)
    finding = Finding("schema.value", "error", "a schema that came later says this")
    with store.writing() as writer:
        writer.judge_anew([(kept.revision_id, Judgement("valid", [finding]))])
    assert "a schema that came later says this" in registry.text(HOME)


def test_a_store_from_a_backup_is_not_shown_with_later_pages(
    registry: Registry, tmp_path: Path
) -> None:
    store, backup = tmp_path / "data" / "store.sqlite", tmp_path / "backup.sqlite"
    copy(store, backup)
    registry.write(home=made.repository("Repository/Home", name="Of a time that is gone"))
    assert "a time that is gone" in registry.text(HOME)
    registry.text(HOME)
    copy(backup, store)
    assert "Home of data" in registry.text(HOME)
    registry.write(home=made.repository("Repository/Home", name="Written in its place"))
    assert "Written in its place" in registry.text(HOME)


def test_other_settings_forget_all_pages(registry: Registry) -> None:
    settings = registry.engines.settings.model_copy(update={"title": "Another title"})
    client = application(replace(registry.engines, settings=settings)).test_client()
    for _ in range(2):
        assert "Another title" in client.get(HOME).get_data(as_text=True)
    assert "Another title" not in registry.text(HOME)
    assert "Another title" in client.get(HOME).get_data(as_text=True)


def test_a_page_with_dates_to_come_holds_for_a_day() -> None:
    now = datetime(2026, 5, 6, 7, tzinfo=UTC)
    midnight = datetime(2026, 5, 7, tzinfo=UTC).timestamp()
    assert page_cache.until(b"<StopDate>2019-01-01", going=True, now=now) == midnight
    assert page_cache.until(b"<StopDate>2026-01-01", going=False, now=now) == midnight
    assert page_cache.until(b"<StopDate>2019-01-01", going=False, now=now) > 10 * midnight / 9


def test_no_more_is_kept_than_is_allowed(registry: Registry) -> None:
    settings = registry.engines.settings.model_copy(update={"pages": PagesSettings(bytes=0)})
    client = application(replace(registry.engines, settings=settings)).test_client()
    for _ in range(3):
        assert client.get(HOME).status_code == 200
    connection = sqlite3.connect(settings.data / FILE)
    assert connection.execute("SELECT count(*) FROM page").fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM need").fetchone() == (0,)
    assert connection.execute("SELECT held FROM state").fetchone() == (0,)


def test_a_damaged_file_costs_the_pages_only(registry: Registry) -> None:
    settings = registry.engines.settings
    for end in ("-wal", "-shm"):
        (settings.data / (FILE + end)).unlink(missing_ok=True)
    (settings.data / FILE).write_bytes(b"no database at all " * 1000)
    client = application(registry.engines).test_client()
    for _ in range(2):
        answer = client.get(HOME)
        assert answer.status_code == 200


def test_pages_are_made_before_they_are_asked_for(registry: Registry) -> None:
    settings = registry.engines.settings
    registry.write(home=made.repository("Repository/Home", name="Another name"))
    store = registry.engines.store
    assert preparing.lacking(store, page_cache.kept_pages(settings).keys()) == []
    registry.text("/records/spase/MADE/Repository/Nothing")
    registry.text(HOME)
    assert preparing.prepare(settings, gently=False) == 1, "Other names what changed"
    assert registry.kept() == {HOME, OTHER, FAR}
    assert "Another name" in registry.text(OTHER)


def test_pages_are_made_after_a_change_and_quiet(registry: Registry) -> None:
    now = [0.0]
    thread = preparing.PagesThread(
        registry.engines.store, registry.engines.settings, lambda: now[0]
    )
    assert not thread.due()
    now[0] += preparing.QUIET_SECONDS
    assert thread.due()
    registry.write(home=made.repository("Repository/Home", name="Another name"))
    assert not thread.due()
    now[0] += preparing.QUIET_SECONDS
    assert thread.due()
    thread.make()
    assert not thread.due()


def test_the_process_that_makes_pages_ends_with_its_work(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "FEW", 1)
    registry.write(home=made.repository("Repository/Home", name="Another name"))
    registry.text(FAR)
    thread = preparing.PagesThread(registry.engines.store, registry.engines.settings)
    thread.make()
    assert registry.kept() == {HOME, OTHER, FAR}
