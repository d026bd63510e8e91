"""When two texts are the same record: canonical XML without xsi:schemaLocation."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

from lxml import etree

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def canonical_digest(root: Any) -> bytes:
    """SHA-256 of the record's canonical XML (C14N 1.0, exclusive, without comments)."""
    root = copy.deepcopy(root)
    for element in root.iter(etree.Element):
        for name in ("schemaLocation", "noNamespaceSchemaLocation"):
            element.attrib.pop(_XSI + name, None)
    text = etree.tostring(root, method="c14n", exclusive=True, with_comments=False)
    return hashlib.sha256(text).digest()
