"""The database: commits before it returns, keeps one failure from the others, and says what to do."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from gadfly.errors import StoreError
from gadfly.store.schema import MIGRATIONS
from gadfly.store.sqlite import Database


def add(n: int):
    def work(connection: sqlite3.Connection) -> int:
        connection.execute(
            "INSERT INTO flip (at, component, before, after, reason) VALUES (?, 'x', 0, 1, '')", (n,)
        )
        return n

    return work


def count(connection: sqlite3.Connection) -> int:
    return connection.execute("SELECT COUNT(*) FROM flip").fetchone()[0]


@pytest.fixture
def db(tmp_path: Path):
    db = Database(tmp_path / "state" / "gadfly.db")
    yield db
    db.close()


async def test_writes_are_there_when_they_return_and_after_a_new_start(db: Database) -> None:
    assert await asyncio.gather(*(db.write(add(n)) for n in range(200))) == list(range(200))
    assert await db.read(count) == 200
    db.close()
    db.close()
    again = Database(db.path)
    assert await again.read(count) == 200
    again.close()


async def test_one_that_fails_takes_nobody_with_it(db: Database) -> None:
    def fails(connection: sqlite3.Connection) -> None:
        add(7)(connection)
        raise ZeroDivisionError

    results = await asyncio.gather(
        *(db.write(add(n)) for n in range(5)), db.write(fails), db.write(add(9)), return_exceptions=True
    )
    assert [type(one) for one in results] == [int] * 5 + [ZeroDivisionError, int]
    assert await db.read(count) == 6


async def test_wrong_sql_is_a_store_error(db: Database) -> None:
    with pytest.raises(StoreError):
        await db.write(lambda connection: connection.execute("SELECT nonsense"))
    with pytest.raises(StoreError):
        await db.read(lambda connection: connection.execute("SELECT nonsense"))


async def test_readers_cannot_write(db: Database) -> None:
    with pytest.raises(StoreError):
        await db.read(add(1))


async def test_a_full_disk_is_said_nothing_is_half_kept_and_it_goes_on_by_itself(db: Database) -> None:
    await db.write(add(1))

    def limit(pages: int):
        return lambda connection: connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()

    big = "x" * 100_000

    def much(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO flip (at, component, before, after, reason) VALUES (0, 'y', 0, 1, ?)", (big,)
        )

    await db.write(limit(1))
    results = await asyncio.gather(*(db.write(much) for _ in range(5)), return_exceptions=True)
    assert {type(one) for one in results} == {StoreError}
    assert "disk is full; make room, gadfly then goes on by itself" in str(results[0])
    assert await db.read(count) == 1
    await db.write(limit(1_000_000))
    await db.write(much)
    assert await db.read(count) == 2


async def test_locked_by_another_program(db: Database, monkeypatch) -> None:
    other = sqlite3.connect(db.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    db._connection.execute("PRAGMA busy_timeout = 50")
    with pytest.raises(StoreError, match="close that program"):
        await db.write(add(1))
    other.execute("ROLLBACK")
    other.close()
    assert await db.write(add(1)) == 1


def test_two_nodes_cannot_use_one_file(db: Database) -> None:
    with pytest.raises(StoreError, match="Another gadfly"):
        Database(db.path)


def test_files_are_the_owners_only(db: Database) -> None:
    assert db.path.stat().st_mode & 0o077 == 0
    assert db.path.parent.stat().st_mode & 0o077 == 0


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gadfly.db"
    Database(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(StoreError, match="newer gadfly"):
        Database(path)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    connection.close()
    Database(path).close()  # and the lock was given back


def test_what_is_no_database_is_said(tmp_path: Path) -> None:
    path = tmp_path / "gadfly.db"
    path.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(StoreError, match="not a database; move it away"):
        Database(path)


def test_damage_is_found_after_an_unclean_end(tmp_path: Path) -> None:
    path = tmp_path / "gadfly.db"
    db = Database(path)
    asyncio.run(_fill(db))
    db.close()
    data = bytearray(path.read_bytes())
    for page in range(2, len(data) // 4096 - 1):
        data[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    path.write_bytes(bytes(data))
    path.with_name("gadfly.db-wal").write_bytes(b"x")
    with pytest.raises(StoreError, match="damaged"):
        Database(path)


async def _fill(db: Database) -> None:
    for n in range(2000):
        await db.write(add(n), durable=False)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"node\.state"):
        Database(tmp_path / "file" / "gadfly.db")


async def test_closed_is_said(db: Database) -> None:
    db.close()
    with pytest.raises(StoreError, match="stopping"):
        await db.write(add(1))
    with pytest.raises(StoreError, match="stopping"):
        await db.read(count)
