"""A pytest plugin for `make slow`: where CI is set, a test of network namespaces must not be skipped.

A machine that permits no namespaces may skip them, and says so; a pipeline that skipped them would be green
without having tried multicast at all.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if os.environ.get("CI") and report.skipped and item.get_closest_marker("netns"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"CI must not skip tests of network namespaces: {reason}"
    return report
