"""Accessibility of a page as axe-core finds it (WCAG 2.2 A and AA, and its good practices).

    assert faults(driver) == []

`driver` shows the page, with scripts. Only axe-core itself is taken from its package, whose own
driver is another than ours.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from selenium.webdriver.remote.webdriver import WebDriver

SERIOUS = ("serious", "critical")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: arguments[0], resultTypes: ['violations']})
   .then(found => done(found.violations), error => done(String(error)));
"""


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def faults(driver: WebDriver, impacts: tuple[str, ...] = SERIOUS) -> list[str]:
    """What is wrong with the page that is shown, a line for each element: impact, rule, where.

    `impacts` says how bad it must be: minor, moderate, serious, critical.
    """
    driver.set_script_timeout(60)
    # The page's own policy forbids scripts; the driver's are not the page's.
    driver.execute_script(_axe())
    found: list[dict[str, Any]] | str = driver.execute_async_script(_RUN, list(TAGS))
    assert isinstance(found, list), found
    return [
        f"{one['impact']} {one['id']}: {one['help']}: {' '.join(map(str, node['target']))}: "
        f"{node['html'][:200]}"
        for one in found
        if one["impact"] in impacts
        for node in one["nodes"]
    ]
