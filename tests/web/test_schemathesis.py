"""Schemathesis, which makes requests from the API's description, finds nothing: no answer that is
not described, no request refused that the description allows, none taken that it forbids.

A small seeded run; `make schemathesis` is a long one, with every bound of every parameter.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.commands.ingesting import run
from registry.settings import Settings
from tests.web import hdp_site, made

PROGRAM = Path(sys.executable).with_name("schemathesis")


def test_schemathesis_finds_nothing(address: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [
            str(PROGRAM), "run", f"{address}/api/openapi.json", "--url", address, "--no-color",
            "--phases", "examples,fuzzing,stateful", "--seed", "2", "-n", "8",
        ],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
        env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-6000:] + ended.stderr[-2000:]
    assert "0 generated" not in ended.stdout


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("described")
    made.write(folder / "made")
    settings = Settings(data=folder / "data")
    run(settings, (str(hdp_site.EXAMPLES.parent / "ivoa"), str(folder / "made")))
    with hdp_site.served(settings) as (_, endpoint):
        yield endpoint.removesuffix(hdp_site.ENDPOINT)
