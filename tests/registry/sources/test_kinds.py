"""Git repositories and folders as sources, and the deletion guard of every kind."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harvesters.fetching import FetchFailed
from harvesters.git import GitLimits, Repository, address
from registry.deletion_guard import HarvestFailed, TooManyDeletions
from registry.settings import HarvestSettings, IngestSettings, IvoaSettings, Settings
from registry.sources.adding import add_source, look_at
from registry.sources.harvesting import harvest
from registry.store import sources as kept
from registry.store.store import Store
from registry.store.taken import Counts
from tests.harvesters.peers import Peer, Reply
from tests.oai.registries import service
from tests.registry.sources import repository as oai
from tests.registry.sources.repository import Item
from tests.whole.corpus import spase, write_zip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path / "data",
        harvest=HarvestSettings(allow_private=True),
        ingest=IngestSettings(workers=1),
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = Store(settings.data)
    yield store
    store.close()


def key(name: int | str) -> str:
    return f"spase://MADE/Person/{name}"


def keys(store: Store) -> set[str]:
    with store.reading() as reader:
        return set(reader.keys(0, 10_000))


def counted(counts: Counts) -> dict[str, int]:
    names = ("read", "new", "changed", "unchanged", "deleted")
    return {name: getattr(counts, name) for name in names if getattr(counts, name)}


def run(store: Store, settings: Settings, name: str = "it", **options: bool) -> dict[str, int]:
    with store.reading() as reader:
        source = kept.source(reader.connection, name)
    return counted(harvest(store, settings, source, **options).counts)


# -- git ------------------------------------------------------------------------------------------


class Served:
    """A work tree, and its repository served over HTTP by git's own CGI program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "hpde"
        self.folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=master")
        self.requests: list[str] = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                served.answer(self)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def git(self, *arguments: str) -> str:
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
        }  # fmt: skip
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments],
            env=environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def write(self, **files: bytes | None) -> None:
        for name, content in files.items():
            path = self.folder / "Person" / f"{name}.xml"
            path.parent.mkdir(exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content)

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "records")
        return self.git("rev-parse", "HEAD")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hpde/.git"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path, _, query = handler.path.partition("?")
        self.requests.append(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        environment = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(self.folder.parent),
            "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path, "QUERY_STRING": query,
            "REQUEST_METHOD": handler.command, "HOME": str(self.folder),
            "CONTENT_TYPE": handler.headers.get("Content-Type") or "",
            "GIT_PROTOCOL": handler.headers.get("Git-Protocol") or "",
            "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding") or "",
        }  # fmt: skip
        done = subprocess.run(
            ["git", "http-backend"], env=environment, input=body, capture_output=True, check=False
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        handler.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    def __enter__(self) -> Served:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path) as served:
        served.write(**{f"p{n}": spase(key(n)) for n in range(20)})
        (served.folder / "README.md").write_text("<not a record>")
        served.commit()
        yield served


def test_git_only_the_changed_files_of_new_commits(
    store: Store, settings: Settings, served: Served
) -> None:
    add_source(store, "it", "git", served.url)
    assert run(store, settings) == {"read": 20, "new": 20}
    assert run(store, settings) == {}
    served.write(p3=spase(key(3), name="Else"), p4=None, p20=spase(key(20)))
    commit = served.commit()
    assert run(store, settings) == {"read": 2, "new": 1, "changed": 1, "deleted": 1}
    with store.reading() as reader:
        record = reader.record(key(3))
        assert record is not None
        assert [place.path for place in reader.places(record)] == ["Person/p3.xml"]
        assert kept.source(reader.connection, "it").state == {"commit": commit}
    assert keys(store) == {key(n) for n in range(21) if n != 4}
    served.git("mv", "Person", "People")
    served.commit()
    assert run(store, settings) == {"read": 20, "unchanged": 20}, "moved files delete nothing"
    assert len(keys(store)) == 20
    # A clone that was lost is made again, and what it holds is known.
    shutil.rmtree(settings.data / "git")
    (served.folder / "People" / "p5.xml").unlink()
    served.commit()
    assert run(store, settings)["deleted"] == 1


