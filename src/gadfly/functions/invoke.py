"""One try of an invocation: called in the cell of its version, its asks answered, its end written down."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections import Counter
from typing import Any, Protocol
from uuid import uuid4

import msgspec

from gadfly.clock import Clock
from gadfly.errors import GadflyError, StoreError
from gadfly.functions.broker import Broker
from gadfly.functions.deploy import Deploys
from gadfly.functions.function import Function
from gadfly.functions.pace import Pace
from gadfly.functions.queue import Outcome, Queue, Work
from gadfly.functions.room import Room
from gadfly.functions.sandbox.supervisor import Answer
from gadfly.functions.warm import Warm
from gadfly.functions.world import World
from gadfly.store import asked
from gadfly.store.deployed import Version
from gadfly.store.sqlite import Database

log = logging.getLogger("gadfly.functions")

RETRY = 5.0
"""Seconds until a disk that refused is tried again."""
WORDS = 500
"""Characters of the one line that says why it is not ok."""
ARN = "arn:gadfly:lambda:local:000000000000:function:"
"""In front of a function's name; the shape is AWS', the partition says that it is not there."""
NOTHING_DEPLOYED = "nothing is deployed as {0}; `gadfly fn deploy {0}` does"


GIVEN_UP = "given up on the way: the node stopped, or whoever waited for it did"


class Worlds(Protocol):
    """What stands behind the broker of one invocation."""

    def __call__(self, function: Function, invocation: int) -> World: ...


class Over(Protocol):
    """Who wants to know what became of each try: `state` done, waiting or dead."""

    async def __call__(self, function: Function, work: Work, state: str, words: str) -> None: ...


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """How a try ended, for whoever waits for it. `outcome` as in
    :class:`gadfly.store.invocations.Outcome`."""

    invocation: int
    outcome: str
    value: Any = None
    error: dict[str, Any] | None = None
    """As Lambda words it: errorType, errorMessage, stackTrace."""
    words: str = ""
    log: str = ""
    seconds: float = 0.0
    size: int = 0
    """Bytes of the answer and of what it wrote."""


class Invoker:
    """Calls functions, for one node."""

    def __init__(
        self,
        db: Database,
        queue: Queue,
        deploys: Deploys,
        warm: Warm,
        room: Room,
        clock: Clock,
        worlds: Worlds,
        over: Over,
        node: str,
    ) -> None:
        self._db = db
        self._queue = queue
        self._deploys = deploys
        self._warm = warm
        self._room = room
        self._clock = clock
        self._worlds = worlds
        self._over = over
        self._node = node
        self._paces: dict[str, Pace] = {}
        self.ended: Counter[tuple[str, str]] = Counter()
        """Tries by function and outcome, since the start."""

    async def run(self, function: Function, work: Work, depth: int = 0) -> Done:
        """Call it once with the event of `work`, which is written down as running; its end is on disk.

        `depth`: how many functions wait for this one. Cancelled: the try is lost, and made again where it has
        tries left.
        """
        async with self._room.of(function.name, function.limits.at_once, inner=depth > 0):
            current = self._deploys.current(function.name)
            if current is None:
                words = NOTHING_DEPLOYED.format(function.name)
                return await self._end(function, work, "", Answer(None, None, words, b"", 0), None, 0.0)
            version = current.version
            broker = Broker(
                function,
                self._worlds(function, work.id),
                pace=self._paces.setdefault(function.name, Pace()),
                clock=self._clock,
                depth=depth,
            )
            started = self._clock.monotonic()
            try:
                async with self._warm.cell(function, version) as cell:
                    event = json.loads(work.event)
                    answer = await cell.call(event, self._context(function, version, work), broker.asked)
            except asyncio.CancelledError:
                lost = Outcome(ended="lost", error=GIVEN_UP, version=version.hash)
                await asyncio.shield(self._queue.end(work, lost))
                raise
            except (GadflyError, OSError, ValueError, RecursionError) as error:
                answer = Answer(None, None, str(error), b"", 0)
            seconds = self._clock.monotonic() - started
            clean = _struck(answer, broker)
            return await self._end(function, work, version.hash, clean, broker, seconds)

    async def _end(
        self,
        function: Function,
        work: Work,
        hash: str,
        answer: Answer,
        broker: Broker | None,
        seconds: float,
    ) -> Done:
        done = _done(work.id, answer, seconds)
        outcome = Outcome(
            ended=done.outcome,  # type: ignore[arg-type]  # one of the four that _done gives
            error=done.words,
            version=hash,
            answer=json.dumps(done.value if done.error is None else done.error).encode(),
            log=answer.log,
            unsaid=answer.unsaid,
        )
        state = await self._written(function, work, outcome, broker)
        await self._over(function, work, state, done.words)
        self.ended[function.name, done.outcome] += 1
        return msgspec.structs.replace(done, size=len(outcome.answer) + len(answer.log))

    async def _written(self, function: Function, work: Work, outcome: Outcome, broker: Broker | None) -> str:
        """What follows. It did run: while the disk does not take that, it is tried again."""
        used, denied = (dict(broker.used), dict(broker.denied)) if broker else ({}, {})
        now = self._clock.wall()

        def note(connection: sqlite3.Connection) -> None:
            asked.note(connection, function.name, work.id, work.attempt, used, denied, now)

        while True:
            try:
                await self._db.write(note)
                used, denied = {}, {}
                return await self._queue.end(work, outcome)
            except StoreError as error:
                log.error(
                    "the end of invocation %d of %s waits for the disk: %s", work.id, function.name, error
                )
                await self._clock.sleep(RETRY)

    def _context(self, function: Function, version: Version, work: Work) -> dict[str, Any]:
        request = str(uuid4())
        return {
            "function_name": function.name,
            "function_version": version.hash[:12],
            "invoked_function_arn": ARN + function.name,
            "memory_limit_in_mb": function.limits.memory >> 20,
            "aws_request_id": request,
            "log_group_name": f"/gadfly/{function.name}",
            "log_stream_name": f"[{version.hash[:12]}]{self._node}/{work.id}/{work.attempt}",
        }

    def keep(self, functions: frozenset[str]) -> None:
        """Forget what is held of functions that are not declared any more."""
        self._paces = {name: pace for name, pace in self._paces.items() if name in functions}


def _struck(answer: Answer, broker: Broker) -> Answer:
    """Without the secrets that the broker used: an event may have brought one along that came back."""
    struck = broker.struck
    return answer._replace(
        value=struck.value(answer.value),
        error=struck.value(answer.error),
        ended=struck.text(answer.ended),
        log=struck.data(answer.log),
    )


def _done(invocation: int, answer: Answer, seconds: float) -> Done:
    """What a cell says may be anything; what is made of it here is not."""
    outcome, words, error, value = "ok", "", None, None
    try:
        value, said = _plain(answer.value), _plain(answer.error)
    except RecursionError:
        said = {"errorType": "RecursionError", "errorMessage": "its answer is nested too deeply"}
    if said is not None:
        error = said if isinstance(said, dict) else {"errorMessage": str(said)}
        outcome = "failed"
        words = f"{error.get('errorType', 'Error')}: {error.get('errorMessage', '')}"
    elif answer.ended:
        outcome, words = "ended", answer.ended
    return Done(
        invocation=invocation,
        outcome=outcome,
        value=value,
        error=error,
        words=" ".join(words.split())[:WORDS],
        log=answer.log.decode("utf-8", "replace"),
        seconds=round(seconds, 6),
    )


def _plain(value: Any) -> Any:
    """The same without halves of characters, which no text on disk or wire may have. RecursionError."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.loads(text.encode("utf-8", "replace"))
    return value
