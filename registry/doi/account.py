"""What minting needs of the settings, or why it is off; and the account of a trial."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from registry import identifiers
from registry.doi.datacite_client import DataCite
from registry.settings import Settings

TRIAL_FOLDER = "trial-doi"
TRIAL_PREFIX = "10.5072"
TRIAL_USER, TRIAL_PASSWORD = "TRIAL.PARHELION", "trial"


class MintingOff(Exception):
    """Minting is switched off; the message says what is lacking."""


@dataclass(slots=True, frozen=True)
class Account:
    """Where, as whom and for whom DOIs are minted. `authorities` None: for all, in a trial."""

    api: str
    username: str
    password: str = field(repr=False)
    prefix: str
    authorities: tuple[str, ...] | None
    base: str
    suffix: str
    per_second: float
    trial: bool = False

    def page(self, key: str) -> str:
        """The address that a record's DOI leads to."""
        return self.base + identifiers.page_path(key)

    def registrar(self, before: Callable[[], None] = lambda: None) -> DataCite:
        """The client; `before` waits for a request's turn. Raises MintingOff."""
        try:
            return DataCite(self.api, self.username, self.password, self.prefix, before=before)
        except ValueError as error:
            raise MintingOff(str(error)) from error


def account(settings: Settings) -> Account:
    """The account of the settings, or of the trial that `serve --trial-doi` runs beside.

    Raises MintingOff.
    """
    given = settings.doi
    if not given.prefix and not given.username:
        trial = _trial(settings)
        if trial:
            return trial
    lacking = []
    if not given.prefix:
        lacking.append("no DOI prefix is set (doi.prefix)")
    if not given.username or not given.password.get_secret_value():
        lacking.append("no account at DataCite is set (doi.username, doi.password)")
    if not given.authorities:
        lacking.append("no authority whose records may be given DOIs is set (doi.authorities)")
    fault = settings.public_url_fault()
    if fault:
        lacking.append(f"{fault}, and a DOI has to lead to a page that lasts")
    if lacking:
        raise MintingOff("Minting is switched off: " + "; ".join(lacking) + ".")
    return Account(
        given.api,
        given.username,
        given.password.get_secret_value(),
        given.prefix,
        tuple(given.authorities),
        settings.base_url(),
        given.suffix,
        given.requests_per_second,
    )


def trial_file(settings: Settings) -> Path:
    """Where a running trial says its address."""
    return settings.data / TRIAL_FOLDER / "server.json"


def trial_account(settings: Settings, address: str, base: str) -> Account:
    """The account at a trial that answers at `address`, of a registry that answers at `base`."""
    authorities = tuple(settings.doi.authorities) or None
    return Account(
        address, TRIAL_USER, TRIAL_PASSWORD, TRIAL_PREFIX, authorities, base,
        settings.doi.suffix, 1000.0, trial=True,
    )  # fmt: skip


def _trial(settings: Settings) -> Account | None:
    try:
        said = json.loads(trial_file(settings).read_text("utf-8"))
        return trial_account(settings, str(said["address"]), str(said["base"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
