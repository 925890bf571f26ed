"""Ask one kind of facts that a test writes down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import msgspec
import pytest

from gadfly.ask import kinds
from gadfly.ask.evaluate import evaluate
from gadfly.ask.finding import Finding
from gadfly.ask.kind import Kind
from gadfly.ask.text import fill, fill_many, lint, numbers
from gadfly.ask.world import World
from gadfly.ask_facts.lacking import NEEDS, lacking

NOW = 20_000 * 86_400.0
"""2024-10-04 00:00 UTC, a Friday: what `now` is unless a test says otherwise."""


Tables = dict[str, list[dict[str, Any]]]


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Of a file SEEDS (by name: kind, facts, the subject asked about) and QUIET (kind, facts) are tested."""
    if isinstance(collector, pytest.Module):
        try:
            module = collector.obj
        except Exception:  # it is told when the file is collected
            return
        if hasattr(module, "SEEDS"):
            module.test_asks = pytest.mark.parametrize("case", module.SEEDS)(_asks(module.SEEDS))
            module.test_leaves_alone = pytest.mark.parametrize("case", module.QUIET)(
                _leaves_alone(module.QUIET)
            )


def _asks(seeds: dict[str, tuple[str, Tables, str]]) -> Callable[[Ask, str], None]:
    def test(ask: Ask, case: str) -> None:
        kind, tables, subject = seeds[case]
        assert [one.subject for one in ask(kind, **tables)] == [subject]

    return test


def _leaves_alone(quiet: dict[str, tuple[str, Tables]]) -> Callable[[Ask, str], None]:
    def test(ask: Ask, case: str) -> None:
        kind, tables = quiet[case]
        assert ask(kind, **tables) == []

    return test


class Ask(Protocol):
    """``ask("unacted", alert=[{…}, …], check=[…])``: what the kind finds in these facts.

    Whatever it finds must also read well, alone and as one of several. And what a kind is said to need it
    must need: a node that lacks it does not ask, and would not have found anything.
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
def _filled() -> dict[str, bytes]:
    """Tables in which the last call left facts, and these: most tests share some with the one before."""
    return {}


def _known(tables: Tables) -> dict[str, dict[str, int]]:
    """As :func:`gadfly.ask_facts.lacking.known`, of what a test wrote down."""
    return {
        table: {
            "*": len(rows),
            **{name: 1 for row in rows for name, cell in row.items() if cell not in (None, "")},
        }
        for table, rows in tables.items()
        if rows
    }


def _without(tables: Tables, need: str) -> Tables:
    """The same, with nothing known of a column; of each, where one of several is needed."""
    found = dict(tables)
    for part in need.split("|"):
        table, _, column = part.partition(".")
        rows = found.get(table, [])
        found[table] = [{**row, column: None} for row in rows] if column else []
    return found


@pytest.fixture(scope="session")
def _proved() -> set[str]:
    """Kinds that were seen to need what they say that they need; once each is enough."""
    return set()


@pytest.fixture
def ask(_world: World, _filled: dict[str, bytes], _proved: set[str], every_kind: dict[str, Any]) -> Ask:
    """Facts are forgotten between two calls."""

    def found(kind: str, now: float, thresholds: dict[str, Any] | None, tables: Tables) -> list[Finding]:
        facts = {name: msgspec.msgpack.encode(rows) for name, rows in tables.items()}
        for name in [name for name, told in _filled.items() if facts.get(name) != told]:
            del _filled[name]
            _world.clear(name)
        for name, rows in tables.items():
            if name not in _filled:
                _world.rows(name, rows)
                _filled[name] = facts[name]
        got = evaluate(_world, {kind: every_kind[kind]}, now, {kind: thresholds or {}})
        assert not got.trouble, got.trouble
        return got.findings

    def asked(
        kind: str,
        *,
        now: float = NOW,
        thresholds: dict[str, Any] | None = None,
        **tables: list[dict[str, Any]],
    ) -> list[Finding]:
        findings = found(kind, now, thresholds, tables)
        for one in findings:
            _reads_well(every_kind[kind], one.values)
        if findings:
            assert not lacking(every_kind[kind], _known(tables)), "a node would not ask it of these facts"
        if findings and kind not in _proved:
            _proved.add(kind)
            for need in NEEDS[kind]:
                assert not found(kind, now, thresholds, _without(tables, need)), f"it does not need {need}"
        return findings

    return asked
