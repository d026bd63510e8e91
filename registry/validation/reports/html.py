"""Reports as one HTML file: sortable, without any address outside it."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from string import Template
from typing import TextIO

from registry.findings import Finding
from registry.validation.baseline import from_here
from registry.validation.grouping import Group
from registry.validation.reports.report import Report

MOST_ROWS = 5_000
"""How many findings have a row; the causes count all of them."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def rows(report: Report) -> list[str]:
    """A table row for each finding."""
    return [
        "<tr>"
        f'<td class="{finding.severity}">{finding.severity}</td><td>{_told(report.id)}</td>'
        f"<td><code>{_told(from_here(report.file))}</code></td>"
        f'<td class="number">{_place(finding)}</td>'
        f"<td>{_told(finding.message)}</td><td>{_told(finding.remedy)}</td>"
        f"<td><code>{_told(finding.rule)}</code></td></tr>"
        for finding in report.findings
    ]


def _place(finding: Finding) -> str:
    """`line:column`, or as much of it as is known."""
    if not finding.line:
        return ""
    return f"{finding.line}:{finding.column}" if finding.column else str(finding.line)


def _told(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


class HtmlPage:
    """Writes the page; rows wait in a file, since the causes stand before them."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._rows = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._count = 0

    def add(self, pieces: Iterable[str]) -> None:
        for piece in pieces:
            if self._count < MOST_ROWS:
                self._rows.write(piece + "\n")
            self._count += 1

    def finish(self, groups: Iterable[Group], counts: str, findings: str) -> None:
        """Ends the page; `counts` and `findings` are the sums in words."""
        style, script = _resource("page.css"), _resource("page.js")
        shown = f"{self._count:,} findings." if self._count != 1 else "1 finding."
        if self._count > MOST_ROWS:
            shown = f"The first {MOST_ROWS:,} of {self._count:,} findings."
        head = Template(_resource("page.html")).substitute(
            title="What Parhelion found",
            style=style,
            style_hash=_hash(style),
            script_hash=_hash(script),
            counts=_told(counts),
            findings=_told(findings or "Nothing was found."),
            causes="\n".join(_cause(group) for group in groups),
            shown=shown,
        )
        self._out.write(head)
        self._rows.seek(0)
        shutil.copyfileobj(self._rows, self._out)
        self._rows.close()
        self._out.write("</tbody>\n</table>\n</div>\n</section>\n</main>\n")
        self._out.write(f"<script>{script}</script>\n</body>\n</html>\n")


def _cause(group: Group) -> str:
    first = group.first[0] if group.first else None
    place = f"{from_here(first.file)}:{_place(first.finding)}".removesuffix(":") if first else ""
    message = first.finding.message if first else ""
    return (
        f'<tr><td class="{group.severity}">{group.severity}</td>'
        f"<td>{_told(group.words)}</td><td><code>{_told(group.rule)}</code></td>"
        f'<td class="number">{group.findings:,}</td><td class="number">{group.records:,}</td>'
        f"<td><code>{_told(place)}</code> {_told(message)}</td></tr>"
    )


def _resource(name: str) -> str:
    return files("registry.validation.reports").joinpath(name).read_text("utf-8")


def _hash(text: str) -> str:
    """What a Content-Security-Policy knows an inline style or script by."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
