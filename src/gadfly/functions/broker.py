"""The broker: what a function asks for, checked against its grants, done for it, and counted.

The function has no socket and no secret; it has one channel to the supervisor, and what comes over it is
answered here. An ask is ``{"verb": "http:POST", "text": "https://…", "args": {…}}``; the answer is
``{"ok": …}``, ``{"denied": words}`` where no grant covers it, or ``{"failed": words}`` where it was allowed
and could not be done. Nothing that is asked can raise.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from gadfly.clock import Clock, SystemClock
from gadfly.errors import ConfigError, GadflyError, LimitError, QueryError, Refused
from gadfly.functions import grant
from gadfly.functions.function import ASYNC, SYNC, Function
from gadfly.functions.grant import Grant
from gadfly.functions.pace import Pace
from gadfly.functions.struck import SHORTEST, Struck
from gadfly.functions.world import World

log = logging.getLogger("gadfly.functions")

BYTES = 64 << 20
"""Bytes in and out of one invocation over all its asks."""
DENIED = 50
"""Different lines of one invocation that are kept of what it was denied; they are written down."""
DEEP = 5
"""Functions that may stand above one another: a circle of them ends here."""
SILENCE = 86_400.0
"""Seconds of a silence at most."""
BECAUSE = 12
"""Characters of a silence's reason at least."""
INPUTS, INPUT = 16, 1024
"""Of an act at most, and characters of one."""
_PAIR = re.compile(r"([a-z]+)=(\S+)", re.ASCII)

Told = Callable[["Broker", str, str, Mapping[str, Any]], Awaitable[Any]]


class Denied(Exception):
    """No grant covers it; the words are for the function's owner."""


class Failed(Exception):
    """It is allowed, and could not be done."""


class Broker:
    """For one invocation. `used` counts by grant line; with `record`, by the line that would be needed."""

    def __init__(
        self,
        function: Function,
        world: World,
        *,
        record: bool = False,
        pace: Pace | None = None,
        clock: Clock | None = None,
        depth: int = 0,
    ) -> None:
        """`pace`: shared by all invocations of the function; `depth`: functions that stand above this one."""
        self.function = function
        self.world = world
        self.used: Counter[str] = Counter()
        self.denied: Counter[str] = Counter()
        """What was asked for in vain, by the line that would cover it."""
        self.struck = Struck()
        self._record = record
        self._pace = pace or Pace()
        self._clock = clock or SystemClock()
        self._depth = depth
        self._known: set[str] = set()
        self._bytes = 0

    async def asked(self, ask: Any) -> dict[str, Any]:
        """Answer one ask."""
        try:
            if wait := self._pace.wait(self._clock.monotonic()):
                await self._clock.sleep(wait)
            verb, text, args = _read(ask)
            value = await _serving(verb)(self, verb, text, args)
            answer = {"ok": self.struck.value(value)}
            self.moved(_size(answer))
        except (Denied, Refused) as error:
            return {"denied": self.struck.text(str(error))}
        except (Failed, GadflyError, OSError) as error:
            return {"failed": self.struck.text(str(error))}
        except Exception:
            log.exception("an ask of function %s met an error of the node's", self.function.name)
            return {"failed": "the node could not answer; its log says why, to whoever runs it"}
        return answer

    def allow(self, line: str, shown: str = "") -> None:
        """Go on where a grant covers it. Denied otherwise, with the line that is missing.

        `shown`: the line that is recorded and named instead, where the other one holds a secret.
        """
        try:
            asked = grant.parse(line)
        except ConfigError as error:
            raise Denied(str(error)) from None
        if self._record:
            self.used[str(grant.parse(shown) if shown else asked)] += 1
            return
        found = [one for one in self.function.grants if grant.allows(one, asked)]
        if not found:
            if len(self.denied) < DENIED:
                self.denied[self.struck.text(shown or str(asked))] += 1
            raise Denied(
                f"{shown or asked} is not granted to {self.function.name}; its owner may add that "
                f"line to `grants`"
            )
        # The narrowest one counts as used: a wider one beside it is then seen to be idle.
        self.used[str(max(found, key=_narrowness))] += 1

    def covered(self, line: str) -> bool:
        """Whether a grant covers it; nothing is counted."""
        if self._record:
            return True
        try:
            asked = grant.parse(line)
        except ConfigError:
            return False
        return any(grant.allows(one, asked) for one in self.function.grants)

    def secret(self, name: str) -> str:
        """A granted secret; from now on it is struck out of what goes to the function."""
        self.allow(f"secret:use {name}")
        value = self.world.secret(name)
        if len(value) < SHORTEST:
            raise Failed(
                f"the secret {name} has fewer than {SHORTEST} bytes; whoever runs the node must use "
                f"a longer one"
            )
        text = value.decode("latin-1")
        if not text.isascii() or not text.isprintable():
            raise Failed(
                f"the secret {name} is not printable ASCII, so it cannot stand in a header or an address"
            )
        self.struck.add(value)
        return text

    def guarded(self) -> bool:
        """Whether it has secrets: all of them are struck out from now on, also those that it does not use
        this time, as a server may have kept one from another call."""
        for one in self.function.grants:
            if one.verb == "secret:use" and one.text not in self._known:
                self._known.add(one.text)
                with contextlib.suppress(GadflyError, OSError):
                    self.struck.add(self.world.secret(one.text))
        return self.struck.used

    def moved(self, count: int) -> None:
        """Count bytes that went in or out."""
        self._bytes += count
        if self._bytes > BYTES:
            raise Failed(f"it moved more than {BYTES >> 20} MiB in one invocation")

    def chosen(self, verb: str, text: str) -> dict[str, str]:
        """The conditions of a selector. One of them is granted, and the others only narrow it."""
        parts = [one for one in re.split(r"[,\s]+", text) if one]
        found: dict[str, str] = {}
        for one in parts:
            pair = _PAIR.fullmatch(one)
            if pair is None or pair[1] in found:
                raise Denied(f'"{text[:200]}" chooses nothing; write group=web, and others behind a comma')
            found[pair[1]] = pair[2]
        if not parts or len(parts) > 5:
            raise Denied("choose by one to five of name=, group=, owner=, host=, kind=")
        for one in parts:  # each must be one that a grant could name
            try:
                grant.parse(f"{verb} {one}")
            except ConfigError as error:
                raise Denied(str(error)) from None
        if self._record:
            parts.sort(key=lambda one: _NARROW.index(one.partition("=")[0]))
        line = next((f"{verb} {one}" for one in parts if self.covered(f"{verb} {one}")), f"{verb} {parts[0]}")
        self.allow(line)
        return found

    @property
    def depth(self) -> int:
        """How many functions stand above what this one calls."""
        return self._depth + 1


