"""Syslog by UDP and TCP.

Datagrams are taken in bulk and refused where there is no room for their lines. A connection is read only as
fast as its lines can be kept: its sender waits, and nothing is lost.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial

from gadfly import address
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.intake.logs import Logs
from gadfly.intake.renewed import renewed
from gadfly.intake.seats import Seats
from gadfly.monitor.sockets import drops
from gadfly.store.logs import Line
from gadfly.telemetry.syslog import FACILITIES, parse
from gadfly.telemetry.syslog_framing import Framing

log = logging.getLogger("gadfly.logs")

SOURCE = "syslog"
LARGEST = 65_535
"""Bytes of a datagram."""
AT_ONCE = 500
"""Datagrams that are taken before others get their turn."""
READ = 65_536
BUFFER = 8 << 20
"""Bytes of datagrams that the kernel may hold for us; it gives what it allows."""
RETRY = 5.0


class Syslog:
    """All addresses that are listened at; a part of the intake."""

    def __init__(self, logs: Logs, clock: Clock, config: Config) -> None:
        self._logs = logs
        self._clock = clock
        self._config = config
        self._changed = asyncio.Event()
        self._counts: Counter[str] = Counter()
        self._trouble: dict[str, str] = {}
        self._seats = Seats()
        self._dropped: dict[int, int] = {}
        """By the descriptor of an open socket, what the kernel dropped of its datagrams."""

    async def run(self) -> None:
        """Listen until cancelled."""
        await renewed(self._changed, self._listen)

    def reconfigure(self, config: Config) -> None:
        """Sockets are opened anew only where something changed that they were opened for."""
        old, new = self._config.logs, config.logs
        self._config = config
        if (old.syslog_udp, old.syslog_tcp, old.line_bytes) != (
            new.syslog_udp,
            new.syslog_tcp,
            new.line_bytes,
        ):
            self._changed.set()

    def counts(self) -> Mapping[str, int]:
        """For `/metrics`."""
        names = ("datagrams_total", "accepted_total", "too_many_connections_total", "idle_total", "cut_total")
        return {
            **{name: self._counts[name] for name in names},
            "kernel_drops_total": self._lost(),
            "connections": self._seats.taken,
        }

    def warnings(self) -> Sequence[str]:
        """Addresses that cannot be listened at, and lines that did not come in."""
        found = list(self._trouble.values())
        if words := self._seats.words("syslog by TCP"):
            found.append(words)
        if dropped := self._lost():
            found.append(
                f"the kernel dropped {dropped:,} datagrams of syslog, as they came faster than they were "
                "read; raise net.core.rmem_max, or let senders use TCP"
            )
        return found

    def _lost(self) -> int:
        """Datagrams that the kernel dropped, of sockets that are open and of those that were."""
        return self._counts["closed_drops"] + sum(self._dropped.values())

    async def _listen(self) -> None:
        settings = self._config.logs
        self._trouble.clear()
        async with asyncio.TaskGroup() as group:
            for where in settings.syslog_udp:
                group.create_task(self._udp(where))
            for where in settings.syslog_tcp:
                group.create_task(self._tcp(where))

    # Datagrams.

    async def _udp(self, where: str) -> None:
        endpoint = await self._bound(where, socket.SOCK_DGRAM)
        ready = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(endpoint, ready.set)
        try:
            while True:
                await ready.wait()
                ready.clear()
                if self._receive(endpoint):
                    ready.set()
                    await asyncio.sleep(0)
        finally:
            loop.remove_reader(endpoint)
            self._counts["closed_drops"] += self._dropped.pop(endpoint.fileno(), 0)
            endpoint.close()

    def _receive(self, endpoint: socket.socket) -> bool:
        """Take what waits; whether more may wait."""
        now = self._clock.wall()
        lines = []
        try:
            for _ in range(AT_ONCE):
                data, peer = endpoint.recvfrom(LARGEST)
                lines.append(line_of(data, str(peer[0]), now))
        except BlockingIOError:
            pass
        except OSError as error:
            log.warning("syslog: %s", error)
        self._counts["datagrams_total"] += len(lines)
        self._logs.take(lines)
        self._dropped[endpoint.fileno()] = drops(endpoint)
        return len(lines) == AT_ONCE

    # Connections.

    async def _tcp(self, where: str) -> None:
        endpoint = await self._bound(where, socket.SOCK_STREAM)
        tasks: set[asyncio.Task[None]] = set()

        def ended(task: asyncio.Task[None], writer: asyncio.StreamWriter, peer: str) -> None:
            # Not in the task: one that is cancelled before its first step does nothing at all.
            tasks.discard(task)
            self._seats.leave(peer)
            writer.close()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            peer = str((writer.get_extra_info("peername") or ("",))[0])
            if not self._seats.take(peer, self._config.logs.connections):
                self._counts["too_many_connections_total"] += 1
                writer.close()
                return
            self._counts["accepted_total"] += 1
            task = asyncio.ensure_future(self._read(reader, writer))
            tasks.add(task)
            task.add_done_callback(partial(ended, writer=writer, peer=peer))

        server = await asyncio.start_server(connected, sock=endpoint, limit=READ)
        try:
            await server.serve_forever()
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            if tasks:
                await asyncio.wait(tasks)
                await asyncio.sleep(0)  # the transports close in the next round

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        settings = self._config.logs
        framing = Framing(settings.line_bytes)
        peer = str((writer.get_extra_info("peername") or ("",))[0])
        cut = 0
        try:
            while True:
                async with asyncio.timeout(settings.idle):
                    data = await reader.read(READ)
                if not data:
                    break
                await self._take(list(framing.feed(data)), peer)
                self._counts["cut_total"] += framing.cut - cut
                cut = framing.cut
            if rest := framing.end():
                await self._take([rest], peer)
        except TimeoutError:
            self._counts["idle_total"] += 1
        except OSError as error:
            log.info("syslog from %s: %s", peer, error)

    async def _take(self, messages: Sequence[bytes], peer: str) -> None:
        now = self._clock.wall()
        if lines := [line_of(message, peer, now) for message in messages if message.strip()]:
            await self._logs.feed(lines, {}, sender=peer)

    async def _bound(self, where: str, kind: socket.SocketKind) -> socket.socket:
        while True:
            try:
                found = _bind(where, kind)
            except OSError as error:
                word = "UDP" if kind == socket.SOCK_DGRAM else "TCP"
                text = (
                    f"syslog by {word} cannot listen at {where}: {error.strerror or error}; choose another "
                    "address, or end what uses it"
                )
                if self._trouble.get(f"{word} {where}") != text:
                    log.error("%s", text)
                self._trouble[f"{word} {where}"] = text
                await self._clock.sleep(RETRY)
                continue
            self._trouble.pop(f"{'UDP' if kind == socket.SOCK_DGRAM else 'TCP'} {where}", None)
            return found


def line_of(data: bytes, peer: str, now: float) -> Line:
    """A message as a line. Where it does not say who or when, it is the peer, and now."""
    found = parse(data, now)
    fields = {"facility": FACILITIES[found.facility], "peer": peer, **found.fields}
    at = now if found.at is None else found.at
    return Line(at, SOURCE, found.host or peer, found.unit, found.severity, found.text, fields)


def _bind(where: str, kind: socket.SocketKind) -> socket.socket:
    host, port = address.split(where)
    family, _, _, _, place = socket.getaddrinfo(
        host, port, type=kind, flags=socket.AI_PASSIVE | socket.AI_NUMERICHOST
    )[0]
    found = socket.socket(family, kind | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        if kind == socket.SOCK_STREAM:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        else:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        if family == socket.AF_INET6:
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        found.bind(place)
    except BaseException:
        found.close()
        raise
    return found
