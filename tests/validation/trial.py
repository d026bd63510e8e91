"""A trial schema of SPASE 2.7.2, made from the published one of 2.7.1."""

from __future__ import annotations

import re

from tests.shared import shared


def trial_schema() -> bytes:
    """2.7.1 with another version number, and a region that 2.7.2 is known to add."""
    text = shared("spase", "xsd", "spase-2.7.1.xsd").read_text("utf-8")
    text, numbers = re.subn('(?<=<xsd:enumeration value=")2.7.1(?=")', "2.7.2", text)
    more = '<xsd:enumeration value="Earth.Magnetosphere.Cusp"/>'
    text, regions = re.subn('(?=<xsd:enumeration value="Earth.Magnetosheath">)', more, text)
    assert (numbers, regions) == (1, 2)
    return text.encode()
