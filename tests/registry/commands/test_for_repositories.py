"""What a repository of records may copy from us: hooks for pre-commit, the workflow of the docs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner

from app import parhelion
from tests.schemas.made import dataset

ROOT = Path(__file__).parents[3]
DOCUMENTED = (ROOT / "docs" / "validating.md").read_text("utf-8")


def block(begin: str) -> Any:
    """The indented YAML of the docs that begins with a line."""
    lines = DOCUMENTED.split("\n")
    start = lines.index("    " + begin)
    found = []
    for line in lines[start:]:
        if line and not line.startswith("    "):
            break
        found.append(line[4:])
    return yaml.safe_load("\n".join(found))


def hooks() -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = yaml.safe_load(
        (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    )
    return read


def parsed(line: str) -> click.Context:
    """A command line of ours, as click understands it. Raises click.UsageError."""
    words = shlex.split(re.sub(r"\s*(\d?>.*|\|\|.*)$", "", line))
    assert words[0] == "parhelion"
    subcommand = parhelion.get_command(click.Context(parhelion), words[1])
    assert subcommand is not None, words[1]
    return subcommand.make_context(words[1], words[2:])


def test_hooks_call_commands_that_there_are(tmp_path: Path) -> None:
    assert [hook["id"] for hook in hooks()] == ["parhelion-validate", "parhelion-fix"]
    for hook in hooks():
        assert hook["language"] == "python"
        assert set(hook) <= {
            "id", "name", "description", "entry", "language", "types", "require_serial",
        }  # fmt: skip
        context = parsed(f"{hook['entry']} {tmp_path}")
        assert context.params["paths"] == (str(tmp_path),)


def test_the_documented_hooks_have_these_options(tmp_path: Path) -> None:
    (repository,) = block("repos:")["repos"]
    entries = {hook["id"]: hook["entry"] for hook in hooks()}
    for hook in repository["hooks"]:
        known = tmp_path / "known-findings.txt"
        known.write_text("")
        parsed(" ".join([entries[hook["id"]], *hook.get("args", []), str(tmp_path)]))


def test_the_workflow_runs_what_there_is() -> None:
    workflow = block("name: records")
    (job,) = workflow["jobs"].values()
    lines = [line.strip() for step in job["steps"] for line in step.get("run", "").splitlines()]
    ours = [line for line in lines if line.startswith("parhelion")]
    assert len(ours) == 2
    for line in ours:
        assert parsed(line).params["form"] in ("sarif", "html")
    # YAML reads a bare `on` as a truth value.
    assert set(workflow[True]) == {"pull_request", "push"}
    uses = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
    assert "github/codeql-action/upload-sarif" in uses
    assert workflow["permissions"]["security-events"] == "write"


@pytest.mark.parametrize("form", ["sarif", "html"])
def test_the_workflow_steps_write_what_the_next_ones_take(tmp_path: Path, form: str) -> None:
    """The same command lines, run on a folder with a known fault, and a new one."""
    records = tmp_path / "records"
    records.mkdir()
    (records / "old.xml").write_bytes(dataset(("MagneticField", "MagneticFeld")))
    baseline = ["--baseline", str(tmp_path / "known-findings.txt"), "--ignore", "reference"]
    run = CliRunner().invoke
    data = ["--data", str(tmp_path / "data"), "validate", str(records), *baseline]
    assert run(parhelion, [*data, "--write-baseline"]).exit_code == 0
    assert run(parhelion, [*data, "--format", form]).exit_code == 0
    changes = ("Probe/MAG/PT16S", "Probe/MAG/PT1S"), ("20</High>", "twenty</High>")
    (records / "new.xml").write_bytes(dataset(*changes))
    judged = run(parhelion, [*data, "--format", form])
    assert judged.exit_code == 1
    assert "twenty" in judged.stdout
    assert "MagneticFeld" not in judged.stdout
