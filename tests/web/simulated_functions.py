"""Functions as a node shows them, for the tests of the API and the page."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from gadfly.errors import Refused
from gadfly.functions.trigger.event import Reply, Request
from gadfly.functions.trigger.in_hand import InHand

HASH = "ab" * 32
EVIL = "<img src=x onerror=alert(1)> \u202eevil\x1b[31m"


class SimulatedFunctions:
    """Two functions, one of which fails, and two hundred calls."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.deployed: list[tuple[str, str, str]] = []
        self.replayed: list[tuple[int, str]] = []
        self.invoked: list[tuple[str, bytes, str]] = []
        self.delivered: list[Request] = []
        self.in_hand = InHand()
        self.answer = Reply(202, [("content-type", "application/json"), ("x-own", "1")], b'{"id":1}')
        self.calls = [self._call(number) for number in range(1, 201)]

    def _function(self, name: str, deployed: str) -> dict[str, Any]:
        grant = {
            "line": "component:read group=web",
            "count": 3,
            "first": self.now - 900,
            "last": self.now - 60,
        }
        idle = {"line": "secret:use slack", "count": 0, "first": None, "last": None}
        return {
            "name": name,
            "owner": "ops",
            "purpose": f"Reads the web. {EVIL}",
            "on": ["schedule: 15 3 * * * UTC"],
            "review": "2027-05-01",
            "deployed": deployed,
            "since": self.now - 1000 if deployed else None,
            "by": "person:anna" if deployed else "",
            "waiting": 1,
            "limits": {"seconds": 5.0, "memory": 128 << 20, "at_once": 4},
            "grants": [grant, idle],
            "scratch": 0,
        }

    def _call(self, number: int) -> dict[str, Any]:
        state = "dead" if number % 50 == 0 else "skipped" if number % 50 == 1 else "done"
        why = {"dead": f"tried 3 of 3 times; the last time: {EVIL}", "skipped": "the one before still runs"}
        return {
            "id": number,
            "function": "tidy",
            "called": "schedule: 15 3 * * * UTC",
            "key": f"2026-11-22T03:{number % 60:02d}:00Z",
            "state": state,
            "reason": why.get(state, ""),
            "created": self.now - 3 * (201 - number),
            "due": self.now,
            "ended": self.now - 3 * (201 - number) + 0.2,
            "attempts": 1,
            "allowed": 3,
            "replayable": True,
            "used": {"component:read group=web": 2},
            "denied": {"http:POST https://elsewhere.example/": 1} if state == "dead" else {},
        }

    async def all(self) -> list[dict[str, Any]]:
        return [self._function("tidy", HASH), self._function("unborn", "")]

    async def one(self, name: str) -> dict[str, Any]:
        if name not in ("tidy", "unborn"):
            raise Refused("There is no function of this name.", 404)
        version = {"hash": HASH, "files": 1, "bytes": 100, "at": self.now - 1000, "who": "person:anna"}
        more = {"path": "/x/tidy.py", "file": "", "findings": [f"careless {EVIL}"], "versions": [version]}
        return {**self._function(name, HASH if name == "tidy" else ""), **more}

    async def invocations(
        self, function: str, state: str, before: int | None, limit: int
    ) -> list[dict[str, Any]]:
        found = [
            one
            for one in reversed(self.calls)
            if (not function or one["function"] == function)
            and (not state or one["state"] == state)
            and (before is None or one["id"] < before)
        ]
        return found[:limit]

    async def invocation(self, number: int, seconds: float) -> dict[str, Any]:
        if not 0 < number <= len(self.calls):
            raise Refused("There is no such invocation.", 404)
        call = self.calls[number - 1]
        return {**call, "event": '{"a": 1}', "tries": [self._try(call)]}

    def _try(self, call: dict[str, Any]) -> dict[str, Any]:
        return {
            "number": 1,
            "began": call["created"],
            "ended": call["ended"],
            "outcome": "ok" if call["state"] == "done" else "failed",
            "error": "" if call["state"] == "done" else EVIL,
            "version": HASH,
            "answer": '"done"',
            "log": f"said {EVIL}\n",
            "unsaid": 7,
            "used": call["used"],
            "denied": call["denied"],
        }

    async def logs(self, name: str, before: int | None, limit: int) -> list[dict[str, Any]]:
        return [
            {"invocation": one["id"], "called": one["called"], **self._try(one)}
            for one in await self.invocations(name, "", before, limit)
        ]

    async def deploy(self, name: str, hash: str, who: str) -> dict[str, Any]:
        self.deployed.append((name, hash, who))
        return {"hash": HASH, "files": 1, "bytes": 100, "at": self.now, "who": who}

    async def invoke(self, name: str, event: bytes, who: str, seconds: float) -> dict[str, Any]:
        self.invoked.append((name, event, who))
        return {**await self.invocation(1, seconds), "answer": msgspec.json.decode(event), "seconds": 0.1}

    async def replay(self, number: int, who: str) -> int:
        self.replayed.append((number, who))
        return number + 1000

    def limit(self, name: str, headers: Collection[str]) -> int:
        if name != "tidy":
            raise Refused("there is no such webhook", 404)
        if "x-hub-signature-256" not in headers:
            raise Refused("a delivery is signed: x-hub-signature-256", 401)
        return 100

    def room(self, address: str) -> AbstractContextManager[Callable[[int], None]]:
        return self.in_hand.of(address)

    async def deliver(self, name: str, request: Request) -> Reply:
        self.delivered.append(request)
        return self.answer
