"""A git repository as a source: fetched by the system's git, read from its objects, never run.

The repository is bare: nothing is checked out, so that no hook, filter, submodule or link of it
can do anything. Only http and https, only public addresses unless allowed, no redirects, no
credentials, no configuration but ours, limits on time and size. Only the newest commit of a branch
is fetched, and of later ones what they changed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from harvesters import limited
from harvesters.addresses import Connector, RefusedAddress
from harvesters.documents import (
    Document,
    Limits,
    Task,
    Unreadable,
    hidden,
    named_as_document,
    shown,
    too_large,
)
from harvesters.fetching import FetchFailed, Surroundings

_CHUNK = 2_000_000
_PACKS = 50
"""More packs than this, and the next harvest begins with a fresh clone."""
_TAKEN = "refs/parhelion/fetched"
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]*")
_FILES = ("100644", "100755")
_POLL_SECONDS = 0.2

_CONFIGURATION = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "credential.helper": "",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "100",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
    "transfer.bundleURI": "false",
}


@dataclass(slots=True, frozen=True)
class GitLimits:
    """Seconds for one call of git, seconds of silence, bytes that the repository may have."""

    total: float = 1800
    silence: float = 60
    size: int = 1_000_000_000


@dataclass(slots=True)
class Changes:
    """What lies between two commits: files new or changed (path → object), paths that went.

    `whole`: there was no earlier commit to compare with, and `files` are all that there are.
    """

    commit: str
    files: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    whole: bool = False


def address(url: str) -> tuple[str, str]:
    """(address, branch) of a source; the branch stands behind `#`, '' means the peer's own.

    Raises FetchFailed.
    """
    plain, _, branch = url.partition("#")
    parts = urlsplit(plain)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchFailed(
            "address", f"{plain[:200]!r} is no http or https address: git is spoken over them only"
        )
    if parts.username or parts.password:
        raise FetchFailed("address", "an address with a password in it is not fetched from")
    if branch and not _BRANCH.fullmatch(branch):
        raise FetchFailed("address", f"{branch[:100]!r} is no name of a branch")
    return plain, branch


class Repository:
    """One bare repository in a folder of ours, and what can be asked of it.

    `stopped` is asked while git works; it ends the work when it gives true.
    """

    def __init__(
        self,
        folder: Path,
        limits: GitLimits | None = None,
        *,
        allow_private: bool = False,
        user_agent: str = "Parhelion",
        surroundings: Surroundings | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.folder = folder
        self.limits = limits or GitLimits()
        self._user_agent = user_agent
        around = surroundings or Surroundings()
        self._connector = Connector(allow_private, around.resolve)
        self._stopped = stopped

    def fetch(self, url: str) -> str:
        """Brings the newest commit of the branch here; gives its name. Raises FetchFailed."""
        plain, branch = address(url)
        self._prepare()
        self._git(
            "fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--force",
            "--no-recurse-submodules", "--end-of-options", plain,
            f"+{f'refs/heads/{branch}' if branch else 'HEAD'}:{_TAKEN}",
            remote=plain,
        )  # fmt: skip
        return self._git("rev-parse", "--verify", f"{_TAKEN}^{{commit}}").decode().strip()

    def offered(self, url: str) -> list[str]:
        """The branches that an address offers. Raises FetchFailed."""
        plain, _ = address(url)
        self.folder.mkdir(parents=True, exist_ok=True)
        said = self._git("ls-remote", "--heads", "--end-of-options", plain, remote=plain)
        lines = said.decode("utf-8", "replace").splitlines()
        return [line.partition("\t")[2].removeprefix("refs/heads/") for line in lines]

    def changes(self, commit: str, before: str = "") -> Changes:
        """What changed since the commit `before`; everything where that is not known here."""
        if before and self._has(before):
            return self._between(before, commit)
        listed = self._git("ls-tree", "-r", "-z", "--full-tree", commit)
        found = Changes(commit, whole=True)
        for entry in listed.split(b"\0"):
            facts, _, name = entry.partition(b"\t")
            words = facts.decode("ascii", "replace").split()
            path = _path(name)
            if len(words) == 3 and words[0] in _FILES and _wanted(path):
                found.files[path] = words[2]
        return found

    def _between(self, before: str, commit: str) -> Changes:
        said = self._git(
            "diff-tree", "-r", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=all",
            before, commit,
        )  # fmt: skip
        found = Changes(commit)
        entries = said.split(b"\0")
        for facts, name in zip(entries[::2], entries[1::2], strict=False):
            words, path = facts.decode("ascii", "replace").lstrip(":").split(), _path(name)
            if len(words) != 5 or not _wanted(path):
                continue
            if words[1] in _FILES:
                found.files[path] = words[3]
            elif words[0] in _FILES:
                found.gone.append(path)
        return found

    def _has(self, commit: str) -> bool:
        if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", commit):
            return False
        try:
            self._git("cat-file", "-e", f"{commit}^{{tree}}")
        except FetchFailed:
            return False
        return True

    def tasks(self, files: Mapping[str, str], limits: Limits | None = None) -> Iterator[Task]:
        """The contents of files (path → object) as work for `Ingest`."""
        bounds = limits or Limits()
        ready: list[Document | Unreadable] = []
        size = 0
        for document in self._documents(files, bounds):
            ready.append(document)
            size += len(document.content) if isinstance(document, Document) else 0
            if size >= _CHUNK:
                yield Task(size=size, ready=tuple(ready), limits=bounds)
                ready, size = [], 0
        if ready:
            yield Task(size=size, ready=tuple(ready), limits=bounds)

    def _documents(
        self, files: Mapping[str, str], limits: Limits
    ) -> Iterator[Document | Unreadable]:
        if len(files) > limits.members:
            raise FetchFailed("too-large", f"the repository has more than {limits.members:,} files")
        with self._started(["cat-file", "--batch"], subprocess.PIPE) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            for path, name in files.items():
                process.stdin.write(f"{name}\n".encode())
                process.stdin.flush()
                words = process.stdout.readline().split()
                if len(words) != 3:
                    raise FetchFailed("content", f"the repository in {self.folder} is damaged")
                size = int(words[2])
                if size > limits.document:
                    for start in range(0, size + 1, _CHUNK):
                        process.stdout.read(min(_CHUNK, size + 1 - start))
                    yield too_large(path, size, limits)
                    continue
                content = process.stdout.read(size + 1)[:-1]
                if len(content) != size:
                    raise FetchFailed("content", f"the repository in {self.folder} is damaged")
                yield Document(path, content)
            process.stdin.close()

    # -- git itself ---------------------------------------------------------------------------

    def _prepare(self) -> None:
        packs = list((self.folder / "objects" / "pack").glob("*.pack"))
        if len(packs) > _PACKS:
            shutil.rmtree(self.folder, ignore_errors=True)
        if not (self.folder / "HEAD").is_file():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True, mode=0o700)
            self._git("init", "--quiet", "--bare", "--template=", str(self.folder))
        for lock in self.folder.glob("**/*.lock"):
            lock.unlink(missing_ok=True)  # of a git that was killed; one harvest at a time is ours

    def _git(self, *arguments: str, remote: str = "") -> bytes:
        """What git writes. Raises FetchFailed with what it complains of."""
        with self._started(arguments, subprocess.DEVNULL, remote) as process:
            until = time.monotonic() + self.limits.total
            while True:
                try:
                    out, complaint = process.communicate(timeout=_POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    self._bounded(until, remote)
        if process.returncode:
            raise FetchFailed("git", _in_words(complaint.decode("utf-8", "replace"), remote))
        return bytes(out)

    def _bounded(self, until: float, remote: str) -> None:
        if self._stopped():
            raise FetchFailed("stopped", f"{remote}: git was stopped")
        if time.monotonic() > until:
            raise FetchFailed("time", f"{remote}: git took longer than {self.limits.total:g} s")
        if _size(self.folder) > self.limits.size:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise FetchFailed(
                "too-large", f"{remote}: the repository has more than {self.limits.size:,} bytes"
            )

    @contextmanager
    def _started(
        self, arguments: Sequence[str], stdin: int, remote: str = ""
    ) -> Iterator[subprocess.Popen[bytes]]:
        settings = dict(_CONFIGURATION)
        settings["http.lowSpeedTime"] = str(max(1, int(self.limits.silence)))
        settings["http.userAgent"] = self._user_agent
        if remote:
            settings["http.curloptResolve"] = self._pinned(remote)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [
            sys.executable, "-I", "-S", limited.__file__, str(os.getpid()), str(self.limits.size),
            "git", "--no-pager", f"--git-dir={self.folder}", *options, *arguments,
        ]  # fmt: skip
        try:
            process = subprocess.Popen(  # noqa: S603 no shell, and no word of it is an option
                command,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if stdin == subprocess.DEVNULL else subprocess.DEVNULL,
                env=self._environment(),
                cwd=self.folder,
                start_new_session=True,
            )
        except OSError as error:
            raise FetchFailed("git", f"git cannot be started: {error.strerror}") from error
        try:
            yield process
        finally:
            _end(process)

    def _pinned(self, remote: str) -> str:
        """The host's addresses, checked, so that git connects to none but these."""
        parts = urlsplit(remote)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = parts.hostname or ""
        try:
            found = self._connector.addresses(host, port)
        except RefusedAddress as error:
            raise FetchFailed("address", f"{remote}: {error}") from error
        except (OSError, UnicodeError) as error:
            raise FetchFailed("connection", f"{remote}: the host's name is not known") from error
        addresses = dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)
        listed = ",".join(f"[{one}]" if ":" in one else one for one in addresses)
        return f"{host}:{port}:{listed}"

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "LC_ALL": "C",
            "GIT_ALLOW_PROTOCOL": "http:https",
            "GIT_ASKPASS": "true",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
        }


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends git and what it started, if it still runs."""
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, 9)
            else:  # pragma: no cover - Windows
                process.kill()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream:
            with suppress(OSError):
                stream.close()
    process.wait()


def _size(folder: Path) -> int:
    total = 0
    for here, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.stat(os.path.join(here, name)).st_size
    return total


def _path(name: bytes) -> str:
    return shown(name.decode("utf-8", "surrogateescape"))


def _wanted(path: str) -> bool:
    """Whether a file may be a record: by its name, and in no hidden folder."""
    return named_as_document(path) and not any(hidden(step) for step in path.split("/"))


def _in_words(complaint: str, remote: str) -> str:
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
    said = (told[0].partition(": ")[2] or told[0]) if told else "it ended without a word"
    if "redirect" in complaint:
        said += "; give the address that the repository has now"
    return f"{remote}: git says: {said[:300]}" if remote else f"git says: {said[:300]}"
