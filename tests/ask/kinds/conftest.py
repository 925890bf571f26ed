"""Ask one kind of facts that a test writes down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from gadfly.ask import kinds
from gadfly.ask.evaluate import evaluate
from gadfly.ask.finding import Finding
from gadfly.ask.kind import Kind
from gadfly.ask.text import fill, fill_many, lint, numbers
from gadfly.ask.world import World

NOW = 20_000 * 86_400.0
"""2024-10-04 00:00 UTC, a Friday: what `now` is unless a test says otherwise."""


class Ask(Protocol):
    """``ask("unacted", alert=[{…}, …], check=[…])``: what the kind finds in these facts.

    Whatever it finds must also read well, alone and as one of several.
    """

    def __call__(
        self,
        kind: str,
        *,
        now: float = NOW,
        thresholds: dict[str, Any] | None = None,
        **tables: list[dict[str, Any]],
    ) -> list[Finding]: ...


def _reads_well(kind: Kind, values: dict[str, Any]) -> None:
    one, many = fill(kind.ask, values), fill_many(kind.many, [values, values])
    assert lint(one, numbers(kind.ask, values)) == [], one
    assert lint(many, numbers(kind.many, values)) == [], many


@pytest.fixture(scope="session")
def every_kind() -> dict[str, Any]:
    return dict(kinds.load())


@pytest.fixture(scope="session")
def _world() -> Iterator[World]:
    with World(threads=1) as world:
        yield world


@pytest.fixture(scope="session")
def _filled() -> set[str]:
    """Tables in which the last call left facts: to clear them all takes longer than most tests."""
    return set()


@pytest.fixture
def ask(_world: World, _filled: set[str], every_kind: dict[str, Any]) -> Ask:
    """Facts are forgotten between two calls."""

    def asked(
        kind: str,
        *,
        now: float = NOW,
        thresholds: dict[str, Any] | None = None,
        **tables: list[dict[str, Any]],
    ) -> list[Finding]:
        for name in _filled:
            _world.clear(name)
        _filled.clear()
        _filled.update(tables)
        for name, rows in tables.items():
            _world.rows(name, rows)
        got = evaluate(_world, {kind: every_kind[kind]}, now, {kind: thresholds or {}})
        assert not got.trouble, got.trouble
        for found in got.findings:
            _reads_well(every_kind[kind], found.values)
        return got.findings

    return asked
