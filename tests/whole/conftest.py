"""Installations in temporary folders; whatever they started is ended with the test."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.whole.running import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path / "data")
    yield installation
    for process in installation.processes():
        with contextlib.suppress(psutil.Error):
            process.kill()
