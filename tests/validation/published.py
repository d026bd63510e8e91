"""The published SPASE schemas' verdict, asked of two engines that are not ours.

lxml is asked first; where it is known to stray from the XSD recommendation (dates, durations and
numbers) xmlschema decides.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import xmlschema
from lxml import etree

from tests.shared import shared

# What libxml2 lets pass: an exponent without digits, a fraction of a second without digits.
_LENIENT = re.compile(r"\0\s*[+-]?(?:[\d.]+[eE][+-]?|-?P[^\s\0]*(?:T\.|\.S)[^\s\0]*)\s*\0")


@cache
def compiled(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(shared("spase", "xsd", f"spase-{version}.xsd")))


@cache
def _recommended(version: str) -> Any:
    return xmlschema.XMLSchema11(str(shared("spase", "xsd", f"spase-{version}.xsd")))


def accepts(root: Any, version: str) -> bool:
    """Whether a record is valid by the published schema of a version."""
    schema = compiled(version)
    valid = schema.validate(root)
    if valid:
        doubtful = _LENIENT.search("\0" + "\0".join(root.itertext()) + "\0") is not None
    else:
        doubtful = any("valid value of" in error.message for error in schema.error_log)
    return bool(_recommended(version).is_valid(root)) if doubtful else bool(valid)
