"""Rows of questions: what is written is read, and what is over and old goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from gadfly.store import facts, questions
from gadfly.store.past import LOOKS, SEVERAL
from gadfly.store.questions import AGE, Asked, Known, Proof
from gadfly.store.schema import migrate

DAY = 86_400.0


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    migrate(made)
    for after in range(1, SEVERAL + 2):  # it is looked at the data day by day
        look(made, 2 * AGE + after * DAY)
    yield made
    made.close()


def look(connection: sqlite3.Connection, at: float) -> None:
    facts.keep_days(connection, [facts.Daily(LOOKS, int(at // DAY), "", {})])


def asked(id: int, state: str = "open", at: float = 0.0, body: bytes = b"{}") -> Asked:
    return Asked(id, "near", "ops", state, at, body)


def test_what_is_written_is_read(connection: sqlite3.Connection) -> None:
    assert questions.last(connection) == 0
    known = [Known("near", name, 1.0, 1, b'"%s"' % name.encode()) for name in ("b", "a")]
    questions.write(connection, [asked(1, body=b'{"a":1}')], [Proof(1, "f", b'{"rows":[]}')], known, [])
    questions.write(connection, [asked(1, "answered", body=b'{"a":2}')], [], [], [("near", "b")])
    assert list(questions.questions(connection)) == ['{"a":2}']
    assert list(questions.matters(connection)) == ['"a"']
    assert questions.evidence(connection, 1) == '{"rows":[]}'
    assert questions.evidence(connection, 2) is None
    assert connection.execute("SELECT state FROM question").fetchall() == [("answered",)]


def test_evidence_is_never_changed(connection: sqlite3.Connection) -> None:
    questions.write(connection, [], [Proof(1, "f", b"{}")], [], [])
    with pytest.raises(sqlite3.IntegrityError):
        questions.write(connection, [], [Proof(1, "g", b"{}")], [], [])


def test_what_is_over_and_old_goes(connection: sqlite3.Connection) -> None:
    states = {1: "answered", 2: "open", 3: "resting", 4: "withdrawn", 5: "replaced"}
    questions.write(
        connection,
        [asked(id, state) for id, state in states.items()] + [asked(6, "answered", AGE)],
        [Proof(id, "f", b"{}") for id in range(1, 7)],
        [],
        [],
    )
    assert questions.prune(connection, AGE + 1, batch=2) == 2
    assert questions.prune(connection, AGE + 1) == 1
    assert [id for (id,) in connection.execute("SELECT id FROM question ORDER BY id")] == [2, 3, 6]
    assert questions.evidence(connection, 1) is None
    assert questions.evidence(connection, 2) is not None


def test_what_is_too_much_goes(connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "MOST", 2)
    questions.write(connection, [asked(id, "answered") for id in range(1, 6)], [], [], [])
    assert questions.prune(connection, 1.0) == 3
    assert [id for (id,) in connection.execute("SELECT id FROM question")] == [4, 5]


def test_what_was_not_seen_for_long_is_known_no_more(connection: sqlite3.Connection) -> None:
    known = {
        "gone": b'{"there":false,"why":"withdrawn"}',
        "there": b'{"there":true,"why":"answered"}',
        "muted": b'{"there":false,"why":"muted"}',
        "new": b'{"there":false,"why":""}',
    }
    rows = [Known("near", name, AGE if name == "new" else 0.0, 1, body) for name, body in known.items()]
    questions.write(connection, [], [], rows, [])
    assert questions.prune(connection, AGE + 1) == 1
    assert sorted(questions.matters(connection)) == sorted(
        body.decode() for name, body in known.items() if name != "gone"
    )


def test_no_number_is_given_twice(connection: sqlite3.Connection) -> None:
    questions.write(connection, [asked(7, "answered")], [], [], [])
    assert questions.prune(connection, AGE + 1) == 1
    assert questions.last(connection) == 7


def test_evidence_stays_for_what_was_answered_apart(connection: sqlite3.Connection) -> None:
    part = asked(2, "answered", AGE, b'{"part":1}')
    questions.write(connection, [asked(1, "answered"), part], [Proof(1, "f", b"{}")], [], [])
    assert questions.prune(connection, AGE + 1) == 1
    assert questions.evidence(connection, 1) == "{}"
    assert questions.present(connection) == ({2}, set())
    assert questions.prune(connection, 2 * AGE + 1) == 1
    assert questions.evidence(connection, 1) is None


def test_a_clock_that_is_set_wrong_forgets_nothing_at_once(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM fact_daily")
    questions.write(
        connection,
        [asked(1, "answered", 20_000 * DAY)],
        [Proof(1, "f", b"{}")],
        [Known("near", "c1", 20_000 * DAY, 1, b'{"there":false,"why":"answered"}')],
        [],
    )
    for day in range(20_000, 20_030):
        look(connection, day * DAY)
    years = 24_000 * DAY
    for wrong in range(SEVERAL + 1):
        assert questions.prune(connection, years + wrong * DAY) == 0
        look(connection, years + wrong * DAY)
    assert questions.prune(connection, years + SEVERAL * DAY) == 2, "so long it was really off"
