"""What is left out of a tree for speed never changes what is said of a record."""

from __future__ import annotations

import pytest
from lxml import etree

from harvesters.documents import Document
from registry.findings import INVALID, VALID, Finding
from registry.validation.grouping import EXAMPLES, Shown
from registry.validation.reports.report import by_schema
from registry.validation.verdicts import judge
from schemas.documents import parts
from tests.shared import SHARED, needs_shared
from tests.validation.rules.made import DATASET

ROLE = "<Role>PrincipalInvestigator</Role>"


@needs_shared
@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        (ROLE, VALID),
        ("<Role> PrincipalInvestigator</Role>", INVALID),
        ("<Role> <![CDATA[PrincipalInvestigator]]></Role>", INVALID),
        ("<Role><!-- who --> <!-- why -->PrincipalInvestigator</Role>", INVALID),
        ("<Role> <?say so?>PrincipalInvestigator</Role>", INVALID),
        ("<Role> &#80;rincipalInvestigator</Role>", INVALID),
        ("<Role>\n</Role>", INVALID),
    ],
)
def test_white_space_in_a_text_counts_whatever_stands_beside_it(written: str, verdict: str) -> None:
    """The values of a list of xsd:string keep their white space (XSD 1.1 part 2, section 4.3.6);
    the published schema of the version agrees."""
    content = DATASET.replace(ROLE, written).encode()
    assert SHARED is not None
    published = etree.XMLSchema(etree.parse(SHARED / "spase" / "xsd" / "spase-2.6.0.xsd"))
    assert published.validate(etree.fromstring(content)) == (verdict == VALID)
    ((report, _),) = by_schema(Document("a.xml", content))
    assert report.verdict == verdict


def test_lines_are_those_of_the_document() -> None:
    content = DATASET.replace(ROLE, "<Role>Nobody</Role>").encode()
    ((report, _),) = by_schema(Document("a.xml", content))
    (part,) = parts(content)
    assert report.findings == judge(part).findings
    assert content.decode().splitlines()[report.findings[0].line - 1].strip() == (
        "<Role>Nobody</Role>"
    )


def test_places_are_found_of_the_first_of_each_cause_alone() -> None:
    shown = Shown()
    told = [
        Finding("unit.spelling", "advice", "…", 1, path=f"Spase/X/Parameter[{number}]/Units")
        for number in range(EXAMPLES + 2)
    ]
    other = Finding("unit.spelling", "advice", "…", 1, path="Spase/X/Other")
    foreign = Finding("made.rule", "advice", "each message is a cause", 1, path="Spase")
    assert [shown(one) for one in told] == [True] * EXAMPLES + [False] * 2
    assert shown(other)
    assert all(shown(foreign) for _ in range(EXAMPLES + 1))
