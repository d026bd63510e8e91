"""Resumption tokens that say all by themselves (OAI-PMH 2.0, section 3.5).

A token is signed, and holds the list's arguments, where the list stands and where it ends. So it
needs no memory: it survives a restart, may be asked with again, and every process knows it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from oaipmh.error import BadResumptionTokenError

_FORM = 1


@dataclass(slots=True, frozen=True)
class Progress:
    """Where a list stands: it goes on after `after` and ends with `upper` (change numbers).

    `cursor` records were brought before, of `size` that there were when the list began; `end` is
    the last second of `until`; the token is good until the second `expires`.
    """

    verb: str
    prefix: str
    set: str
    end: int | None
    after: int
    upper: int
    cursor: int
    size: int
    expires: int


class Tokens:
    """The tokens of one repository."""

    def __init__(self, secret: str, repository: str) -> None:
        """`secret` is the store's own; tokens of another repository are no tokens here."""
        self._serializer = URLSafeSerializer(
            secret,
            salt=f"resumption {repository}",
            serializer=_Compact,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def written(self, progress: Progress) -> str:
        """The token, of characters that need no encoding in an address."""
        text = self._serializer.dumps([_FORM, *astuple(progress)])
        return text if isinstance(text, str) else text.decode("ascii")

    def read(self, token: str, verb: str, now: float) -> Progress:
        """The progress that a token of ours holds. Raises BadResumptionTokenError in words."""
        try:
            form, *values = self._serializer.loads(token)
        except (BadData, ValueError):
            raise BadResumptionTokenError(
                "This resumptionToken is not one that was given here: begin the list again."
            ) from None
        if form != _FORM:
            raise BadResumptionTokenError(
                "This resumptionToken is of an earlier version: begin the list again."
            )
        progress = Progress(*values)
        if progress.verb != verb:
            raise BadResumptionTokenError(
                f"This resumptionToken was given for {progress.verb}, not for {verb}."
            )
        if progress.expires < now:
            raise BadResumptionTokenError("This resumptionToken has expired: begin the list again.")
        return progress


class _Compact:
    """JSON without white space."""

    @staticmethod
    def dumps(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def loads(text: str | bytes) -> Any:
        return json.loads(text)
