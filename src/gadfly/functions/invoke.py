"""One try of an invocation: called in the cell of its version, its asks answered, its end written down."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections import Counter
from collections.abc import Coroutine
from functools import partial
from typing import Any, Protocol, TypeVar
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
TOO_DEEP = {"errorType": "RecursionError", "errorMessage": "its answer is nested too deeply"}
GIVEN_UP = "given up on the way: the node stopped, or whoever waited for it did"
GRACE = 2.0
"""Seconds for which whoever gives a try up is kept until that is on disk."""
LARGE = 64 << 10
"""Bytes of an answer, about, from which on it is read beside the node's loop."""
PIECE = 32
"""Bytes for which a number or a list counts."""
T = TypeVar("T")


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
        self._endings: set[asyncio.Future[Any]] = set()
        self.ended: Counter[tuple[str, str]] = Counter()
        """Tries by function and outcome, since the start."""

    async def run(self, function: Function, work: Work, depth: int = 0) -> Done:
        """Call it once with the event of `work`, which is written down as running; its end is on disk.

        `depth`: how many functions wait for this one. Cancelled: the try is lost, and made again where it has
        tries left.
        """
        hash, ending = "", False
        try:
            async with self._room.of(function.name, function.limits.at_once, inner=depth > 0):
                current = self._deploys.current(function.name)
                if current is None:
                    words, ending = NOTHING_DEPLOYED.format(function.name), True
                    return await self._end(function, work, "", Answer(None, None, words, b"", 0), None, 0.0)
                hash = current.version.hash
                broker = Broker(
                    function,
                    self._worlds(function, work.id),
                    pace=self._paces.setdefault(function.name, Pace()),
                    clock=self._clock,
                    depth=depth,
                )
                started = self._clock.monotonic()
                answer = await self._answer(function, current.version, work, broker)
                seconds, ending = self._clock.monotonic() - started, True
                return await self._end(function, work, hash, answer, broker, seconds)
        except asyncio.CancelledError:
            if not ending:
                await self._surely(self._lost(function, work, hash))
            raise

    async def _answer(self, function: Function, version: Version, work: Work, broker: Broker) -> Answer:
        try:
            event, context = json.loads(work.event), self._context(function, version, work)
            for _ in range(2):  # what another call did to a cell is no matter of this one
                async with self._warm.cell(function, version) as cell:
                    answer = await cell.call(event, context, broker.asked)
                if answer.began:
                    break
        except (GadflyError, OSError, ValueError, RecursionError) as error:
            return Answer(None, None, str(error), b"", 0)
        except Exception as error:  # a defect of ours: the call ends all the same
            log.exception("invocation %d of %s", work.id, function.name)
            return Answer(None, None, f"the node failed: {type(error).__name__}: {error}", b"", 0)
        else:
            return answer

    async def _lost(self, function: Function, work: Work, hash: str) -> None:
        lost = Outcome(ended="lost", error=GIVEN_UP, version=hash)
        await self._over(function, work, await self._written(function, work, lost, None), GIVEN_UP)

    async def _surely(self, ending: Coroutine[Any, Any, T]) -> T:
        """Bring a try to its end, also where whoever waits for it gives up: they are kept for a moment, and
        it goes on without them for as long as the disk refuses."""
        task = asyncio.ensure_future(ending)
        self._endings.add(task)
        task.add_done_callback(self._endings.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task], timeout=GRACE)
            raise

    async def _end(
        self,
        function: Function,
        work: Work,
        hash: str,
        answer: Answer,
        broker: Broker | None,
        seconds: float,
    ) -> Done:
        return await self._surely(self._finish(function, work, hash, answer, broker, seconds))

    async def _finish(
        self,
        function: Function,
        work: Work,
        hash: str,
        answer: Answer,
        broker: Broker | None,
        seconds: float,
    ) -> Done:
        made = partial(_made, work.id, answer, broker, seconds)
        done, stays, said = await asyncio.to_thread(made) if _large(answer) else made()
        outcome = Outcome(
            ended=done.outcome,  # type: ignore[arg-type]  # one of the four that finished() gives
            error=done.words,
            version=hash,
            answer=stays,
            log=said,
            unsaid=answer.unsaid,
        )
        state = await self._written(function, work, outcome, broker)
        await self._over(function, work, state, done.words)
        self.ended[function.name, done.outcome] += 1
        return msgspec.structs.replace(done, size=len(stays) + len(said))

    async def _written(self, function: Function, work: Work, outcome: Outcome, broker: Broker | None) -> str:
        """What follows. It did run: while the disk does not take that, it is tried again."""
        used, denied = (dict(broker.used), dict(broker.denied)) if broker else ({}, {})
        now = self._clock.wall()

        def note(connection: sqlite3.Connection) -> None:
            asked.note(connection, function.name, work.id, work.attempt, used, denied, now)

        while True:
            try:
                if used or denied:
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


def _large(answer: Answer) -> bool:
    """Whether reading it takes so long that others would notice."""
    left, ahead = LARGE - len(answer.log), [answer.value, answer.error]
    while ahead and left > 0:
        one = ahead.pop()
        left -= PIECE
        if isinstance(one, str):
            left -= len(one)
        elif isinstance(one, dict | list) and PIECE * len(one) < left:
            ahead += [*one, *one.values()] if isinstance(one, dict) else one
        elif isinstance(one, dict | list):
            return True
    return left <= 0


def _made(
    invocation: int, answer: Answer, broker: Broker | None, seconds: float
) -> tuple[Done, bytes, bytes]:
    """How it ended, the bytes of its answer and what it wrote: without the secrets that the broker used, for
    an event may have brought one along that came back. Blocks where it is large."""
    if broker is not None:
        struck = broker.struck
        try:
            answer = answer._replace(value=struck.value(answer.value), error=struck.value(answer.error))
        except RecursionError:
            answer = answer._replace(value=None, error=dict(TOO_DEEP))
        answer = answer._replace(ended=struck.text(answer.ended), log=struck.data(answer.log))
    done = finished(invocation, answer, seconds)
    return done, kept(done), answer.log


def finished(invocation: int, answer: Answer, seconds: float) -> Done:
    """How a try ended, of what its cell answered.

    What a cell says may be anything; what is made of it here is not.
    """
    outcome, words, error, value = "ok", "", None, None
    try:
        value, said = _plain(answer.value), _plain(answer.error)
    except RecursionError:
        said = dict(TOO_DEEP)
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


def kept(done: Done) -> bytes:
    """The answer, or the error, in the bytes that AWS Lambda's runtime of Python 3.12 has for it."""
    return json.dumps(done.value if done.error is None else done.error, ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    """The same without halves of characters, which no text on disk or wire may have. RecursionError."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.loads(text.encode("utf-8", "replace"))
    return value
