"""A pytest plugin for `make test`: a mark that chooses when a test runs stands in the text of its file.

tools/twice.py reads only files with the marks it wants; a mark that came from elsewhere would not be seen,
and the test would never run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

CHOOSING = ("slow", "netns", "alone")


def out_of_sight(marks: Iterable[str], text: str) -> list[str]:
    """The marks of a test that its file does not show."""
    return [mark for mark in marks if mark in CHOOSING and f"mark.{mark}" not in text]


@cache
def _text(path: Path) -> str:
    return path.read_text()


@pytest.hookimpl(tryfirst=True)  # before those that are not wanted are taken away
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    hidden: Mapping[str, list[str]] = {
        item.nodeid: out_of_sight((mark.name for mark in item.iter_markers()), _text(item.path))
        for item in items
    }
    for name, marks in hidden.items():
        if marks:
            raise pytest.UsageError(
                f"{name}: write pytest.mark.{marks[0]} in its own file; tools/twice.py reads it"
            )
