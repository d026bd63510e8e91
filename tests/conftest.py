"""Where everything must be there, a test that was skipped for want of something is a failure."""

from __future__ import annotations

import os

import pytest

NEEDS = ("needs ", "the shared records are missing")
"""How the reason begins of a test that is skipped for want of a browser, an engine, records."""

_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if reason.startswith(NEEDS):
            _skipped.append(f"{report.nodeid}: {reason}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if os.environ.get("PARHELION_TEST_REQUIRED") and _skipped and not _is_worker(session):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("PARHELION_TEST_REQUIRED") and _skipped:
        terminalreporter.section("skipped, though everything must be there")
        for line in _skipped:
            terminalreporter.write_line(line)


def _is_worker(session: pytest.Session) -> bool:
    return hasattr(session.config, "workerinput")
