"""Terms of IVOA's short vocabularies for VOResource, and what took the place of old ones."""

from __future__ import annotations

# fmt: off
TERMS: dict[str, frozenset[str]] = {
    "date_role": frozenset((
        "Accepted", "Available", "Copyrighted", "Collected", "Created", "Issued", "Submitted",
        "Updated", "Valid", "Inspected", "ExportRequested",
    )),
    "relationship_type": frozenset((
        "Cites", "IsSupplementTo", "IsSupplementedBy", "IsContinuedBy", "Continues",
        "IsNewVersionOf", "IsPreviousVersionOf", "IsPartOf", "HasPart", "IsSourceOf",
        "IsDerivedFrom", "IsIdenticalTo", "IsServiceFor", "IsServedBy",
    )),
    "content_level": frozenset(("Research", "Amateur", "General")),
    "content_type": frozenset((
        "Other", "Archive", "Bibliography", "Catalog", "Journal", "Library", "Simulation",
        "Survey", "Transformation", "Education", "Outreach", "EPOResource", "Animation",
        "Artwork", "Background", "BasicData", "Historical", "Photographic", "Press",
        "Organisation", "Project", "Registry",
    )),
    "messenger": frozenset((
        "Photon", "Radio", "Millimeter", "Infrared", "Optical", "UV", "EUV", "X-ray",
        "Gamma-ray", "Neutrino",
    )),
}
"""The terms of each vocabulary that are not deprecated."""

INSTEAD: dict[str, dict[str, str]] = {
    "date_role": {"representative": "Collected", "creation": "Created", "update": "Updated"},
    "relationship_type": {
        "mirror-of": "IsIdenticalTo", "service-for": "IsServiceFor", "served-by": "IsServedBy",
        "derived-from": "IsDerivedFrom", "related-to": "",
    },
}
"""Deprecated terms, and the one to use instead ('' where there is none)."""
# fmt: on
