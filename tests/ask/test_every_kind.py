"""Every kind is asked of facts at their edges: none, and unknown ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gadfly.ask import kinds
from gadfly.ask.evaluate import evaluate
from gadfly.ask.facts import TABLES
from gadfly.ask.kind import Kind
from gadfly.ask.text import fields
from gadfly.ask.world import World

NOW = 20_000 * 86_400.0
KINDS = kinds.load()
every = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@pytest.fixture(scope="module")
def empty() -> Iterator[World]:
    with World(threads=1) as world:
        yield world


@pytest.fixture(scope="module")
def unknown() -> Iterator[World]:
    """Three rows in each table, of which nothing is known, and two that bear the same name."""
    with World(threads=1) as world:
        for table in TABLES.values():
            world.add(table.name, {one.name: [None] * 3 for one in table.columns})
            texts = [one.name for one in table.columns if one.sort == "text"]
            world.add(table.name, {name: ["x", "x"] for name in texts})
        yield world


@every
def test_it_finds_nothing_where_nothing_is(kind: Kind, empty: World) -> None:
    got = evaluate(empty, {kind.name: kind}, NOW)
    assert got.trouble == {}
    assert got.findings == []


@every
def test_it_stands_what_is_not_known(kind: Kind, unknown: World) -> None:
    assert evaluate(unknown, {kind.name: kind}, NOW).trouble == {}


@every
def test_its_sentences_name_columns_that_it_returns(kind: Kind, empty: World) -> None:
    empty.at(NOW)
    (shape,) = empty.ask(
        f"SELECT list(column_name) AS names FROM (DESCRIBE SELECT * FROM ({kind.query}\n))",
        kind.threshold,
    )
    returned = set(shape["names"])
    assert {"subject", "worse"} <= returned
    named = {one.name for one in (*fields(kind.ask), *fields(kind.many, many=True))}
    assert named - {"count"} <= returned


def test_no_two_have_one_number() -> None:
    assert len({one.number for one in KINDS.values()}) == len(KINDS)
