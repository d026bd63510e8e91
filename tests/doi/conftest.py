"""A running double of DataCite, an account at it, an outbox on disk, a record to mint."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.doi.datacite_client import DataCite, Limits
from registry.doi.trial import Account, TrialDataCite
from registry.model import Publication, Record, Span
from tests.doi.sqlite_outbox import SqliteOutbox

PREFIX = "10.5072"


@pytest.fixture
def trial() -> Iterator[TrialDataCite]:
    accounts = {
        "HELIO.ONE": Account("right", (PREFIX,)),
        "HELIO.TWO": Account("other", ("10.5073",)),
    }
    with TrialDataCite(accounts) as double:
        yield double


@pytest.fixture
def datacite(trial: TrialDataCite) -> DataCite:
    limits = Limits(connect=2, read=0.2, total=0.4)
    return DataCite(trial.address, "HELIO.ONE", "right", PREFIX, limits=limits)


@pytest.fixture
def outbox(tmp_path: Path) -> SqliteOutbox:
    return SqliteOutbox(tmp_path / "outbox.sqlite")


@pytest.fixture
def record() -> Record:
    return Record(
        identifier="spase://PARHELION/NumericalData/ACE/MAG/PT16S",
        format="spase",
        kind="NumericalData",
        name="ACE magnetic field",
        description="Magnetic field at the first Lagrange point.",
        publication=Publication(
            authors="Smith, Charles W.; Ness, Norman F.",
            date="2021-05-01T00:00:00Z",
            publisher="Example Archive",
        ),
        spans=[Span(start="1997-09-02T00:00:12Z", relative_stop="-P2M")],
    )


@pytest.fixture
def page(record: Record) -> str:
    return "https://parhelion.example.org/records/" + record.identifier.replace("://", "/")
