"""The stand-in for DataCite beside a server, for trying minting out on one machine."""

from __future__ import annotations

import json
import os

from registry.doi.account import (
    TRIAL_FOLDER,
    TRIAL_PASSWORD,
    TRIAL_PREFIX,
    TRIAL_USER,
    trial_file,
)
from registry.doi.trial import Account, TrialDataCite
from registry.settings import Settings, SettingsError
from registry.store import dois
from registry.store.store import Store


class TrialBeside:
    """Runs the double, and says in the data folder where it is, so that commands find it."""

    def __init__(self, settings: Settings, store: Store) -> None:
        """Raises SettingsError where DOIs are minted in earnest."""
        self._settings = settings
        if settings.doi.prefix or settings.doi.username:
            raise SettingsError(
                "--trial-doi is for trying minting out, and the settings name an account at "
                "DataCite (doi.prefix, doi.username): take them out, or leave --trial-doi out."
            )
        with store.reading() as reader:
            ours = [one.doi for one in dois.dois(reader.connection)]
        real = next((one for one in ours if not one.startswith(f"{TRIAL_PREFIX}/")), "")
        if real:
            raise SettingsError(
                f"--trial-doi is for trying minting out, and this registry has minted {real}: use "
                "another data folder."
            )
        folder = settings.data / TRIAL_FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        accounts = {TRIAL_USER: Account(TRIAL_PASSWORD, (TRIAL_PREFIX,))}
        self._double = TrialDataCite(accounts, file=folder / "dois.json", switches=True)

    def start(self) -> str:
        """Starts it; gives what to tell the user."""
        self._double.__enter__()
        file = trial_file(self._settings)
        said = {"address": self._double.address, "base": self._settings.base_url()}
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(said, stream)
        return (
            f"A stand-in for DataCite answers at {self._double.address}: its DOIs, under "
            f"{TRIAL_PREFIX}, lead nowhere, and `parhelion doi end-trial` forgets them."
        )

    def stop(self) -> None:
        trial_file(self._settings).unlink(missing_ok=True)
        self._double.__exit__()
