"""What every probe is given: the edge (sockets, names, trust), and room for what it may keep."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import msgspec

from gadfly.clock import Clock, SystemClock
from gadfly.monitor.probe.failure import Unable
from gadfly.monitor.probe.judge import Judge
from gadfly.monitor.probe.poller import Link, Poller
from gadfly.monitor.probe.program import Programs
from gadfly.monitor.probe.resolve import Resolver
from gadfly.monitor.probe.stopwatch import Stopwatch
from gadfly.monitor.probe.tls_link import Contexts

ADDRESSES = 4
"""Addresses of one name that are tried, each with its share of the time."""
COMMANDS = 16
"""Commands that run at once: each is a process, and a node has few cores."""

T = TypeVar("T")


class Context:
    """One for a node. Made inside the event loop it is used in; :meth:`close` gives everything back."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock: Clock = clock or SystemClock()
        self.loop = asyncio.get_running_loop()
        # Not loop.time: uvloop counts it in whole milliseconds, once a pass. Its origin is the same.
        self.now = time.monotonic
        self.poller = Poller()
        self.resolver = Resolver()
        self.trust = Contexts()
        self.judge = Judge()
        self.programs = Programs()
        self.commands = asyncio.Semaphore(COMMANDS)
        self._plans: dict[int, tuple[msgspec.Struct, object]] = {}

    def plan(self, spec: msgspec.Struct, make: Callable[..., T]) -> T:
        """What ``make(spec)`` prepared for this very spec: parsed once, not at each enquiry.

        :raises Unable: if ``make`` finds (ValueError, re.error) that the spec cannot be used.
        """
        kept = self._plans.get(id(spec))
        if kept is None:
            try:
                kept = self._plans[id(spec)] = (spec, make(spec))
            except (ValueError, re.error) as error:
                raise Unable(str(error)) from None
        return kept[1]  # type: ignore[return-value]

    def forget(self) -> None:
        """After a reload: prepare everything anew, close kept connections, read certificates again."""
        for _, plan in self._plans.values():
            close = getattr(plan, "close", None)
            if close is not None:
                close()
        self._plans.clear()
        self.trust.clear()

    async def connect(
        self, host: str, port: int, watch: Stopwatch, deadline: float, kind: int = socket.SOCK_STREAM
    ) -> Link:
        """A link connected to one of the host's addresses, tried in the system's order.

        :raises OSError: the first address's error, when none took the connection.
        """
        places = self.resolver.known(host)
        if places is None:
            places = await self.resolver.find(host, deadline)
        watch.start("connect")
        first: OSError | None = None
        places = places[:ADDRESSES]
        for left, place in zip(range(len(places), 0, -1), places, strict=True):
            now = self.now()
            try:
                link = self.poller.open(place.family, kind, now + (deadline - now) / left)
                try:
                    await link.connect(place.at(port))
                except BaseException:
                    link.close()
                    raise
            except OSError as error:
                first = first or error
                continue
            if left > 1:
                link.renew(deadline)
            return link
        raise first or OSError(os.strerror(0))

    async def close(self) -> None:
        self.forget()
        self.poller.close()
        self.resolver.close()
        self.programs.close()
        with suppress(ProcessLookupError):
            await self.judge.close()