def test_git_history_begun_anew_and_branches(
    store: Store, settings: Settings, served: Served
) -> None:
    served.git("branch", "other")
    add_source(store, "it", "git", f"{served.url}#other")
    assert dict(look_at(settings, "git", f"{served.url}#other").facts)["branches"] == (
        "master, other"
    )
    with pytest.raises(HarvestFailed, match="there is no branch 'third'"):
        look_at(settings, "git", f"{served.url}#third")
    run(store, settings)
    served.git("checkout", "--quiet", "--orphan", "fresh")
    served.write(p0=spase(key(0), name="Anew"), p1=None)
    served.commit()
    served.git("branch", "--force", "other", "fresh")
    assert run(store, settings) == {"read": 1, "changed": 1, "deleted": 1}


def test_git_through_the_guard(store: Store, settings: Settings, served: Served) -> None:
    add_source(store, "it", "git", served.url)
    run(store, settings)
    served.write(**{f"p{n}": None for n in range(3)}, p9=spase(key(9), name="Else"))
    # A record that became another one is deleted too.
    served.write(p3=spase(key("instead")))
    served.commit()
    with pytest.raises(TooManyDeletions, match="it: 4 of 20 records are deleted in http"):
        run(store, settings)
    assert keys(store) == {key(n) for n in range(20)}
    with store.reading() as reader:
        record = reader.record(key(9))
        assert record is not None
        assert record.name == "Else", "what else came was taken in"
    assert run(store, settings, accept_deletions=True)["deleted"] == 4
    assert keys(store) == {key(n) for n in range(4, 20)} | {key("instead")}


def test_git_does_nothing_but_read(
    store: Store, settings: Settings, served: Served, tmp_path: Path
) -> None:
    """Links, submodules, hooks, filters and attributes of a repository have no effect."""
    secret = tmp_path / "secret.xml"
    secret.write_bytes(spase(key("secret")))
    ran = tmp_path / "ran"
    (served.folder / "link.xml").symlink_to(secret)
    (served.folder / ".gitattributes").write_text("*.xml filter=run diff=run\n")
    (served.folder / ".gitmodules").write_text(
        f'[submodule "s"]\n\tpath = s.xml\n\turl = file://{tmp_path}\n'
    )
    hook = served.folder / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    served.git("add", "--all")
    head = served.git("rev-parse", "HEAD")
    served.git("update-index", "--add", "--cacheinfo", f"160000,{head},s.xml")
    served.git("commit", "--quiet", "--message", "hostile")
    add_source(store, "it", "git", served.url)
    assert run(store, settings) == {"read": 20, "new": 20}
    assert not ran.exists()
    assert not (settings.data / "git" / "2" / "index").exists()
    assert "exec" not in (settings.data / "git" / "2" / "config").read_text()


@pytest.mark.parametrize(
    "url",
    ["file:///etc", "/etc", "ssh://git@example.org/x", "git@example.org:x", "ext::sh -c id",
     "--upload-pack=id", "http://u:p@example.org/x", "https://example.org/x#--output=x", "https:"],
)  # fmt: skip
def test_git_over_http_only(url: str) -> None:
    with pytest.raises(FetchFailed):
        address(url)


def test_git_at_private_addresses_and_beyond_limits(
    store: Store, settings: Settings, served: Served, tmp_path: Path
) -> None:
    before = len(served.requests)
    with pytest.raises(FetchFailed, match="not on the public internet"):
        Repository(tmp_path / "one").fetch(served.url)
    assert len(served.requests) == before
    (served.folder / "large.bin").write_bytes(os.urandom(300_000))
    served.commit()
    small = Repository(tmp_path / "two", GitLimits(size=100_000), allow_private=True)
    with pytest.raises(FetchFailed):
        small.fetch(served.url)
    missing = served.url.replace("hpde", "nothing")
    with pytest.raises(FetchFailed, match=r"git says: .*not found"):
        Repository(tmp_path / "three", allow_private=True).fetch(missing)


