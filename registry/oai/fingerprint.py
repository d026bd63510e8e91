"""What all that OAI-PMH gives out depends on, beside the records."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version

from mappings import to_dublin_core, to_oai_datacite, to_voresource
from registry.oai.own_records import authority, managed_authorities
from registry.settings import Settings

_PAGES = 1
"""Raised when a record is written into a list in another way."""


def fingerprint(settings: Settings) -> str:
    """Another one means that every record may be written in another way than before."""
    said = [
        to_dublin_core.VERSION,
        to_voresource.VERSION,
        to_oai_datacite.VERSION,
        settings.public_url,
        authority(settings),
        settings.ivoa.contact or settings.ivoa.publisher or settings.title,
        settings.oai.admin_email,
    ]
    return sha256(json.dumps(said).encode("utf-8")).hexdigest()[:32]


def fingerprint_of_pages(settings: Settings) -> str:
    """Another one means that pages of lists, written before, may say what is no longer so."""
    said = [
        _PAGES,
        fingerprint(settings),
        managed_authorities(settings),
        settings.base_url(),
        settings.doi.username,
        _version(),
    ]
    return sha256(json.dumps(said).encode("utf-8")).hexdigest()[:32]


def _version() -> str:
    try:
        return version("parhelion")
    except PackageNotFoundError:
        return ""
