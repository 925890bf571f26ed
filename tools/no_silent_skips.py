"""A pytest plugin for `make test`: where CI is set, no test may be skipped but for the reasons kept here.

A machine that lacks a program, a right or a kernel module may skip what needs it, and says so; a pipeline
that skipped it would be green without having tried it at all.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

PERMITTED = {
    "this kernel has no sch_netem": "the same weather is tried with the benches' own emulator",
    "this kernel's cgroup tree limits nothing": "what is written there is tried with a folder of files",
    "the catalogue of scenarios is not beside the repository": "what it names is kept in bench/incidents",
}
"""Reasons for which CI may skip, word for word, and why nothing is lost by it."""


def verdict(reason: str) -> str:
    """Why CI must not skip for this reason, as pytest words it; empty where it may."""
    words = reason.removeprefix("Skipped: ")
    return "" if words in PERMITTED else f"CI must not skip: {words}"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Skipped in a test, a fixture or by a mark. What is expected to fail has failed and is no skip."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        why = verdict(_reason(report))
        if why:
            report.outcome = "failed"
            report.longrepr = why
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A whole module skipped, as `importorskip` does."""
    report = yield
    if os.environ.get("CI") and report.skipped:
        why = verdict(_reason(report))
        if why:
            report.outcome = "failed"
            report.longrepr = why
    return report