_NARROW = ("name", "host", "group", "owner", "kind")
"""What chooses few comes first."""


def _narrowness(one: Grant) -> tuple[bool, int]:
    return "*" not in one.text, len(one.text)


def _read(ask: Any) -> tuple[str, str, Mapping[str, Any]]:
    if not isinstance(ask, dict):
        raise Denied("an ask is an object with verb, text and args")
    verb, text, args = ask.get("verb"), ask.get("text"), ask.get("args") or {}
    if not (isinstance(verb, str) and isinstance(text, str) and isinstance(args, dict)):
        raise Denied("an ask is an object with verb, text and args")
    return verb, text, args


def _serving(verb: str) -> Told:
    if verb.startswith("http:") and verb in grant.VERBS:
        from gadfly.functions.fetch import fetch

        return fetch
    found = _SERVES.get(verb)
    if found is None:
        raise Denied(f"{verb[:40]!r} is nothing that can be asked for")
    return found


async def _metric(broker: Broker, verb: str, text: str, _args: Mapping[str, Any]) -> Any:
    from gadfly.functions.metric_names import metric_names

    try:
        names = metric_names(text)
    except (QueryError, ValueError) as error:
        raise Failed(str(error)) from None
    for name in names:
        broker.allow(f"{verb} {name}")
    return await broker.world.metric(broker.function.name, text)


async def _components(broker: Broker, verb: str, text: str, _args: Mapping[str, Any]) -> Any:
    chosen = broker.chosen(verb, text)
    return await broker.world.components(broker.function.name, chosen)


async def _silence(broker: Broker, verb: str, text: str, args: Mapping[str, Any]) -> Any:
    chosen = broker.chosen(verb, text)
    seconds, comment = args.get("seconds"), args.get("comment")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds <= SILENCE:
        raise Failed(f"a silence has `seconds`, more than 0 and at most {SILENCE:g}")
    if not isinstance(comment, str) or not BECAUSE <= len(comment.strip()) <= 500:
        raise Failed(f"a silence has a comment of {BECAUSE} to 500 characters")
    return await broker.world.silence(broker.function.name, chosen, float(seconds), comment.strip())


async def _act(broker: Broker, verb: str, text: str, args: Mapping[str, Any]) -> Any:
    broker.allow(f"{verb} {text}")
    inputs = args.get("inputs") or {}
    if not isinstance(inputs, dict) or len(inputs) > INPUTS:
        raise Failed(f"`inputs` is an object of at most {INPUTS} texts")
    said = {str(key): str(value) for key, value in inputs.items()}
    if any(len(key) > INPUT or len(value) > INPUT for key, value in said.items()):
        raise Failed(f"an input has at most {INPUT} characters")
    return await broker.world.act(broker.function.name, text, said)


async def _invoke(broker: Broker, verb: str, text: str, args: Mapping[str, Any]) -> Any:
    broker.allow(f"{verb} {text}")
    if text == broker.function.name:
        raise Denied("a function does not call itself")
    if broker.depth > DEEP:
        raise Failed(f"more than {DEEP} functions call one another; is there a circle?")
    event = args.get("event")
    if _size(event) > ASYNC:
        raise LimitError(f"an event has at most {ASYNC} bytes")
    answer = await broker.world.invoke(broker.function.name, text, event, broker.depth)
    if _size(answer) > SYNC:
        raise LimitError(f"the answer of {text} is larger than {SYNC} bytes")
    return answer


def _size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":")))


_SERVES: Mapping[str, Told] = {
    "metric:read": _metric,
    "component:read": _components,
    "alert:silence": _silence,
    "act:request": _act,
    "function:invoke": _invoke,
}
