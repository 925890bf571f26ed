"""Functions, as the web sees them: everything :class:`gadfly.web.functions.Functions` asks for."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec

from gadfly.clock import Clock
from gadfly.errors import ConfigError, Refused
from gadfly.functions import code, policy, showing
from gadfly.functions.calls import Calls
from gadfly.functions.deploy import Deploys
from gadfly.functions.function import Function
from gadfly.functions.queue import Queue
from gadfly.functions.trigger.event import Reply, Request, reply
from gadfly.functions.trigger.receive import Receiver
from gadfly.ledger.entry import Entry
from gadfly.ledger.journal import Journal
from gadfly.store import asked
from gadfly.store.asked import Asked, Use
from gadfly.store.sqlite import Database

NOTHING = Asked()
READ = 10.0
"""Seconds for which it is known what a function's file holds; the page asks more often."""
_JSON = (("content-type", "application/json"),)


class FunctionsView:
    """Made by the node for its server; `deployed` is told whose version changed."""

    def __init__(
        self,
        db: Database,
        journal: Journal,
        clock: Clock,
        queue: Queue,
        deploys: Deploys,
        calls: Calls,
        receiver: Receiver,
        *,
        functions: Callable[[], Mapping[str, Function]],
        deployed: Callable[[str], None],
    ) -> None:
        self._db = db
        self._journal = journal
        self._clock = clock
        self._queue = queue
        self._deploys = deploys
        self._calls = calls
        self._receiver = receiver
        self._functions = functions
        self._deployed = deployed
        self._files: dict[str, tuple[float, str, str]] = {}

    # What there is.

    async def all(self) -> list[dict[str, Any]]:
        """:class:`gadfly.web.answers.functions.Function`, by name."""
        uses = await self._db.read(asked.uses)
        return [self._function(one, uses.get(one.name, {})) for _, one in sorted(self._functions().items())]

    async def one(self, name: str) -> dict[str, Any]:
        """:class:`gadfly.web.answers.functions.FunctionStory`. Refused where there is none."""
        function = self._calls.function(name)
        uses = (await self._db.read(asked.uses)).get(name, {})
        shown = self._function(function, uses)
        current = self._deploys.current(name)
        file = await self._file(function)
        since = current.since if current else self._clock.wall()
        found = [
            *policy.examine(function.grants, function.purpose, name=function.name, on=function.on),
            *policy.never_used(
                function.grants, {line: use.last for line, use in uses.items()}, since, self._clock.wall()
            ),
        ]
        versions = await self._deploys.versions(name)
        return {
            **shown,
            "path": function.path,
            "file": file,
            "findings": [one.words for one in found],
            "versions": [showing.version(one) for one in versions],
        }

    async def _file(self, function: Function) -> str:
        """Why the file is not what is called; empty where it is. Read at most every few seconds."""
        current, now = self._deploys.current(function.name), self._clock.monotonic()
        hash = current.version.hash if current else ""
        at, known, words = self._files.get(function.path, (float("-inf"), "", ""))
        if now - at < READ and known == hash:
            return words
        try:
            there = await asyncio.to_thread(lambda: code.digest(code.read(Path(function.path))))
            words = "" if there == hash else "it is not what is deployed"
        except ConfigError as error:
            words = str(error)
        self._files[function.path] = (now, hash, words)
        return words

    def _function(self, function: Function, uses: Mapping[str, Use]) -> dict[str, Any]:
        current = self._deploys.current(function.name)
        limits = function.limits
        return {
            "name": function.name,
            "owner": function.owner,
            "purpose": function.purpose,
            "on": list(function.on),
            "review": function.review.isoformat() if function.review else "",
            "deployed": current.version.hash if current else "",
            "since": current.since if current else None,
            "by": current.who if current else "",
            "waiting": self._queue.waiting.get(function.name, 0),
            "limits": {"seconds": limits.seconds, "memory": limits.memory, "at_once": limits.at_once},
            "grants": [
                showing.grant(str(one), uses.get(str(one)))
                for one in function.grants
                if one.verb != "scratch"
            ],
            "scratch": limits.scratch,
        }

    async def invocations(
        self, function: str, state: str, before: int | None, limit: int
    ) -> list[dict[str, Any]]:
        """:class:`gadfly.web.answers.functions.Invocation`, the newest first."""
        found = await self._queue.recent(function=function, state=state, before=before, limit=limit)
        numbers = [one.id for one in found]
        said = await self._db.read(lambda connection: asked.of(connection, numbers))
        return [showing.invocation(one, said.get((one.id, one.attempts), NOTHING)) for one in found]

    async def invocation(self, number: int, seconds: float) -> dict[str, Any]:
        """:class:`gadfly.web.answers.functions.InvocationStory`; waits so long for its end."""
        done = await self._calls.answer(number, seconds)
        rows = await self._queue.recent(before=number + 1, limit=1)
        if not rows or rows[0].id != number:
            raise Refused(f"There is no invocation {number}.", 404)
        tries = await self._queue.attempts(number)
        said = await self._db.read(lambda connection: asked.of(connection, [number]))
        shown = showing.invocation(rows[0], said.get((number, rows[0].attempts), NOTHING))
        return {
            **shown,
            "event": showing.event(await self._queue.event(number)),
            "tries": [showing.attempt(one, said.get((number, one.number), NOTHING)) for one in tries],
            **showing.whole(done),
        }

    async def logs(self, name: str, before: int | None, limit: int) -> list[dict[str, Any]]:
        """:class:`gadfly.web.answers.functions.Said` of the last invocations, the newest first."""
        self._calls.function(name)
        found = await self._queue.recent(function=name, before=before, limit=limit)
        return [
            {"invocation": one.id, "called": one.called, **showing.attempt(attempt, NOTHING)}
            for one in found
            for attempt in reversed(await self._queue.attempts(one.id))
        ]

    # What is done.

    async def deploy(self, name: str, hash: str, who: str) -> dict[str, Any]:
        """What its file holds now, or (`hash`) the version that begins so."""
        function = self._calls.function(name)
        if hash:
            current = await self._deploys.roll_back(function, hash, who)
        else:
            current = await self._deploys.deploy(function, who)
        self._deployed(name)
        return showing.version(current.version)

    async def invoke(self, name: str, event: bytes, who: str, seconds: float) -> dict[str, Any]:
        """Call it; :class:`gadfly.web.answers.functions.InvocationStory` as it is after so long at most."""
        function = self._calls.function(name)
        if self._deploys.current(name) is None:
            raise Refused(f"Nothing is deployed as {name}; `gadfly fn deploy {name}` does.", 409)
        await self._note(function, who, "invoked", {})
        number = await self._calls.begin(name, event, who)
        return await self.invocation(number, seconds)

    async def replay(self, number: int, who: str) -> int:
        """Make it again; the number of the call that waits now."""
        rows = await self._queue.recent(before=number + 1, limit=1)
        if not rows or rows[0].id != number:
            raise Refused(f"There is no invocation {number}.", 404)
        function = self._calls.function(rows[0].function)
        await self._note(function, who, "replayed", {"invocation": number})
        return await self._queue.replay(number, function.retries + 1)

    def limit(self, name: str, headers: Collection[str]) -> int:
        """Bytes that a delivery may have. Refused where there is no open webhook, or it is not signed."""
        return self._receiver.limit(name, headers)

    def room(self, address: str) -> AbstractContextManager[Callable[[int], None]]:
        """For the body of one delivery from there."""
        return self._receiver.in_hand.of(address)

    async def deliver(self, name: str, request: Request) -> Reply:
        """A webhook's delivery: what goes back when it is on disk, or when the handler has answered."""
        found = await self._receiver.take(name, request)
        if isinstance(found, Reply):
            return found
        done = await self._calls.start(self._calls.function(name), found)
        if done.outcome != "ok":
            return Reply(502, _JSON, msgspec.json.encode({"error": "the function did not answer"}))
        try:
            return reply(done.value)
        except ValueError as error:
            return Reply(502, _JSON, msgspec.json.encode({"error": str(error)}))

    async def _note(self, function: Function, who: str, event: str, more: Mapping[str, Any]) -> None:
        entry = Entry(
            kind="function",
            who=who,
            about=(f"function:{function.name}", f"owner:{function.owner}"),
            body={"event": event, **more},
            at=self._clock.wall(),
        )

        def work(connection: sqlite3.Connection) -> None:
            self._journal.write(connection, [entry])

        await self._db.write(work)
