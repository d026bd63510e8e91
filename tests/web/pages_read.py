"""Pages read as a browser or a crawler would."""

from __future__ import annotations

import json
from typing import Any

from lxml import etree
from werkzeug.test import TestResponse

XHTML = {"h": "http://www.w3.org/1999/xhtml"}


def page(answer: TestResponse) -> Any:
    """The page as XML: well-formed, or the test fails."""
    assert answer.content_type == "text/html; charset=utf-8"
    return etree.fromstring(answer.data)


def find(root: Any, path: str) -> list[Any]:
    """What an XPath with `h:` for XHTML finds."""
    found: list[Any] = root.xpath(path, namespaces=XHTML)
    return found


def text(root: Any, path: str = ".") -> str:
    """The text of the elements found, white space folded."""
    return " ".join(" ".join("".join(one.itertext()).split()) for one in find(root, path))


def json_ld(root: Any) -> dict[str, Any]:
    """The schema.org description in a page."""
    scripts = find(root, "//h:script[@type='application/ld+json']")
    assert len(scripts) == 1
    found: dict[str, Any] = json.loads(scripts[0].text)
    return found
