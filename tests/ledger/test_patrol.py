"""The patrol finds what was changed beneath the newest checkpoint, wherever that is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gadfly.clock import VirtualClock
from gadfly.errors import LedgerError
from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log
from gadfly.ledger.patrol import LONGEST, Patrol, Walk
from gadfly.store.schema import migrate
from gadfly.store.sqlite import Database

COUNT = 256 * 17 + 40
LOG = Log("gadfly/test/1", Ed25519PrivateKey.from_private_bytes(bytes(32)))


def fill(connection: sqlite3.Connection, count: int = COUNT) -> None:
    LOG.append(
        connection,
        [
            Entry(kind="flip", who="node", about=(f"component:c{n}",), body={"n": n}, at=1e9 + n)
            for n in range(count)
        ],
    )
    LOG.checkpoint(connection)


@pytest.fixture(scope="module")
def whole() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    migrate(made)
    fill(made)
    yield made
    made.close()


@pytest.fixture
def state(whole: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    whole.execute("BEGIN")
    yield whole
    whole.execute("ROLLBACK")


def walked(connection: sqlite3.Connection) -> str:
    """What a walk finds; empty: nothing."""
    newest = LOG.latest(connection)
    assert newest is not None
    walk = Walk(newest.size, newest.root)
    try:
        while not walk.over:
            walk.step(connection)
    except LedgerError as error:
        return str(error)
    return ""


def test_what_was_not_changed_is_let_be(state: sqlite3.Connection) -> None:
    assert walked(state) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE ledger_entry SET body = CAST(body || ' ' AS BLOB) WHERE id = 0", "entry 0 and its hash"),
        ("UPDATE ledger_entry SET body = X'00' WHERE id = 3000", "entry 3000 and its hash"),
        ("UPDATE ledger_entry SET body = X'00' WHERE id = 4360", "are not those that were signed"),
        ("DELETE FROM ledger_entry WHERE id = 300", "are missing"),
        ("UPDATE ledger_tile SET hashes = zeroblob(8192) WHERE level = 0 AND number = 2", "entry 512 and"),
        ("UPDATE ledger_tile SET middle = X'00' WHERE level = 0 AND number = 2", "tile 2 of level 0 differs"),
        ("UPDATE ledger_tile SET hashes = 'x' WHERE level = 0 AND number = 2", "tile 2 of level 0 is not"),
        ("DELETE FROM ledger_tile WHERE level = 0 AND number = 16", "tile 16 of level 0 is not there"),
        ("UPDATE ledger_tile SET hashes = zeroblob(544) WHERE level = 1", "tile 0 of level 1"),
        ("DELETE FROM ledger_tile WHERE level = 1", "tile 0 of level 1"),
    ],
)
def test_what_was_changed_is_found(state: sqlite3.Connection, change: str, said: str) -> None:
    state.execute(change)
    assert said in walked(state)


def test_an_entry_and_its_tile_changed_together_do_not_give_the_signed_root(
    state: sqlite3.Connection,
) -> None:
    state.execute("UPDATE ledger_entry SET body = X'00' WHERE id = 5")
    state.execute("DELETE FROM ledger_tile")
    other = sqlite3.connect(":memory:", isolation_level=None)
    migrate(other)
    other.executemany(
        "INSERT INTO ledger_entry VALUES (?, ?)", state.execute("SELECT id, body FROM ledger_entry")
    )
    LOG.checkpoint(other)
    state.executemany(
        "INSERT INTO ledger_tile VALUES (?, ?, ?, ?)", other.execute("SELECT * FROM ledger_tile")
    )
    other.close()
    assert "are not those that were signed" in walked(state)


async def test_it_walks_at_its_pace_and_says_what_it_found(tmp_path: Path) -> None:
    db, clock = Database(tmp_path / "gadfly.db"), VirtualClock()
    try:
        await db.write(fill)
        patrol = Patrol(db, LOG.verifier, clock)
        began = clock.monotonic()

        async def walk() -> None:
            task = __import__("asyncio").ensure_future(patrol.walk())
            while not task.done():
                await db.read(lambda connection: None)
                await clock.advance(30.0)
            await task

        await walk()
        assert patrol.trouble == ""
        assert (patrol.entries, patrol.walked > 0) == (COUNT, True)
        assert clock.monotonic() - began <= LONGEST + 600
        await db.write(lambda c: c.execute("UPDATE ledger_entry SET body = X'00' WHERE id = 7"))
        await walk()
        assert "entry 7 and its hash differ" in patrol.trouble
    finally:
        db.close()


async def test_a_checkpoint_of_another_key_is_not_believed(tmp_path: Path) -> None:
    db = Database(tmp_path / "gadfly.db")
    try:
        await db.write(fill)
        other = Log("gadfly/test/1", Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)))
        patrol = Patrol(db, other.verifier, VirtualClock())
        await patrol.walk()
        assert "an audit found" in patrol.trouble
    finally:
        db.close()


async def test_of_an_empty_ledger_nothing_is_said(tmp_path: Path) -> None:
    db = Database(tmp_path / "gadfly.db")
    try:
        patrol = Patrol(db, LOG.verifier, VirtualClock())
        await patrol.walk()
        assert (patrol.trouble, patrol.entries) == ("", 0)
    finally:
        db.close()
