"""Bulk loading: `oxigraph load` of whole files into a place that no server has open.

Each file is loaded whole or not at all, and the first fault of a file stops it. Then the record
at fault is left out, and that file alone is loaded again.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from registry.graph import child
from registry.graph.errors import GraphUnavailable

_ROUNDS = 20
_FAULT = re.compile(
    r"Error while loading file (.+?): Parser error (?:at|between) line (\d+)\b[^:]*: (.*)"
)


def load(place: Path, files: Sequence[Path]) -> list[tuple[str, str]]:
    """Load files of N-Triples and N-Quads into `place`.

    Gives (IRI, reason) of the records that were left out. Raises GraphUnavailable when the
    engine fails for another reason, or finds faults in more than 20 records of one file.
    """
    refused: list[tuple[str, str]] = []
    waiting = list(files)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix="mended-") as folder:
        for _ in range(_ROUNDS + 1):
            said = _run(place, waiting)
            if not said:
                return refused
            faults = _FAULT.findall(said)
            if not faults:
                raise GraphUnavailable(f"The graph could not be loaded: {_brief(said)}")
            mended: list[Path] = []
            for name, line, reason in faults:
                path = Path(name)
                target = Path(folder) / f"{len(refused)}{path.suffix}"
                refused.append((_leave_out(path, int(line), target), reason))
                mended.append(target)
            waiting = mended
    raise GraphUnavailable(
        f"The graph was not built: the engine refuses more than {_ROUNDS} records of one file, "
        f"the last of them {refused[-1][0]} ({refused[-1][1]})."
    )


def _run(place: Path, files: Sequence[Path]) -> str:
    """'' when all is loaded, else what the engine said."""
    process = child.start(["load", "--location", str(place), "--file", *map(str, files)])
    try:
        said = process.communicate()[1]
    except BaseException:
        process.kill()
        process.wait()
        raise
    return said or f"status {process.returncode}" if process.returncode else ""


def _leave_out(path: Path, number: int, target: Path) -> str:
    """Copy a file without the record that the line of that number is about; gives its IRI."""
    with path.open("rb") as file:
        fault = next(line for count, line in enumerate(file, 1) if count == number)
    record = fault.lstrip()[1:].partition(b">")[0].partition(b"#")[0]
    own = (b"<" + record + b">", b"<" + record + b"#")
    with path.open("rb") as file, target.open("wb") as copy:
        for count, line in enumerate(file, 1):
            if count != number and not line.startswith(own):
                copy.write(line)
    return record.decode("utf-8", "replace")


def _brief(said: str) -> str:
    return said.partition("Stack backtrace")[0].strip()[-500:]


def remove_leftovers(folder: Path) -> None:
    """Remove what interrupted builds left beside the places."""
    for path in folder.glob("mended-*"):
        shutil.rmtree(path, ignore_errors=True)
    (folder / "marks.nq").unlink(missing_ok=True)
