"""What all that OAI-PMH gives out depends on, beside the records."""

from __future__ import annotations

import json
from hashlib import sha256

from mappings import to_dublin_core, to_oai_datacite, to_voresource
from registry.oai.own_records import authority
from registry.settings import Settings


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
