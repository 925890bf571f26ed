"""The node's handle on the ear: starts it, watches it, tells it what to do, and passes on what it saw.

What must outlive an ear is held here: the members' memory and the sockets. An ear that dies is replaced
within a moment; beats that came meanwhile wait in the sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

import gadfly
from gadfly.clock import Clock
from gadfly.config import Heartbeat, Node, Preset
from gadfly.errors import ConfigError
from gadfly.monitor import sockets
from gadfly.monitor.control import (
    CHUNK,
    DESCRIPTORS,
    EVIDENCE,
    EXPECTED,
    LARGEST,
    RESTORED,
    Say,
    Settings,
    pack_restored,
)
from gadfly.monitor.index import Slots
from gadfly.monitor.members import Members, pack_address
from gadfly.monitor.news import News
from gadfly.monitor.outbound import Channel, EarGone
from gadfly.monitor.suspicion import mistakes_per_month
from gadfly.monitor.why import Why
from gadfly.secret import resolve
from gadfly.telemetry.frame import PAYLOAD, component_id, key_id

log = logging.getLogger(__name__)

AGAIN = (0.0, 0.1, 0.5, 2.0, 5.0)
"""Seconds before an ear is started again after so many short lives; the last one repeats. Who lived for a
minute comes back at once."""
STARTING = 10.0
"""Seconds until the first ear must be ready."""
ENDING = 2.0
"""Seconds an ear has to end by itself."""


class Known(Protocol):
    """A component as it was written down before the node started; :class:`gadfly.store.heard.Heard` is
    one."""

    @property
    def name(self) -> str: ...
    @property
    def card(self) -> bytes: ...
    @property
    def interval(self) -> float:
        """Seconds; 0 does not beat."""

    @property
    def last_seen(self) -> float:
        """Seconds since the epoch."""

    @property
    def liveness(self) -> int: ...
    @property
    def status(self) -> int: ...
    @property
    def incarnation(self) -> int:
        """0: not known."""


class Hearing:
    """`node` and `heartbeat` as configured; the memory is made here, everything else by :meth:`start`."""

    def __init__(self, node: Node, heartbeat: Heartbeat, clock: Clock) -> None:
        self.members = Members.create(node.components)
        self._clock = clock
        self._heartbeat = heartbeat
        self._preset: Preset = node.preset
        self._sockets: dict[sockets.Listener, socket.socket] = {}
        self._settings: Settings | None = None
        self._notice = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._news = News(self.members)
        self._noticed = asyncio.Event()
        self._ready = asyncio.Event()
        self._channel: Channel | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._configuring = asyncio.Lock()
        self._stopping = False
        self.trouble = "the ear is not running: it was not started yet"
        """Why nothing is heard, for whoever asks whether the node is well; empty while the ear runs."""

    @property
    def pid(self) -> int | None:
        """The ear's process id."""
        return self._process.pid if self._process else None

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where unicast beats may be sent, as bound (host, port)."""
        return [made.getsockname()[:2] for listener, made in self._sockets.items() if _own(listener)]

    @property
    def udp(self) -> str:
        """The first of them as text, `127.0.0.1:7170`, for programs on this host."""
        host, port = self.addresses[0]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def key(self) -> bytes | None:
        """The newest live secret; None when beats are not authenticated."""
        keys = self._settings.keys if self._settings else {}
        return next(iter(keys.values()), None)

    async def start(self) -> None:
        """Open the sockets and start the ear. Raises ConfigError for settings that cannot be had."""
        await self.reconfigure(self._heartbeat, self._preset)
        asyncio.get_running_loop().add_reader(self._notice, self._on_notice)
        self._watch = asyncio.create_task(self._keep(), name="ear")
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({ready, self._watch}, return_when=asyncio.FIRST_COMPLETED, timeout=STARTING)
        if not ready.done():
            ready.cancel()
            why = self.trouble.removeprefix("the ear is not running: ")
            await self.stop()
            raise ConfigError(f"the ear did not start: {why}; its messages are on standard error")

    async def watch(self) -> None:
        """Raise what keeping the ear running failed with: a defect, and nothing is heard from then on.

        Ends cancelled by :meth:`stop`. To be called after :meth:`start`.
        """
        assert self._watch is not None
        await asyncio.shield(self._watch)

    async def stop(self) -> None:
        """End the ear and close everything."""
        if self._stopping:
            return
        self._stopping = True
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)  # its failure is told by watch()
            asyncio.get_running_loop().remove_reader(self._notice)
        await self._end()
        for made in self._sockets.values():
            made.close()
        self._sockets.clear()
        os.close(self._notice)
        self.members.close()
        self._noticed.set()

    async def reconfigure(self, heartbeat: Heartbeat, preset: Preset) -> None:
        """Work with other settings, without a gap: sockets that stay are kept, new ones open before old
        ones close.

        Raises ConfigError, and then nothing has changed.
        """
        async with self._configuring:
            wanted = sockets.plan(
                heartbeat.groups, heartbeat.interfaces, heartbeat.bind, local=preset == "local"
            )
            if len(wanted) > DESCRIPTORS:
                raise ConfigError(f"heartbeat.groups: {DESCRIPTORS} sockets are the most")
            keys = self._keys(heartbeat.keys)
            try:
                mistakes = mistakes_per_month(heartbeat.mistakes)
            except ValueError as error:
                raise ConfigError(f"heartbeat.mistakes: {error}") from None
            opened = self._open(wanted)
            settings = Settings(
                keys,
                heartbeat.enquire,
                mistakes,
                heartbeat.enquiries,
                [_own(listener) for listener in opened],
                [(group, one.port, one.interfaces) for one in opened for group in one.groups],
            )
            old, self._sockets, self._settings = self._sockets, opened, settings
            self._heartbeat, self._preset = heartbeat, preset
            if self._ready.is_set() and self._channel is not None:
                with contextlib.suppress(EarGone):  # its successor is configured when it starts
                    await self._configure(self._channel)
            for listener, made in old.items():
                if listener not in opened:
                    made.close()

    def counters(self) -> dict[str, int]:
        """Everything counted since the node started, see :mod:`gadfly.monitor.counters`."""
        return self.members.counters.snapshot()

    async def expect(self, names: Sequence[str], intervals: Sequence[float]) -> Slots:
        """A slot for each name, made where there is none, -1 where none is left. `intervals` in seconds."""
        parts = []
        for begin in range(0, len(names), CHUNK):
            some = names[begin : begin + CHUNK]
            wanted = np.empty(len(some), EXPECTED)
            wanted["id"] = [component_id(name) for name in some]
            wanted["interval"] = np.round(np.asarray(intervals[begin : begin + CHUNK]) * 1000)
            parts.append(np.frombuffer(await self._ask(Say.expect, wanted.tobytes()), np.int64))
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    async def restore(self, rows: Sequence[Known]) -> Slots:
        """Take in what was known before the node started; who was heard meanwhile keeps what was heard.

        Those who were alive get two intervals to be heard. Returns their slots.
        """
        parts, begin = [], 0
        while begin < len(rows):
            end, room = begin, LARGEST - 1024
            while end < len(rows) and end - begin < CHUNK and room > 0:
                room -= RESTORED.itemsize + min(len(rows[end].card), PAYLOAD)
                end += 1
            end = end - 1 if room <= 0 and end - begin > 1 else end
            parts.append(await self._restore(rows[begin:end]))
            begin = end
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    async def _restore(self, rows: Sequence[Known]) -> Slots:
        cards = [row.card if len(row.card) <= PAYLOAD else b"" for row in rows]
        records = np.zeros(len(rows), RESTORED)
        for place, row in enumerate(rows):
            records[place] = (
                component_id(row.name),
                row.incarnation,
                int(row.last_seen * 1e9),
                min(round(row.interval * 1000), 0xFFFFFFFF),
                row.liveness,
                row.status,
                len(cards[place]),
            )
        return np.frombuffer(await self._ask(Say.restore, pack_restored(records, cards)), np.int64)

    async def forget(self, slots: Sequence[int] | Slots) -> None:
        """Give these slots back; the components are new ones when they are heard again."""
        for begin in range(0, len(slots), CHUNK):
            await self._ask(Say.forget, np.asarray(slots[begin : begin + CHUNK], np.uint32).tobytes())

    def evidence(self, slot: int, incarnation: int, why: Why) -> None:
        """Somebody saw this incarnation (0: whichever it is) end: `refused` by a probe, `exited` by a
        pidfd."""
        self._tell(Say.evidence, EVIDENCE.pack(slot, why, incarnation))

    def inject(self, datagram: bytes, address: tuple[str, int]) -> None:
        """Take a frame that came over HTTP from `address`. LimitError when too many are waiting."""
        self._tell(Say.inject, pack_address(address[0]) + datagram[:2048])

    async def transitions(self) -> AsyncIterator[NDArray[Any]]:
        """Batches of events (dtype EVENT), until :meth:`stop`. One reader only."""
        while not self._stopping:
            await self._noticed.wait()
            self._noticed.clear()
            while not self._stopping:
                events = self._news.read(int(self._clock.monotonic() * 1e9))
                if not len(events):
                    break
                yield events
                await asyncio.sleep(0)

    def _on_notice(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._notice)
        self._noticed.set()

    def _keys(self, references: Sequence[str]) -> dict[int, bytes]:
        if len(references) > 2:
            raise ConfigError("heartbeat.keys: two keys live at once at most; remove the oldest")
        secrets = [resolve(one) for one in references]
        if any(len(one) < 16 for one in secrets):
            raise ConfigError(
                "heartbeat.keys: a key needs 16 bytes or more; make one with: openssl rand -hex 32"
            )
        return {key_id(one): one for one in secrets}

    def _open(self, wanted: Sequence[sockets.Listener]) -> dict[sockets.Listener, socket.socket]:
        opened: dict[sockets.Listener, socket.socket] = {}
        try:
            for listener in wanted:
                made = self._sockets.get(listener) or sockets.open_listener(listener)
                if made is not None:
                    opened[listener] = made
        except ConfigError:
            for listener, made in opened.items():
                if listener not in self._sockets:
                    made.close()
            raise
        return opened

    async def _configure(self, channel: Channel) -> None:
        assert self._settings is not None
        numbers = [made.fileno() for made in self._sockets.values()]
        await channel.ask(Say.configure, self._settings.pack(), numbers)

    async def _ask(self, say: Say, body: bytes) -> bytes:
        while True:
            await self._ready.wait()
            assert self._channel is not None
            try:
                return await self._channel.ask(say, body)
            except EarGone:
                if self._stopping:
                    raise
                await asyncio.sleep(0)

    def _tell(self, say: Say, body: bytes) -> None:
        if self._channel is not None:
            with contextlib.suppress(EarGone):  # as lost as a datagram would be
                self._channel.tell(say, body)

    async def _keep(self) -> None:
        """Start the ear, and again whenever it ended or could not be started."""
        failures = 0
        while True:
            started = self._clock.monotonic()
            try:
                channel = self._start_process()
            except OSError as error:  # no process or descriptor to be had now; there may be one soon
                self.trouble = f"the ear is not running: it could not be started: {error}"
            else:
                with contextlib.suppress(EarGone):
                    await self._configure(channel)
                    self.trouble = ""
                    self._ready.set()
                    self._news.mistrust()
                    self._noticed.set()
                await asyncio.shield(channel.gone)
                self._ready.clear()
                self.trouble = "the ear is not running: it ended and is started again"
                await self._end()
            failures = 0 if self._clock.monotonic() - started > 60 else failures + 1
            log.error("%s", self.trouble, extra={"failures": failures})
            await self._clock.sleep(AGAIN[min(failures, len(AGAIN) - 1)])

    def _start_process(self) -> Channel:
        """OSError where there is no process, memory or descriptor to be had."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with contextlib.ExitStack() as undo, theirs:
            undo.callback(ours.close)
            for end in (ours, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 * LARGEST)
            numbers = (self.members.descriptor, theirs.fileno(), self._notice)
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-s", "-m", "gadfly.monitor.ear", *map(str, numbers)],
                pass_fds=numbers,
                stdin=subprocess.DEVNULL,
                env={
                    "PYTHONPATH": str(Path(gadfly.__file__).parent.parent),
                    # Threads for matrices that the ear does not have would cost it memory.
                    "OPENBLAS_NUM_THREADS": "1",
                    "OMP_NUM_THREADS": "1",
                },
                cwd="/",
            )
            self._channel = Channel(ours)
            undo.pop_all()
        return self._channel

    async def _end(self) -> None:
        """Close the channel, by which the ear ends; kill it if it does not."""
        if self._channel is not None:
            self._channel.close()
        if self._process is None:
            return
        process = self._process
        deadline = time.monotonic() + ENDING
        while process.poll() is None and time.monotonic() < deadline:  # noqa: ASYNC110  a process sets no Event
            await asyncio.sleep(0.005)
        if process.poll() is None:
            process.kill()
            process.wait()


def _own(listener: sockets.Listener) -> bool:
    """Whether enquiries can leave by it: bound to an address, not to a group."""
    return listener.groups != (listener.host,)
