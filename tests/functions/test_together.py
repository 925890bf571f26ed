"""Writes share a commit, and one that fails fails alone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from sqlite3 import Connection

import pytest

from gadfly.errors import StoreError
from gadfly.functions.together import MOST, Together
from gadfly.store import invocations as rows
from gadfly.store.sqlite import Database


class Counted(Database):
    """Counts the jobs that it is given."""

    jobs = 0

    async def write(self, work, *, durable: bool = True):  # type: ignore[no-untyped-def]
        self.jobs += 1
        return await super().write(work, durable=durable)


@pytest.fixture
def store(tmp_path: Path):
    store = Counted(tmp_path / "gadfly.db")
    yield store
    store.close()


def add(key: str):
    new = rows.New(function="f", called="c", key=key, event=b"{}")
    return lambda connection: rows.put(connection, new, 1.0)


def nothing(_: object) -> None:
    """Nobody else wants to know."""


async def test_many_are_few_jobs_and_each_has_its_result(store: Counted) -> None:
    together = Together(store)
    found = await asyncio.gather(*(together.write(add(str(number)), nothing) for number in range(2 * MOST)))
    assert [number for number, _ in found] == list(range(1, 2 * MOST + 1))
    assert store.jobs <= 3
    assert await together.write(add("0"), nothing) == (1, False)


async def test_one_that_fails_takes_nobody_along(store: Counted) -> None:
    def fails(connection: Connection) -> None:
        add("half")(connection)
        raise ZeroDivisionError

    together = Together(store)
    found = await asyncio.gather(
        together.write(add("a"), nothing),
        together.write(fails, nothing),
        together.write(add("b"), nothing),
        return_exceptions=True,
    )
    assert [type(one) for one in found] == [tuple, ZeroDivisionError, tuple]
    assert await store.read(lambda c: c.execute("SELECT key FROM invocation ORDER BY key").fetchall()) == [
        ("a",),
        ("b",),
    ]


async def test_it_is_written_also_where_nobody_waits_any_more(store: Counted) -> None:
    together = Together(store)
    told: list[object] = []
    waits = asyncio.create_task(together.write(add("a"), told.append))
    await asyncio.sleep(0)
    waits.cancel()
    assert (await together.write(add("b"), nothing))[1]
    assert await together.write(add("a"), nothing) == (1, False)
    assert told == [(1, True)]


async def test_a_database_that_is_closed_is_said_and_asked_again(store: Counted) -> None:
    together = Together(store)
    store.close()
    for _ in range(2):
        with pytest.raises(StoreError):
            await together.write(add("a"), nothing)
