"""Engines of their own for tests, and triples that hostile queries can get lost in."""

from __future__ import annotations

from pathlib import Path


def crowd(path: Path, subjects: int = 1000) -> Path:
    """A file of N-Triples: 4 triples a subject, among them a path that leads through all."""
    with path.open("w", encoding="ascii") as file:
        for n in range(subjects):
            subject = f"<spase://A/{n}>"
            file.write(f"{subject} <http://x/next> <spase://A/{(n * 7 + 1) % subjects}> .\n")
            for k in range(3):
                file.write(f'{subject} <http://x/p{k}> "text {n * k}" .\n')
    return path


def text(answer: object) -> str:
    """The whole text of an answer."""
    with answer.file as file:  # type: ignore[attr-defined]
        return file.read().decode()
