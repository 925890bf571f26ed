"""Facts are seen as they were known at a time, and a query reads them and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gadfly.ask.facts import TABLES
from gadfly.ask.world import World
from gadfly.errors import FormatError, LimitError, QueryError

DAY = 86_400.0


@pytest.fixture
def world(shared: World) -> World:
    shared.clear()
    return shared


def test_rows_are_seen_from_their_birth_until_they_are_gone(world: World) -> None:
    world.rows("owner", [{"name": "a", "since": 10, "until": 20}, {"name": "always"}])
    seen = []
    for now in (9, 10, 19, 20):
        world.at(now)
        seen.append([row["name"] for row in world.ask("SELECT name FROM owner ORDER BY name")])
    assert seen == [["always"], ["a", "always"], ["a", "always"], ["always"]]


def test_a_day_is_known_when_it_is_over(world: World) -> None:
    world.rows("sample_daily", [{"check": "c", "day": 7}])
    for now, count in ((8 * DAY - 1, 0), (8 * DAY, 1)):
        world.at(now)
        assert len(world.ask("SELECT * FROM sample_daily")) == count


def test_cells_are_not_known_before_their_time(world: World) -> None:
    world.rows(
        "alert",
        [{"id": "a", "started": 10, "acked": 20, "acked_by": "p", "ended": 30, "end_reason": "human"}],
    )
    what = "SELECT acked, acked_by, ended, end_reason FROM alert"
    seen = []
    for now in (15, 20, 30):
        world.at(now)
        seen.append(tuple(world.ask(what)[0].values()))
    assert seen == [(None, None, None, None), (20, "p", None, None), (20, "p", 30, "human")]


def test_what_became_known_at_no_time_that_is_told_is_as_old_as_its_row(world: World) -> None:
    world.rows("action", [{"id": "x", "at": 10, "outcome": "verified"}])
    for now, seen in ((9, []), (10, [{"outcome": "verified"}])):
        world.at(now)
        assert world.ask("SELECT outcome FROM action") == seen


def test_what_is_planned_is_known_before(world: World) -> None:
    world.rows("silence", [{"id": "s", "created": 10, "starts": 100, "ends": 200}])
    world.at(50)
    assert world.ask("SELECT starts, ends FROM silence") == [{"starts": 100, "ends": 200}]


def test_every_table_can_be_read_and_has_its_columns(world: World) -> None:
    for table in TABLES.values():
        world.add(table.name, {one.name: [None] for one in table.columns})
        (row,) = world.ask(f'SELECT * FROM "{table.name}"')
        assert list(row) == [one.name for one in table.columns]
        assert set(row.values()) == {None}


def test_values_are_taken_as_lists_and_as_arrays(world: World) -> None:
    world.add("resource", {"name": np.array(["a", "b"], dtype=object), "hard_limit": np.array([1.5, np.nan])})
    world.add("resource", {"name": ["c", ""], "hard_limit": [2, None], "watched": [True, None]})
    world.add("resource", {"hard_limit": np.ma.masked_array([7.0, 8.0], mask=[False, True])})
    got = world.ask(
        "SELECT name, hard_limit, watched FROM resource ORDER BY name NULLS LAST, hard_limit NULLS LAST"
    )
    assert [tuple(row.values()) for row in got] == [
        ("a", 1.5, None),
        ("b", None, None),
        ("c", 2, True),
        (None, 7, None),
        (None, None, None),
        (None, None, None),
    ]


@pytest.mark.parametrize(
    ("table", "columns", "words"),
    [
        ("chek", {}, "no table"),
        ("check", {"nam": ["a"]}, "no column 'nam'"),
        ("check", {"name": ["a"], "threshold": [1, 2]}, "different lengths"),
        ("check", {"threshold": ["high"]}, "check.threshold"),
        ("check", {"threshold": [{}]}, "check.threshold"),
    ],
    ids=["table", "column", "lengths", "text", "object"],
)
def test_what_does_not_fit_is_refused(
    world: World, table: str, columns: dict[str, list[object]], words: str
) -> None:
    with pytest.raises(FormatError, match=words):
        world.add(table, columns)
    assert world.ask('SELECT * FROM "check"') == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "COPY (SELECT 1) TO '/tmp/gadfly-never'",
        "ATTACH '/tmp/gadfly-never.db'",
        "INSTALL httpfs",
        "SET threads = 8",
        "SET VARIABLE now = 9e9",
        "DELETE FROM raw.owner",
        "WITH gone AS (DELETE FROM raw.owner RETURNING *) SELECT * FROM gone",
        "CREATE TABLE mine (a INTEGER)",
        "SELECT 1; SELECT 2",
        "SELECT $nothing",
        "SELEC 1",
        "",
    ],
)
def test_a_query_reads_facts_and_nothing_else(world: World, sql: str) -> None:
    world.rows("owner", [{"name": "a"}])
    with pytest.raises(QueryError):
        world.ask(sql)
    assert world.ask("SELECT name FROM owner") == [{"name": "a"}]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT count(*) FROM range(1000000000) a, range(1000) b", "longer than 0.2 s"),
        ("SELECT range AS r FROM range(200001)", "more than 200,000 rows"),
        ("SELECT list(a.range || '-' || b.range) FROM range(100000) a, range(2000) b", "more memory"),
    ],
    ids=["time", "rows", "memory"],
)
def test_a_query_has_limits_and_the_next_one_is_answered(sql: str, words: str) -> None:
    with World(memory="100MB", threads=1) as world:
        with pytest.raises(LimitError, match=words):
            world.ask(sql, seconds=0.2 if "longer" in words else 60)
        assert world.ask("SELECT 1 AS one") == [{"one": 1}]


def test_facts_beyond_the_memory_are_refused() -> None:
    names = [f"a rather long name of an alert {i * 7919}" for i in range(300_000)]
    with World(memory="10MB", threads=1) as world, pytest.raises(LimitError, match="allow more"):
        world.add("alert", {"id": names})


def test_what_needs_more_memory_is_kept_in_a_folder_that_goes_with_the_world(tmp_path: Path) -> None:
    groups = "SELECT range AS a, max('text ' || range) AS b FROM range(600000) GROUP BY range"
    sql = f"SELECT count(*) AS n FROM ({groups}) WHERE b <> ''"
    with World(memory="20MB", threads=1, spill=tmp_path) as world:
        assert world.ask(sql) == [{"n": 600_000}]
        assert list(tmp_path.iterdir())
        with pytest.raises(QueryError):
            world.ask(f"COPY (SELECT 1) TO '{tmp_path}/x'")
    assert list(tmp_path.iterdir()) == []
    with World(memory="20MB", threads=1) as world, pytest.raises(LimitError, match="more memory"):
        world.ask(sql)


def test_nothing_is_asked_after_the_end() -> None:
    with World(threads=1) as world:
        world.end()
        with pytest.raises(QueryError, match="nobody waits"):
            world.ask("SELECT 1 AS one")
    world.end()


def test_rows_laid_over_take_the_place_of_the_last(world: World) -> None:
    world.rows("decision", [{"id": "theirs"}])
    for ids in (["a", "b"], ["c"]):
        world.lay("decision", {"id": ids})
        assert {row["id"] for row in world.ask("SELECT id FROM decision")} == {"theirs", *ids}
    world.lay("decision", {})
    assert world.ask("SELECT id FROM decision") == [{"id": "theirs"}]


def test_a_row_without_a_time_completes_the_one_that_holds(world: World) -> None:
    world.rows(
        "check",
        [
            {"name": "hot", "component": "a", "unit": "K", "hold": 5, "since": 10},
            {"name": "hot", "component": "a", "unit": "F", "since": 1, "until": 10},
            {"name": "cold", "component": "b", "unit": "K", "since": 10},
            {"name": "new", "since": 10, "until": 20},
            {"name": "hot", "unit": "%"},
            {"name": "hot", "unit": "C", "expr": "up"},
            {"name": "cold", "component": "c", "unit": "C"},
            {"name": "cold", "component": "b", "expr": "down"},
            {"name": "new", "unit": "C"},
        ],
    )
    world.complete("check", "name")
    world.at(15)
    rows = world.ask('SELECT name, component, unit, hold, expr, since FROM "check" ORDER BY ALL')
    assert [tuple(row.values()) for row in rows] == [
        ("cold", "b", "K", None, "down", 10),
        ("cold", "c", "C", None, None, None),
        ("hot", "a", "C", 5, "up", 10),
        ("new", None, "C", None, None, None),
        ("new", None, None, None, None, 10),
    ]


def test_only_the_parameters_that_are_named_are_passed(world: World) -> None:
    world.at(7)
    assert world.ask("SELECT $a + 1 AS b, $now AS now", {"a": 1, "other": 2}) == [{"b": 2, "now": 7}]


def test_answers_are_plain(world: World) -> None:
    (row,) = world.ask(
        "SELECT 1.50 AS d, 'nan'::DOUBLE AS n, 1/0 AS i, [1.5] AS l, sum(2) AS s, [NULL, 0.5] AS m"
    )
    assert row == {"d": 1.5, "n": None, "i": None, "l": [1.5], "s": 2, "m": [None, 0.5]}
    assert [type(one) for one in row.values()] == [float, type(None), type(None), list, int, list]


@given(
    st.lists(
        st.tuples(
            st.none() | st.floats(0, 1000), st.none() | st.floats(0, 1000), st.none() | st.floats(0, 1000)
        ),
        max_size=20,
    ),
    st.floats(0, 1000),
)
@settings(max_examples=40, deadline=None)
def test_the_view_is_the_rule(shared: World, rows: list[tuple[float | None, ...]], now: float) -> None:
    shared.clear("component")
    shared.rows("component", [{"name": str(i), "since": a, "until": b, "tier": None, "slo": c}
                               for i, (a, b, c) in enumerate(rows)])  # fmt: skip
    shared.at(now)
    seen = {row["name"]: row["slo"] for row in shared.ask("SELECT name, slo FROM component")}
    assert seen == {
        str(i): slo
        for i, (since, until, slo) in enumerate(rows)
        if (since is None or since <= now) and (until is None or until > now)
    }


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    with World(threads=1) as made:
        yield made
