"""Rows of predictions: what is counted is what is scored, and the oldest go."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from gadfly.predict import demote, scorecard
from gadfly.store import predictions, retention
from gadfly.store.predictions import Row, Verdict
from gadfly.store.schema import migrate


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    migrate(made)
    yield made
    made.close()


def row(number: int, **more: object) -> Row:
    given = {
        "predictor": "disk",
        "series": f"s{number % 3}",
        "owner": "ops",
        "made": float(number),
        "deadline": number + 10.0,
        "probability": (number % 10) / 10,
        "base": 0.05,
        "told": number % 4 == 0,
        "labels": {"host": "a"},
        "evidence": {"why": "it grows"},
    }
    return Row(**{**given, **more})  # type: ignore[arg-type]


def test_what_is_written_is_read(connection: sqlite3.Connection) -> None:
    (one,) = predictions.add(connection, [row(4)])
    predictions.enter(connection, [(one.id, 77)])
    (found,) = predictions.unresolved(connection, "disk")
    assert found == row(4, id=one.id, entry=77)
    predictions.resolve(connection, [Verdict(id=one.id, outcome="did not", resolved=14.0, why="so")])
    assert predictions.unresolved(connection, "disk") == []
    (late,) = predictions.late(connection, "disk", 0.0)
    assert (late.outcome, late.why) == ("did not", "so")
    assert predictions.late(connection, "disk", 4.0) == []
    assert predictions.told(connection, "disk", 3.0) == {one.owner: 1}
    assert predictions.told(connection, "disk", 4.0) == {}


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"limit": 2}, [5, 4]),
        ({"series": "s1"}, [5, 2]),
        ({"told": True}, [5, 1]),
        ({"owner": "nobody"}, []),
        ({"predictor": "disk", "open": True}, [5, 4, 3, 2, 1]),
    ],
    ids=str,
)
def test_one_may_ask_for_some(
    connection: sqlite3.Connection, asked: dict[str, object], ids: list[int]
) -> None:
    predictions.add(connection, [row(number) for number in range(5)])
    assert [one.id for one in predictions.newest(connection, **asked)] == ids  # type: ignore[arg-type]


def test_the_tally_is_the_scorecards(connection: sqlite3.Connection) -> None:
    outcomes = ["came true", "did not", "void", ""]
    predictions.add(connection, [row(number, outcome=outcomes[number % 4]) for number in range(40)])
    tally = predictions.tally(connection, "disk", 10.0)
    score = scorecard.score(predictions.since(connection, 10.0), "disk", 100.0)
    assert (tally.known, tally.true) == (score.came_true + score.did_not, score.came_true)
    assert demote.skill(tally) == pytest.approx(score.skill)
    assert predictions.tally(connection, "nobody", 0.0).known == 0


def test_what_waits_is_never_pruned_and_the_oldest_go_first(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predictions, "MOST", 3)
    predictions.add(connection, [row(number, outcome="void" if number else "") for number in range(8)])
    assert retention.prune(connection, 100.0, batch=2) == 2
    assert retention.prune(connection, 100.0) == 2
    assert retention.prune(connection, 100.0) == 0
    assert [one.id for one in predictions.newest(connection)] == [8, 7, 6, 1]
    assert retention.prune(connection, 100.0 + predictions.AGE) == 3


def test_what_may_go_is_found_without_a_walk_through_the_rows(connection: sqlite3.Connection) -> None:
    said: list[str] = []
    connection.set_trace_callback(said.append)
    predictions.prune(connection, 100.0)
    connection.set_trace_callback(None)
    plans = [
        text
        for query in said
        for *_, text in connection.execute(f"EXPLAIN QUERY PLAN {query}")
        if "prediction" in text and ("SCAN" in text or "made" in text)
    ]
    assert len(plans) == 2
    assert all(text.endswith("INDEX prediction_resolved") for text in plans)


def test_a_silence_and_what_was_learnt_do_not_touch_each_other(connection: sqlite3.Connection) -> None:
    predictions.keep_state(connection, "disk", b"learnt")
    assert predictions.silent(connection) == {}
    predictions.demote(connection, "disk", 5.0, "wrong")
    assert predictions.silent(connection) == {"disk": (5.0, "wrong")}
    assert predictions.state(connection, "disk") == b"learnt"
    predictions.demote(connection, "disk", None, "")
    assert predictions.silent(connection) == {}
    assert predictions.state(connection, "nobody") is None
