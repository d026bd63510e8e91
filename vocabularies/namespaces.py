"""The permanent namespaces of the terms that this project defines, and those of IVOA's.

Never made from `public_url`: a term keeps its IRI wherever an installation runs. An
installation serves the terms under `/vocabularies/`, and w3id.org leads there.
"""

from __future__ import annotations

ROOT = "https://w3id.org/parhelion/"
ONTOLOGY = ROOT + "ontology#"
FRAMES = ROOT + "frames#"
REPRESENTATIONS = ROOT + "representations#"
SPASE = ROOT + "spase/"
"""A SPASE list is `SPASE + list`, its terms are `SPASE + list + '#' + value`."""
VORESOURCE_TYPES = ROOT + "voresource/ResourceType#"
STATUS = ROOT + "status#"
ORIGINS = ROOT + "origins#"
"""Where the origin of a frame lies."""
DIRECTIONS = ROOT + "directions#"
"""Where the axes of frames point to."""
UNITS = ROOT + "units#"
UCD = ROOT + "ucd#"
"""The words of UCD1+, which have no IRIs of their own."""
TARGET_CLASS = ROOT + "epntap/target_class#"

IVOA = "http://www.ivoa.net/rdf/"
"""A vocabulary of IVOA's is `IVOA + name`, its terms are `IVOA + name + '#' + term`."""

IVOA_REFFRAME = "http://www.ivoa.net/rdf/refframe#"
IVOA_MESSENGER = "http://www.ivoa.net/rdf/messenger#"
IVOA_CONTENT_TYPE = "http://www.ivoa.net/rdf/voresource/content_type#"
