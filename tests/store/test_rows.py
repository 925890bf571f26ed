"""What is kept, a module a thing; and for how long."""

from __future__ import annotations

import sqlite3

import pytest

from gadfly.errors import Refused
from gadfly.store import flips, heard, retention, tokens
from gadfly.store.heard import Heard
from gadfly.store.schema import MIGRATIONS, migrate


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    assert migrate(connection) == len(MIGRATIONS)
    assert migrate(connection) == 0
    yield connection
    connection.close()


def test_heard_keeps_when_it_was_first(connection) -> None:
    row = Heard(name="a", id=2**64 - 1, card=b"{}", interval=1.0, first_heard=1.0, last_seen=2.0, liveness=1)
    heard.put(connection, [row])
    heard.put(
        connection,
        [
            Heard(
                name="a",
                id=7,
                card=b"{1}",
                interval=2.0,
                first_heard=9.0,
                last_seen=9.0,
                liveness=4,
                status=2,
                incarnation=2**64 - 1,
            )
        ],
    )
    heard.put(
        connection, [row.__class__(**{**{f: getattr(row, f) for f in row.__struct_fields__}, "name": "b"})]
    )
    a, b = heard.after(connection, "", 10)
    assert (a.id, a.card, a.first_heard, a.last_seen, a.liveness) == (7, b"{1}", 1.0, 9.0, 4)
    assert b.id == 2**64 - 1
    assert (a.status, a.incarnation, b.incarnation) == (2, 2**64 - 1, 0)
    heard.forget(connection, ["a"])
    assert [one.name for one in heard.after(connection, "", 10)] == ["b"]


def test_flips(connection) -> None:
    flips.add(connection, [flips.Flip(float(n), "ab"[n % 2], 0, 8, f"r{n}") for n in range(10)])
    assert [one.at for one in flips.of(connection, "a", 2)] == [8.0, 6.0]
    assert [one.at for one in flips.since(connection, 7.0)] == [7.0, 8.0, 9.0]


def test_tokens(connection) -> None:
    made = tokens.add(connection, "ci", ("read", "read", "ack"), b"x" * 32, 1.0, 9.0)
    assert made.scopes == ("read", "ack")
    (found,) = tokens.everything(connection)
    assert (found.expires, found.digest) == (9.0, b"x" * 32)
    with pytest.raises(Refused):
        tokens.add(connection, "ci", ("read",), b"y" * 32, 1.0)
    tokens.end(connection, made.id)
    with pytest.raises(Refused):
        tokens.end(connection, made.id)


def test_history_is_bounded_and_what_is_open_stays(connection) -> None:
    limits = retention.Limits(age=1000.0, flips=5, alerts=5, incidents=5, sent=5, dead=5, silences=5)
    flips.add(connection, [flips.Flip(5000.0, "a", 0, 8, "") for _ in range(100)])
    for n in range(1, 101):
        done = 5000.0 if n > 3 else None
        connection.execute("INSERT INTO incident VALUES (?, 1.0, ?, '')", (n, done))
        connection.execute("INSERT INTO alert VALUES (?, 'a', ?, 1.0, ?, '')", (n, n, done))
        connection.execute("INSERT INTO thread VALUES (?, 'x', '')", (n,))
        connection.execute("INSERT INTO acknowledgement VALUES (?, ?, 1.0, '', '')", (n, n))
        connection.execute(
            "INSERT INTO silence VALUES (?, '', 1.0, ?, '', '', '')", (n, 5000.0 if n > 3 else 9000.0)
        )
        state = ("pending", "claimed", "sent", "dead")[n % 4]
        connection.execute(
            "INSERT INTO outbox (id, key, incident, contact, label, kind, body, state, created, due, sent)"
            " VALUES (?, ?, ?, '', '', '', '', ?, 5000.0, 0, 5000.0)",
            (n, str(n), n, state),
        )
    while retention.prune(connection, 5500.0, limits, batch=10):
        pass
    rows = {
        table: connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
        for table in ("flip", "alert", "incident", "thread", "acknowledgement", "silence")
    }
    assert rows == {"flip": 5, "alert": 8, "incident": 8, "thread": 8, "acknowledgement": 8, "silence": 8}
    by_state = dict(connection.execute("SELECT state, COUNT(*) FROM outbox GROUP BY state"))
    assert by_state == {"pending": 25, "claimed": 25, "sent": 5, "dead": 5}
    while retention.prune(connection, 7000.0, limits):
        pass
    assert connection.execute("SELECT COUNT(*) FROM flip").fetchone() == (0,)
    assert connection.execute("SELECT COUNT(*) FROM alert").fetchone() == (3,)
