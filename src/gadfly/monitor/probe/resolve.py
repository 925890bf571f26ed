"""Names to numeric addresses, without letting one slow name server hold up everything.

Addresses written as numbers cost nothing. Names are asked of the system (``/etc/hosts``, ``resolv.conf``)
in threads of our own: the event loop's few threads belong to everybody. A name that is being asked is asked
once, however many probes wait for it, and its answer is kept for :data:`KEEP` seconds, so that fifty checks
of one host are one question but a change of address is seen at the next enquiry.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

KEEP = 5.0
THREADS = 32
MOST = 4096


class Place(NamedTuple):
    """Where to connect: a family and what ``socket.connect`` takes, without the port."""

    family: int
    host: str
    scope: int = 0

    def at(self, port: int) -> tuple[str, int] | tuple[str, int, int, int]:
        return (self.host, port) if self.family == socket.AF_INET else (self.host, port, 0, self.scope)


def literal(host: str) -> Place | None:
    """The place that a numeric address names; None for a name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    if address.version == 4:
        return Place(socket.AF_INET, str(address))
    scope = 0
    if address.scope_id:
        with contextlib.suppress(OSError):
            scope = (
                int(address.scope_id)
                if address.scope_id.isdigit()
                else socket.if_nametoindex(address.scope_id)
            )
    return Place(socket.AF_INET6, str(address).partition("%")[0], scope)


class Resolver:
    """Asks the system for addresses."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None
        self._known: dict[str, tuple[float, tuple[Place, ...]]] = {}
        self._literals: dict[str, Place] = {}
        self._asked: dict[str, asyncio.Future[tuple[Place, ...]]] = {}

    def known(self, host: str) -> tuple[Place, ...] | None:
        """The places of a numeric address, or of a name asked a moment ago; None: await :meth:`find`."""
        place = self._literals.get(host)
        if place is not None:
            return (place,)
        place = literal(host)
        if place is not None:
            if len(self._literals) >= MOST:
                self._literals.clear()
            self._literals[host] = place
            return (place,)
        kept = self._known.get(host)
        return kept[1] if kept and kept[0] > asyncio.get_running_loop().time() else None

    async def find(self, host: str, deadline: float) -> tuple[Place, ...]:
        """The places of ``host``, the system's preference first; ``deadline`` in loop time.

        :raises OSError: :class:`socket.gaierror` from the system, or :class:`TimeoutError`.
        """
        places = self.known(host)
        if places is not None:
            return places
        asked = self._asked.get(host)
        if asked is None:
            loop = asyncio.get_running_loop()
            if self._threads is None:
                self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="resolve")
            asked = self._asked[host] = loop.run_in_executor(self._threads, _ask, host)
            asked.add_done_callback(lambda future: self._keep(host, future))
        async with asyncio.timeout_at(deadline):
            return await asyncio.shield(asked)

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _keep(self, host: str, future: asyncio.Future[tuple[Place, ...]]) -> None:
        self._asked.pop(host, None)
        if future.cancelled() or future.exception() is not None:
            return
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[host] = (asyncio.get_running_loop().time() + KEEP, future.result())


def _ask(host: str) -> tuple[Place, ...]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    places = [
        Place(family, str(address[0]).partition("%")[0], int(address[3]) if len(address) > 3 else 0)
        for family, _, _, _, address in found
        if family in (socket.AF_INET, socket.AF_INET6)
    ]
    if not places:
        raise socket.gaierror(socket.EAI_NONAME, os.strerror(0))
    return tuple(dict.fromkeys(places))