# -- folders --------------------------------------------------------------------------------------


def test_a_folder_is_watched(store: Store, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "records"
    (folder / "a").mkdir(parents=True)
    for n in range(20):
        (folder / "a" / f"{n}.xml").write_bytes(spase(key(n)))
    write_zip(folder / "more.zip", {"z.xml": spase(key("z"))})
    add_source(store, "it", "folder", str(folder))
    assert run(store, settings) == {"read": 21, "new": 21}
    assert run(store, settings) == {"read": 21, "unchanged": 21}
    with store.reading() as reader:
        found = reader.records_by_key([key(0), key("z")])
        places = {name: [one.path for one in reader.places(kept)] for name, kept in found.items()}
    assert places == {key(0): ["a/0.xml"], key("z"): ["more.zip!/z.xml"]}
    (folder / "a" / "0.xml").unlink()
    (folder / "a" / "1.xml").write_bytes(b"<Spase")
    assert run(store, settings)["deleted"] == 1
    assert key(1) in keys(store), "what cannot be read replaces nothing"
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(HarvestFailed, match="there is no folder"):
        run(store, settings)
    folder.mkdir()
    with pytest.raises(TooManyDeletions, match="20 of 20 records"):
        run(store, settings)
    assert len(keys(store)) == 20


# -- OAI-PMH --------------------------------------------------------------------------------------


@pytest.fixture
def peer() -> Iterator[tuple[oai.Repository, Peer]]:
    items = {str(n): Item("2024-05-01T00:00:00Z", spase(key(n))) for n in range(20)}
    repository = oai.Repository(items)
    with repository.peer() as peer:
        yield repository, peer


NEWER = "2024-06-02T00:00:00Z"


def test_many_deleted_headers_stop_at_the_guard(
    store: Store, settings: Settings, peer: tuple[oai.Repository, Peer]
) -> None:
    """Spread over pages, so that each page alone would pass; nothing is deleted before."""
    repository, server = peer
    add_source(store, "it", "oai-pmh", f"{server.url}/oai")
    run(store, settings)
    for n in range(20):
        content = None if n % 6 == 0 else spase(key(n), name="Else")
        repository.items[str(n)] = Item(NEWER, content)
    with store.reading() as reader:
        point = kept.source(reader.connection, "it").state["point"]
    with pytest.raises(TooManyDeletions, match="it: 4 of 20 records"):
        run(store, settings)
    assert len(keys(store)) == 20
    with store.reading() as reader:
        source = kept.source(reader.connection, "it")
        record = reader.record(key(1))
        assert record is not None
        assert record.name == "Else"
    assert source.state["point"] == point, "a harvest that failed does not move the point"
    assert "--accept-deletions" in source.last_error
    # The peer has seen its mistake: two of them are back.
    repository.items["0"] = Item(NEWER, spase(key(0)))
    repository.items["6"] = Item(NEWER, spase(key(6)))
    assert run(store, settings)["deleted"] == 2
    assert keys(store) == {key(n) for n in range(20) if n not in (12, 18)}


@pytest.mark.parametrize(
    ("held", "gone", "passes"),
    [(5, 3, True), (5, 4, False), (2, 1, True), (2, 2, False), (1, 1, True), (40, 4, True),
     (40, 5, False)],
)  # fmt: skip
def test_few_deletions_pass_the_guard(
    store: Store, settings: Settings, held: int, gone: int, passes: bool
) -> None:
    """`deletion_floor` is 3: a tiny source may lose its first records, but not all at once."""
    repository = oai.Repository(
        {str(n): Item("2024-05-01T00:00:00Z", spase(key(n))) for n in range(held)}
    )
    with repository.peer() as server:
        add_source(store, "it", "oai-pmh", f"{server.url}/oai")
        run(store, settings)
        for n in range(gone):
            repository.items[str(n)] = Item(NEWER, None)
        strict = settings.harvest.model_copy(update={"deletion_guard": 0.0})
        with pytest.raises(TooManyDeletions):
            run(store, settings.model_copy(update={"harvest": strict}))
        if passes:
            assert run(store, settings)["deleted"] == gone
        else:
            with pytest.raises(TooManyDeletions):
                run(store, settings)


def test_what_is_managed_here_is_refused_from_peers(tmp_path: Path) -> None:
    """Named in the log and not taken, however it is spelt; let in where that is configured."""
    records = {
        "ours": service("x").replace(b"ivo://made.example", b"ivo://Own.Example"),
        "theirs": service("y"),
    }
    items = {
        name: Item("2024-05-01T00:00:00Z", text.replace(b"<ri:Resource", b'<ri:Resource xmlns=""'))
        for name, text in records.items()
    }
    ivoa = IvoaSettings(authority="own.example")
    for ours_from, expected in (([], {"ivo://made.example/y"}), (["it"], None)):
        settings = Settings(
            data=tmp_path / str(len(ours_from)),
            ivoa=ivoa,
            harvest=HarvestSettings(allow_private=True, ours_from=ours_from),
        )
        store = Store(settings.data)
        with oai.Repository(items).peer() as server:
            add_source(store, "it", "oai-pmh", f"{server.url}/oai", prefix="ivo_vor")
            for full in (False, True):
                with store.reading() as reader:
                    source = kept.source(reader.connection, "it")
                faults = harvest(store, settings, source, full=full).faults
                refused = [one for one in faults if "ivo://Own.Example/x is refused" in one]
                assert len(refused) == (0 if ours_from else 1), faults
        every = {"ivo://made.example/y", "ivo://own.example/x"}
        assert keys(store) == (expected or every)
        store.close()


def test_a_peer_that_keeps_no_deletions(
    store: Store, settings: Settings, peer: tuple[oai.Repository, Peer]
) -> None:
    repository, server = peer
    repository.deleted_record = "no"
    add_source(store, "it", "oai-pmh", f"{server.url}/oai")
    run(store, settings)
    del repository.items["3"]
    repository.now = NEWER
    assert run(store, settings) == {}, "an incremental list says nothing of what is gone"
    assert run(store, settings, full=True)["deleted"] == 1
    assert key(3) not in keys(store)
    for n in range(4, 8):
        del repository.items[str(n)]
    with pytest.raises(TooManyDeletions, match="4 of 19 records"):
        run(store, settings, full=True)
    assert len(keys(store)) == 19
    repository.items.clear()
    with pytest.raises(TooManyDeletions, match="19 of 19 records"):
        run(store, settings, full=True)
    assert run(store, settings, full=True, accept_deletions=True)["deleted"] == 19


def test_a_peer_that_lost_its_memory(
    store: Store, settings: Settings, peer: tuple[oai.Repository, Peer]
) -> None:
    """It says that it keeps deletions, and a full list lacks a record: named, and kept."""
    repository, server = peer
    add_source(store, "it", "oai-pmh", f"{server.url}/oai")
    run(store, settings)
    del repository.items["3"]
    with store.reading() as reader:
        source = kept.source(reader.connection, "it")
    result = harvest(store, settings, source, full=True)
    assert len(keys(store)) == 20
    assert [fault for fault in result.faults if "oai:example.org:3" in fault]


# -- archives -------------------------------------------------------------------------------------


def test_an_archive_whose_records_became_others(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    """Nothing vanished, and still most records would be deleted."""
    archive = tmp_path / "a.zip"
    write_zip(archive, {f"{n}.xml": spase(key(n)) for n in range(10)})
    with Peer(lambda asked: Reply(archive.read_bytes())) as server:
        add_source(store, "it", "archive", f"{server.url}/a.zip")
        run(store, settings)
        write_zip(archive, {f"{n}.xml": spase(key(f"other{n}")) for n in range(10)})
        with pytest.raises(TooManyDeletions, match="10 of 10 records"):
            run(store, settings)
        assert keys(store) == {key(n) for n in range(10)}
        told = run(store, settings, accept_deletions=True)
        assert told == {"read": 10, "new": 10, "deleted": 10}
        assert keys(store) == {key(f"other{n}") for n in range(10)}
