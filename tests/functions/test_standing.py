"""A trigger's call that was given up brings a function down, and the next that works brings it back."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gadfly.alert.reported import Reported, key
from gadfly.alert.shown import Alert
from gadfly.functions.standing import TRIGGERS, Standings, former, standing, uncalled
from gadfly.monitor.verdict import Verdict
from gadfly.store import invocation_history as history
from gadfly.store.invocation_history import Last
from gadfly.store.sqlite import Database


@pytest.mark.parametrize(
    ("called", "told"),
    [
        ("schedule: 0 0 * * *", True),
        ("webhook: github", True),
        ("logs: unit=x", True),
        ("person:anna", False),
        ("function:other", False),
        ("automation:a", False),
    ],
)
def test_who_has_the_answer_is_not_told(called: str, told: bool) -> None:
    assert (standing("dead", called, 1, "no") is not None) is told


def test_what_is_given_up_is_down_and_what_works_is_healthy() -> None:
    words = "ValueError: \x1b[31m" + "x" * 999
    found = standing("dead", "webhook: github env:SECRET", 3, words)
    assert found is not None
    verdict, reason = found
    assert verdict is Verdict.down
    assert reason.startswith("a call by its webhook failed 3 times and was given up: ValueError:  [31mxxx")
    assert len(reason) < 400
    assert "failed once and" in standing("dead", "logs: x", 1, "no")[1]  # type: ignore[index]
    assert standing("done", "person:anna", 1, "") == (Verdict.healthy, "its last call worked")


def test_a_call_that_ends_when_its_function_was_taken_out_says_nothing_of_the_next_of_that_name() -> None:
    told: list[dict[str, tuple[Verdict, str]]] = []
    standings = Standings(told.append)
    standings.keep({"slow"})
    standings.keep(())
    standings.over("slow", "done", "person:anna", 1, "")
    standings.keep({"slow"})
    assert not told
    assert not standings.knows("slow")
    for _ in range(2):
        standings.over("slow", "done", "person:anna", 1, "")
    assert told == [{"function:slow": (Verdict.healthy, "its last call worked")}]


def test_one_that_was_never_called_was_loaded_at_least_when_it_was_deployed() -> None:
    assert [uncalled(deployed)[0] for deployed in (True, False)] == [Verdict.healthy, Verdict.unknown]


@pytest.mark.parametrize("state", ["waiting", "running", "skipped"])
def test_what_is_not_over_says_nothing(state: str) -> None:
    assert standing(state, "webhook: github", 1, "no") is None


def test_alerts_of_before_functions_were_components_end() -> None:
    def shown(name: str, source: str) -> Alert:
        labels = {"alertname": name, "function": "tidy"}
        return Alert(
            id="1",
            component="",
            verdict="degraded",
            reason="",
            state="firing",
            started=5.0,
            labels=labels,
            source=source,
        )

    firing = [shown("FunctionFailed", "function:tidy"), shown("Slow", "rule:slow")]
    firing.append(shown("FunctionFailed", "token:anybody"))
    (ends,) = former(firing, 9.0)
    assert isinstance(ends, Reported)
    assert (key(ends.labels), ends.ends, ends.source) == (key(firing[0].labels), 9.0, "function:tidy")


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    found = Database(tmp_path / "gadfly.db")
    yield found
    found.close()


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], None),
        ([("waiting", "webhook: x", None)], None),
        ([("dead", "person:anna", 5.0)], None),
        ([("dead", "webhook: x", 5.0)], Last("dead", "webhook: x", 2, "no")),
        ([("dead", "webhook: x", 5.0), ("done", "person:anna", 6.0)], Last("done", "person:anna", 2, "no")),
        # It ended last, though it began first.
        ([("dead", "logs: x", 9.0), ("done", "webhook: x", 6.0)], Last("dead", "logs: x", 2, "no")),
        ([("done", "webhook: x", 6.0), ("skipped", "logs: x", 7.0)], Last("done", "webhook: x", 2, "no")),
    ],
    ids=["none", "waits", "by-hand", "dead", "works-again", "out-of-order", "skipped"],
)
async def test_after_a_start_it_stands_as_before(
    db: Database, rows: list[tuple[str, str, float | None]], found: Last | None
) -> None:
    def put(connection: sqlite3.Connection) -> None:
        for number, (state, called, ended) in enumerate([*rows, ("dead", "webhook: x", 99.0)], 1):
            function = "a" if number <= len(rows) else "another"
            connection.execute(
                "INSERT INTO invocation (id, function, called, key, event, created, due, attempts, allowed,"
                " state, ended) VALUES (?, ?, ?, ?, x'', 0, 0, 2, 3, ?, ?)",
                (number, function, called, str(number), state, ended),
            )
            connection.execute(
                "INSERT INTO attempt (invocation, number, began, error)"
                " VALUES (?, 1, 0, 'first'), (?, 2, 0, 'no')",
                (number, number),
            )

    await db.write(put)
    assert await db.read(lambda connection: history.last_over(connection, "a", TRIGGERS)) == found


def test_it_is_said_once_and_anew_after_the_function_was_gone() -> None:
    told: list[tuple[str, Verdict]] = []
    standings = Standings(lambda found: told.extend((name, one[0]) for name, one in found.items()))
    standings.keep({"a"})

    def over(state: str, called: str = "webhook: github") -> list[tuple[str, Verdict]]:
        told.clear()
        standings.over("a", state, called, 1, "no")
        return list(told)

    assert over("done") == [("function:a", Verdict.healthy)]
    assert over("done") == []
    assert over("dead", "person:anna") == []
    assert over("dead") == [("function:a", Verdict.down)]
    assert over("dead") == [("function:a", Verdict.down)]  # with other words
    assert over("done", "person:anna") == [("function:a", Verdict.healthy)]
    told.clear()
    standings.others(["a", "b", "c"], "b".__eq__)
    assert told == [("function:b", Verdict.healthy), ("function:c", Verdict.unknown)]
    standings.keep({"b"})
    assert over("done") == []
    standings.keep({"a"})
    assert over("done") == [("function:a", Verdict.healthy)]
