"""Words of VOResource: the types of records, and the terms of IVOA's short lists."""

from __future__ import annotations

from functools import cache

from vocabularies import namespaces, turtle

# fmt: off
_WAVEBANDS = frozenset((
    "Photon", "Radio", "Millimeter", "Infrared", "Optical", "UV", "EUV", "X-ray", "Gamma-ray",
    "Neutrino",
))
_CONTENT_TYPES = frozenset((
    "Other", "Archive", "Bibliography", "Catalog", "Journal", "Library", "Simulation", "Survey",
    "Transformation", "Education", "Outreach", "EPOResource", "Animation", "Artwork",
    "Background", "BasicData", "Historical", "Photographic", "Press", "Organisation", "Project",
    "Registry",
))
# fmt: on


@cache
def types() -> dict[str, str]:
    """Every type of VOResource record that we know, and the IRI of its concept."""
    base = namespaces.VORESOURCE_TYPES
    return {local: base + local for local, _ in turtle.subjects("voresource_types.ttl")}


def record_type(name: str) -> str | None:
    """The concept of a type (the local name of xsi:type); None for an unknown one."""
    return types().get(name)


def waveband(name: str) -> str | None:
    """IVOA's term for a waveband or messenger (VODataService 1.2, section 3.3.2), or None."""
    return namespaces.IVOA_MESSENGER + name if name in _WAVEBANDS else None


def content_type(name: str) -> str | None:
    """IVOA's term for a content type (VOResource 1.2, section 3.1.3), or None."""
    return namespaces.IVOA_CONTENT_TYPE + name if name in _CONTENT_TYPES else None
