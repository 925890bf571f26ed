"""Small writes that come while one is under way share the next: one job and one commit for many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from sqlite3 import Connection
from typing import Any, NamedTuple, TypeVar

from gadfly.store.sqlite import Database

T = TypeVar("T")

MOST = 256
"""Writes of one commit, so that the first does not wait for an endless crowd."""


class _Wish(NamedTuple):
    work: Callable[[Connection], Any]
    then: Callable[[Any], None]
    done: asyncio.Future[Any]

    def fulfilled(self, result: Any) -> None:
        self.then(result)
        if not self.done.done():
            self.done.set_result(result)


class Together:
    """In front of a database; for writes that are a statement or two."""

    def __init__(self, store: Database) -> None:
        self._store = store
        self._wishes: list[_Wish] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, work: Callable[[Connection], T], then: Callable[[T], None]) -> T:
        """Run `work` in a transaction with others; its result, after the commit.

        It is written, and `then` called with its result, also where whoever waits is cancelled.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._wishes.append(_Wish(work, then, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await done

    async def _write(self) -> None:
        try:
            while self._wishes:
                wishes, self._wishes = self._wishes[:MOST], self._wishes[MOST:]
                await self._commit(wishes)
        finally:
            self._writing = None
            for wish in self._wishes:
                wish.done.cancel()
            self._wishes = []

    async def _commit(self, wishes: list[_Wish]) -> None:
        def all_of_them(connection: Connection) -> list[Any]:
            return [wish.work(connection) for wish in wishes]

        try:
            for wish, result in zip(wishes, await self._store.write(all_of_them), strict=True):
                wish.fulfilled(result)
        except Exception:
            # One of them failed and took the others along: each by itself, so that only that one does.
            for wish in wishes:
                try:
                    result = await self._store.write(wish.work)
                except Exception as error:
                    if not wish.done.done():
                        wish.done.set_exception(error)
                else:
                    wish.fulfilled(result)
        except BaseException:
            for wish in wishes:
                wish.done.cancel()
            raise
