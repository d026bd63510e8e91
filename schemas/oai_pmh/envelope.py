"""What is wrong with an OAI-PMH 2.0 response, the envelope apart from what it carries.

The envelope is judged with any element as payload, because one page mixes formats and versions
whose schemas exclude each other; each payload is judged by its own format. Two formats are
OAI-PMH's own and judged here: `oai_dc` (OAI-PMH 2.0, section 6) and the description
`oai-identifier` (Specification and XML Schema for the OAI Identifier Format).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from schemas.compiled import CompiledSchema, from_tables
from schemas.errors import SchemaError

OAI = "http://www.openarchives.org/OAI/2.0/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
OAI_IDENTIFIER = "http://www.openarchives.org/OAI/2.0/oai-identifier"

_TABLES = Path(__file__).parent / "tables"
_W3C = Path(__file__).parents[1] / "voresource" / "tables"
_XML = "http://www.w3.org/XML/1998/namespace"
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"


def validate_envelope(tree: Any) -> list[SchemaError]:
    """What OAI-PMH's schema finds wrong with a response (a tree or its root), payloads apart.

    A payload has to be one element of another namespace than OAI-PMH's, and no more.
    """
    return _envelope().errors(_root(tree))


def validate_payload(element: Any) -> list[SchemaError] | None:
    """What is wrong with an `oai_dc:dc` or `oai-identifier` element; None for any other."""
    if etree.QName(element).namespace not in (OAI_DC, OAI_IDENTIFIER):
        return None
    return _payloads().errors(element)


def _root(tree: Any) -> Any:
    return tree.getroot() if hasattr(tree, "getroot") else tree


@cache
def _envelope() -> CompiledSchema:
    return from_tables({"oai": (OAI, _TABLES / "OAI-PMH.txt", "2.0")})


@cache
def _payloads() -> CompiledSchema:
    return from_tables(
        {
            "xml": (_XML, _W3C / "xml.txt", "1"),
            "dc": (_DUBLIN_CORE, _TABLES / "DublinCore.txt", "1.1"),
            "oai_dc": (OAI_DC, _TABLES / "oai_dc.txt", "2.0"),
            "oai-identifier": (OAI_IDENTIFIER, _TABLES / "oai-identifier.txt", "2.0"),
        }
    )
