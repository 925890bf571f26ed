"""Deliveries on their way into the queue: taken when they are on disk, and never twice."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec

from gadfly import secret
from gadfly.clock import Clock
from gadfly.errors import ConfigError, LimitError, Refused, StoreError
from gadfly.functions.function import ASYNC, SYNC, Function
from gadfly.functions.queue import New, Put, Queue, Work
from gadfly.functions.trigger import event, webhook
from gadfly.functions.trigger.event import Reply, Request
from gadfly.functions.trigger.in_hand import InHand
from gadfly.functions.trigger.on import Webhook, read

log = logging.getLogger("gadfly.functions")

LONG = 64 << 10
"""Bytes of a body beyond which a thread looks at it: others do not wait for a millisecond of arithmetic."""


class _Door(NamedTuple):
    function: Function
    hook: Webhook
    secrets: tuple[bytes, ...]


class Receiver:
    """All webhooks of a node. Each function has one path, whoever signs."""

    def __init__(self, queue: Queue, clock: Clock, room: Callable[[], None] = lambda: None) -> None:
        """`room`: LimitError where no more may begin for senders that wait for the answer."""
        self._queue = queue
        self._room = room
        self._clock = clock
        self._doors: dict[str, list[_Door]] = {}
        self.in_hand = InHand()
        self.trouble: dict[str, str] = {}
        """Why a function's webhook is closed, by its name."""

    def declare(self, functions: Iterable[Function]) -> None:
        """The functions that there are from now on. Where a secret is missing, the webhook stays closed."""
        doors: dict[str, list[_Door]] = {}
        trouble: dict[str, str] = {}
        for function in functions:
            for on in map(read, function.on):
                if not isinstance(on, Webhook):
                    continue
                try:
                    secrets = tuple(webhook.key(on.kind, secret.resolve(one)) for one in on.secrets)
                except ConfigError as error:
                    trouble[function.name] = str(error)
                    log.error("the webhook of function %s is closed: %s", function.name, error)
                    continue
                doors.setdefault(function.name, []).append(_Door(function, on, secrets))
        self._doors, self.trouble = doors, trouble

    def limit(self, name: str, headers: Collection[str]) -> int:
        """Bytes of a body that are read, where it has `headers` (lower case) of one who signs.

        Refused: 404 and 503 where the function has no open webhook, 401 where nobody signed.
        """
        doors = self._open(name)
        found = [one for one in doors if all(header in headers for header in webhook.SIGNED[one.hook.kind])]
        if not found:
            wanted = " or ".join(", ".join(webhook.SIGNED[one.hook.kind]) for one in doors)
            raise Refused(f"a delivery is signed: {wanted}", 401)
        return max(map(_most, found))

    async def take(self, name: str, request: Request) -> Reply | Work:
        """Verify and write down a delivery: the answer to it, when it is on disk.

        Where the sender waits for the handler: the call, which is running by now; whoever asked runs it, ends
        it with :meth:`Queue.end` and answers with :func:`event.reply`.
        """
        try:
            return await self._take(self._open(name), request)
        except Refused as error:
            return _said(error.status, str(error))
        except LimitError as error:
            return _said(429, str(error))
        except StoreError as error:
            return _said(503, f"it could not be written down: {error}")

    async def _take(self, doors: Sequence[_Door], request: Request) -> Reply | Work:
        if request.method != "POST":
            return _said(405, "a delivery is a POST")
        if len(request.body) > (most := max(map(_most, doors))):
            return _said(413, f"{len(request.body):,} bytes; at most {most:,} are taken")
        now = self._clock.wall()
        if len(request.body) > LONG:
            new = await asyncio.to_thread(_verified, doors, request, now)
        else:
            new = _verified(doors, request, now)
        if isinstance(new, webhook.Denied):
            return _said(new.status, new.reason)
        if not new[1]:
            return _taken(await self._queue.put(new[0]))
        self._room()
        begun = await self._queue.begin(new[0])
        return _taken(begun) if isinstance(begun, Put) else begun

    def _open(self, name: str) -> Sequence[_Door]:
        doors = self._doors.get(name)
        if doors is None:
            if name in self.trouble:
                raise Refused("this webhook is closed: its owner must see to its secret", 503)
            raise Refused("there is no such webhook", 404)
        return doors


def _verified(doors: Sequence[_Door], request: Request, now: float) -> tuple[New, bool] | webhook.Denied:
    """The call by the first door that opens, and whether the sender waits for it."""
    headers: dict[str, str] = {}
    for header, value in request.headers:
        headers.setdefault(header.lower(), value)
    denied = webhook.Denied(401, "")
    for function, hook, secrets in doors:
        found = webhook.verify(hook.kind, secrets, headers, request.body, now)
        if isinstance(found, webhook.Denied):
            denied = found
            continue
        if len(request.body) > _most(_Door(function, hook, secrets)):
            return webhook.Denied(413, f"{len(request.body):,} bytes; at most {ASYNC:,} are taken")
        new = New(
            function=function.name,
            # Without the secrets: a delivery stays known when one is changed.
            called=f"webhook: {hook.kind}",
            key=found.key,
            event=event.encoded(event.url(function.name, request, found.key, now)),
            due=now,
            allowed=1 if hook.answered else function.retries + 1,
        )
        return new, hook.answered
    return denied


def _most(door: _Door) -> int:
    return SYNC if door.hook.answered else ASYNC


def _taken(put: Put) -> Reply:
    """202 for what is new, 200 for what was taken before."""
    body = {"id": put.id, "known": not put.new}
    return Reply(202 if put.new else 200, [("content-type", "application/json")], msgspec.json.encode(body))


def _said(status: int, words: str) -> Reply:
    return Reply(status, [("content-type", "application/json")], msgspec.json.encode({"error": words}))
