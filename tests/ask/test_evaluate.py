"""One evaluation: what is found, of whom, and what kept a kind from being asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from gadfly.ask import kinds
from gadfly.ask.discovery import discoveries
from gadfly.ask.evaluate import evaluate
from gadfly.ask.exhibit import figures, series
from gadfly.ask.finding import Finding
from gadfly.ask.kind import Kind
from gadfly.ask.life.bundle import Bundle, Due, sentence
from gadfly.ask.life.matter import Matter
from gadfly.ask.text import fill_many
from gadfly.ask.world import World

NOW = 1_000_000.0
PLAIN = kinds.load()["unacted"]


def kind(query: str, *, subject: str = "check", discovery: float | None = None, **threshold: Any) -> Kind:
    return msgspec.structs.replace(
        PLAIN,
        ask="Is it so?",
        many="Are these?",
        name="mine",
        query=query,
        subject=subject,
        discovery=discovery,
        threshold=threshold,
    )


@pytest.fixture(scope="module")
def _made() -> Iterator[World]:
    with World(threads=1) as made:
        yield made


@pytest.fixture
def world(_made: World) -> World:
    _made.clear()
    return _made


def found(world: World, query: str, **more: Any) -> list[Finding]:
    got = evaluate(world, {"mine": kind(query, **more)}, NOW)
    assert got.trouble == {}
    return got.findings


def test_the_rows_are_the_findings(world: World) -> None:
    (one,) = found(world, "SELECT 'c' AS subject, 2.5 AS worse, $n AS n, $now AS at", n=8)
    assert (one.kind, one.subject, one.worse) == ("mine", "c", 2.5)
    assert one.values == {"subject": "c", "worse": 2.5, "n": 8, "at": NOW}
    assert (one.component, one.owner, one.tier, one.exposure, one.downstream, one.since) == (
        None,
        None,
        3,
        1,
        0,
        None,
    )


@pytest.mark.parametrize(
    "query",
    [
        "SELEC",
        "SELECT 'a' AS subject",
        "SELECT 1 AS subject, 1 AS worse",
        "SELECT NULL AS subject, 1 AS worse",
        "SELECT '' AS subject, 1 AS worse",
        "SELECT 'a' AS subject, NULL AS worse",
        "SELECT 'a' AS subject, 'b' AS worse",
        "SELECT 'a' AS subject, true AS worse",
        "SELECT nothing FROM alert",
        "SELECT $other AS subject",
    ],
)
def test_trouble_stays_with_its_kind(world: World, query: str) -> None:
    both = {"bad": msgspec.structs.replace(kind(query), name="bad"),
            "mine": kind("SELECT 'c' AS subject, 1 AS worse")}  # fmt: skip
    got = evaluate(world, both, NOW)
    assert set(got.trouble) == {"bad"}
    assert [one.kind for one in got.findings] == ["mine"]
    assert set(got.seconds) == {"bad", "mine"}


def test_a_sentence_names_what_the_query_returns(world: World) -> None:
    mine = kind("SELECT 'c' AS subject, 1 AS worse, 2 AS n")
    for change in ({"ask": "{n} of {m}?"}, {"many": "{count} of {m.sum}?"}):
        got = evaluate(world, {"mine": msgspec.structs.replace(mine, **change)}, NOW)
        assert got.trouble == {"mine": "its sentence names {m}, which the query does not return"}
    assert not evaluate(world, {"mine": msgspec.structs.replace(mine, many="{count} {n}?")}, NOW).trouble


SORTS = {
    "nothing": "NULL",
    "text": "'x'",
    "empty": "''",
    "flag": "true",
    "whole": "7",
    "number": "2.5",
    "endless": "'inf'::DOUBLE",
    "huge": "170141183460469231731687303715884105727",
    "date": "DATE '2026-03-01'",
    "late": "DATE '290000-01-01'",
    "time": "TIME '08:00'",
    "interval": "INTERVAL 1 DAY",
    "bytes": "'a'::BLOB",
    "map": "MAP{1: 2}",
    "struct": "{'a': 1.5}",
    "list": "[1.5, NULL, 'nan']::DOUBLE[]",
    "dates": "[DATE '2026-03-01']",
    "lists": "[[1.5]]::DOUBLE[][]",
}


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize(
    "column", ["subject", "worse", "component", "owner", "exposure", "since", "p", "tests", "n"]
)
def test_a_column_of_any_sort_is_a_finding_or_trouble_of_its_kind(
    world: World, column: str, sort: str
) -> None:
    row = {"subject": "'a'", "worse": "1", "n": "2", "p": "0.001", column: SORTS[sort]}
    query = f"SELECT {', '.join(f'{cell} AS {name}' for name, cell in row.items())}"
    mine = msgspec.structs.replace(
        kind(query, discovery=0.1), ask="Is {n:duration} so?", many="{count} of {n.sum} and {n.max}?"
    )
    got = evaluate(world, {"mine": mine}, NOW)
    for one in got.findings:
        assert one.owner is None or isinstance(one.owner, str)
        assert one.component is None or isinstance(one.component, str)
        assert one.since is None or NOW - one.since < NOW
        assert one.exposure >= 0
        assert sentence(
            Bundle(
                mine,
                "ops",
                (Due(one, Matter(kind="mine", subject=one.subject, counted=0, worse=1)),),
                1.0,
            ),
            "",
        )
        assert fill_many(mine.many, [one.values] * 2)
        assert msgspec.json.encode(one.values)
        figures([one.values], 1, mine)
        series([one.values])
    assert got.findings or set(got.trouble) <= {"mine"}


@pytest.mark.parametrize(
    "cells",
    [
        "7 AS owner",
        "7 AS component",
        "'x' AS exposure",
        "DATE '2026-03-01' AS since",
        "'x' AS p",
        "true AS tests",
        "'a'::BLOB AS n",
    ],
)
def test_a_column_of_another_sort_is_named(world: World, cells: str) -> None:
    got = evaluate(world, {"mine": kind(f"SELECT 'a' AS subject, 1 AS worse, {cells}", discovery=0.1)}, NOW)
    assert got.findings == []
    assert got.trouble["mine"].startswith(f"column {cells.rpartition(' ')[2]}: a ")


def test_a_slow_kind_is_ended(world: World) -> None:
    slow = kind("SELECT 'a' AS subject, count(*) AS worse FROM range(1000000000) a, range(1000) b")
    assert evaluate(world, {"mine": slow}, NOW, seconds=0.2).trouble == {"mine": "it took longer than 0.2 s"}


def test_of_several_rows_on_a_subject_the_worst_counts(world: World) -> None:
    rows = found(world, "SELECT * FROM (VALUES ('a', 1), ('a', 3), ('a', 2), ('b', 1)) t(subject, worse)")
    assert [(one.subject, one.worse) for one in rows] == [("a", 3), ("b", 1)]


def test_thresholds_from_elsewhere(world: World) -> None:
    mine = kind("SELECT 'a' AS subject, $n AS worse", n=8)
    assert evaluate(world, {"mine": mine}, NOW, {"mine": {"n": 9}}).findings[0].worse == 9


FACTS: dict[str, list[dict[str, Any]]] = {
    "component": [
        {"name": "db", "owner": "storage", "tier": 1, "since": 50},
        {"name": "web", "owner": "shop", "tier": 9, "since": 60},
    ],
    "check": [
        {"name": "disk", "component": "db", "since": 100, "until": 200},
        {"name": "disk", "component": "db", "owner": "watchers", "since": 200},
        {"name": "cpu", "component": "db", "since": None},
        {"name": "cpu", "component": "db", "since": 300},
        {"name": "later", "component": "db", "owner": "x", "since": NOW + 1},
    ],
    "grant": [{"id": "g", "owner": "storage", "since": 7}],
    "prediction": [{"predictor": "p", "owner": "seers", "component": "web", "made": 8}],
    "silence": [{"id": "s", "owner": "shop", "component": "web", "created": 9}],
    "decision": [{"id": "d", "owner": "shop", "at": 10}],
    "owner": [{"name": "shop", "since": 1}],
}


@pytest.mark.parametrize(
    ("sort", "subject", "component", "owner", "tier", "since"),
    [
        ("check", "disk", "db", "watchers", 1, 100),
        ("check", "cpu", "db", "storage", 1, None),
        ("check", "later", None, None, 3, None),
        ("component", "web", "web", "shop", 4, 60),
        ("job", "db", "db", "storage", 1, 50),
        ("grant", "g", None, "storage", 3, 7),
        ("predictor", "p", "web", "seers", 4, 8),
        ("silence", "s", "web", "shop", 4, 9),
        ("decision", "d", None, "shop", 3, 10),
        ("owner", "shop", None, "shop", 3, 1),
        ("pair", "disk", None, None, 3, None),
    ],
)
def test_whose_it_is_and_since_when(
    world: World,
    sort: str,
    subject: str,
    component: str | None,
    owner: str | None,
    tier: int,
    since: float | None,
) -> None:
    for table, rows in FACTS.items():
        world.rows(table, rows)
    (one,) = found(world, f"SELECT '{subject}' AS subject, 1 AS worse", subject=sort)
    assert (one.component, one.owner, one.tier, one.since) == (component, owner, tier, since)


def test_what_the_query_says_goes_first(world: World) -> None:
    for table, rows in FACTS.items():
        world.rows(table, rows)
    query = (
        "SELECT 'disk' AS subject, 1 AS worse, 'web' AS component, 'me' AS owner, 0 AS exposure, 5 AS since"
    )
    (one,) = found(world, query)
    assert (one.component, one.owner, one.tier, one.exposure, one.since) == ("web", "me", 4, 0, 5)


def test_a_pair_has_the_owner_of_its_component(world: World) -> None:
    world.rows("component", FACTS["component"])
    (one,) = found(world, "SELECT 'a + b' AS subject, 1 AS worse, 'db' AS component", subject="pair")
    assert (one.owner, one.tier, one.since) == ("storage", 1, 50)


def test_downstream_is_who_needs_it_directly_or_not(world: World) -> None:
    edges = [("a", "db"), ("b", "a"), ("c", "b"), ("b", "db"), ("db", "disk"), ("db", "db"), ("a", "c")]
    world.rows("edge", [{"src": src, "dst": dst, "kind": "hard"} for src, dst in edges])
    world.rows(
        "edge", [{"src": "monitor", "dst": "db", "kind": "watch"}, {"src": "z", "dst": "db", "until": 5}]
    )
    expected = {"db": 3, "disk": 4, "c": 2, "monitor": 0, "z": 0}
    for name, count in expected.items():
        (one,) = found(world, f"SELECT '{name}' AS subject, 1 AS worse", subject="component")
        assert (name, one.component, one.downstream) == (name, name, count)


def rows_of(*ps: float | None, tests: int | None = None) -> list[dict[str, Any]]:
    return [{"subject": str(i), "worse": 1, "p": p, "tests": tests} for i, p in enumerate(ps)]


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        (rows_of(0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.07, 0.2, 0.21, 0.22), ["0", "1"]),
        (rows_of(0.04, 0.03, 0.02, 0.05), ["2", "1", "0", "3"]),
        (rows_of(0.01, 0.02, None), ["0", "1"]),
        (rows_of(0.01, 0.02, tests=10), []),
        (rows_of(0.004, 0.02, tests=10), ["0"]),
        (rows_of(), []),
        (rows_of(None, None), []),
    ],
    ids=[
        "as-published",
        "all-by-the-last",
        "untested",
        "larger-family",
        "larger-family-one",
        "none",
        "nothing-tested",
    ],
)
def test_discoveries(rows: list[dict[str, Any]], kept: list[str]) -> None:
    """The first is the example of Benjamini's and Hochberg's step-up procedure."""
    assert [row["subject"] for row in discoveries(rows, 0.05)] == kept


def test_a_kind_with_many_tests_believes_few(world: World) -> None:
    query = "SELECT range::VARCHAR AS subject, 1 AS worse, (range + 1) / 1000.0 AS p FROM range(100)"
    assert found(world, query, discovery=0.05) == []
    assert len(found(world, query.replace("1000.0", "2500.0"), discovery=0.05)) == 100
