"""The words of UCD1+ as the IVOA lists them."""

from __future__ import annotations

from tests.shared import needs_shared, shared
from vocabularies.ucds import successors, words


@needs_shared
def test_the_words_are_the_ivoas() -> None:
    folder = shared("ivoa", "vocabularies", "ucd")
    lines = (folder / "ucd-list.txt").read_text("utf-8").splitlines()
    listed = [line.split("|") for line in lines if "|" in line and line[0] != "#"]
    assert words() == {
        word.strip().lower(): (word.strip(), flag.strip()) for flag, word, *_ in listed
    }
    lines = (folder / "ucd-list-deprecated.txt").read_text("utf-8").splitlines()
    old = [line.split() for line in lines if line.strip() and line[0] != "#"]
    assert successors() == {one.lower(): after for one, after in old}
