"""`parhelion vocabulary`: which words of the records have no match, and proposals for new ones."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from registry import identifiers
from registry.commands.enhancement_proposal import Asked, NotProposed, proposal
from registry.commands.vocabulary_use import FIELDS, MATCHED, STATES, UNMATCHED, Use, uses
from registry.engines import open_store
from registry.settings import Settings
from vocabularies import terms

SHOWN = 20
PROPOSED = 10


@click.group()
def vocabulary() -> None:
    """Say which words of the records have no match, and propose new terms."""


@vocabulary.command()
@click.option(
    "--field", "fields", multiple=True, type=click.Choice(list(FIELDS)), help="Only these words."
)
@click.option("--all", "everything", is_flag=True, help="List what has a match, and every word.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def report(settings: Settings, fields: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """List the words that records use and that have no match in the other vocabulary.

    Frames are compared with IVOA's refframe, regions with EPN-TAP's target_class, measurement
    types with UCD1+, spectral ranges with IVOA's messenger, processing levels with IVOA's, units
    with VOUnits.
    """
    found = _uses(settings, fields or tuple(FIELDS))
    if as_json:
        listed = {name: [asdict(use) for use in words] for name, words in found.items()}
        click.echo(json.dumps(listed, ensure_ascii=False))
        return
    for name, words in found.items():
        click.echo("\n".join(_told(name, words, everything)) + "\n")


def _uses(settings: Settings, fields: tuple[str, ...]) -> dict[str, list[Use]]:
    store = open_store(settings)
    try:
        with store.reading() as reader:
            return uses(reader, fields)
    finally:
        store.close()


def _told(name: str, words: list[Use], everything: bool) -> list[str]:
    by_state = {state: [use for use in words if use.state == state] for state in STATES}
    matched = len(by_state[MATCHED])
    lines = [
        f"{name[0].upper()}{name[1:]} and {FIELDS[name].partner_name}: "
        f"{len(words):,} words in use, {matched:,} with a match"
    ]
    for state, listed in by_state.items():
        if not listed or (state == MATCHED and not everything):
            continue
        lines.append(f"  {len(listed):,} {STATES[state]}")
        shown = listed if everything else listed[:SHOWN]
        for use in shown:
            records = f"{use.records:,} record{'' if use.records == 1 else 's'}"
            note = f": {use.note}" if use.note and state != UNMATCHED else ""
            note = f" ({use.note})" if use.note and state == UNMATCHED else note
            lines.append(f"    {use.word}, {records}{note}")
        if len(listed) > len(shown):
            lines.append(f"    {len(listed) - len(shown):,} more; --all lists them")
    return lines


@vocabulary.command()
@click.argument("names", nargs=-1, metavar="[FRAME]...")
@click.option("--author", required=True, help="Name and address of who proposes.")
@click.option("--date", help="The date of the proposal (default: today).")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write into this file."
)
@click.pass_obj
def propose(
    settings: Settings, names: tuple[str, ...], author: str, date: str | None, output: Path | None
) -> None:
    """Write a proposal to add frames to IVOA's refframe, as a Vocabulary Enhancement Proposal.

    Without a frame, those most used here that IVOA has no term for. A proposal should hold only
    frames whose reasons are alike.
    """
    used = {use.word: use for use in _uses(settings, ("frames",))["frames"]}
    if not names:
        names = tuple(
            word for word, use in used.items()
            if use.state == "none" and word in terms.of_scheme("frames")
        )[:PROPOSED]  # fmt: skip
        if not names:
            raise click.ClickException("No frame that is used here lacks a term of IVOA's.")
    asked = [
        Asked(name, use.records, [_address(settings, one) for one in use.examples])
        if (use := used.get(name)) else Asked(name, 0, ())
        for name in dict.fromkeys(names)
    ]  # fmt: skip
    try:
        text = proposal(asked, author, date or f"{datetime.now(UTC):%Y-%m-%d}")
    except NotProposed as error:
        raise click.ClickException(str(error)) from error
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, "utf-8")
        click.echo(f"{output} proposes {', '.join(one.name for one in asked)}.")


def _address(settings: Settings, identifier: str) -> str:
    """Where a record is found: its page, if this installation has an address for all."""
    if settings.public_url:
        return settings.base_url() + identifiers.page_path(identifiers.key(identifier))
    return identifier
