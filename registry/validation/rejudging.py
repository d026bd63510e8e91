"""Records judged again, because a schema was added that now decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from registry.findings import Judgement, Refusal
from registry.store.rejudged import revisions_of
from registry.store.store import Store
from registry.validation.verdicts import judge
from schemas.documents import parts
from schemas.spase import added

BATCH = 200
"""Records judged between two writes."""


@dataclass(slots=True)
class Rejudged:
    """What came of it: contents judged again, records with another verdict, verdicts by name."""

    judged: int = 0
    moved: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)


def rejudge(
    store: Store,
    versions: Sequence[str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Rejudged:
    """Judges all SPASE records of versions again (None: those with an added schema).

    Their findings are replaced, and a record whose verdict moved has a change with the reason
    VERDICT. Nothing is judged inside a write; run again after an interruption, it moves what is
    left. `progress` is called with the number judged so far. Raises StoreError.
    """
    done = Rejudged()
    if versions is None:
        versions = [version for version, _ in added.versions()]
    for version in versions:
        after = 0
        while True:
            with store.reading() as reader:
                found = revisions_of(reader.connection, version, after, BATCH)
            if not found:
                break
            after = found[-1][0]
            judged = [(number, _judged(body)) for number, body in found]
            again = [(number, judgement) for number, judgement in judged if judgement is not None]
            with store.writing() as writer:
                done.moved += writer.judge_anew(again)
            for _, judgement in again:
                name = judgement.verdict
                done.verdicts[name] = done.verdicts.get(name, 0) + 1
            done.judged += len(again)
            if progress is not None:
                progress(done.judged)
    return done


def _judged(body: bytes) -> Judgement | None:
    """The judgement on a kept content; None for what a stricter parser refuses today."""
    try:
        found = [part for part in parts(body) if part.element is not None]
    except Refusal:
        return None
    return judge(found[0]) if found else None
