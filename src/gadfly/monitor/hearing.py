"""The node's handle on the ear: starts it, watches it, tells it what to do, and passes on what it saw.

What must outlive an ear is held here: the members' memory and the sockets. An ear that dies is replaced
within a moment; beats that came meanwhile wait in the sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Container, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gadfly.clock import Clock
from gadfly.config.heartbeat import Heartbeat
from gadfly.config.node import Node, Preset
from gadfly.errors import ConfigError
from gadfly.monitor import known, listeners, sockets
from gadfly.monitor.control import CHUNK, DESCRIPTORS, EVIDENCE, EXPECTED, Say, Settings
from gadfly.monitor.ear_process import EarProcess
from gadfly.monitor.index import Slots
from gadfly.monitor.members import Members, pack_address
from gadfly.monitor.news import News
from gadfly.monitor.outbound import Channel, EarGone
from gadfly.monitor.suspicion import mistakes_per_month
from gadfly.monitor.why import Why
from gadfly.secret import resolve
from gadfly.telemetry.frame import component_id, key_id

log = logging.getLogger(__name__)

AGAIN = (0.0, 0.1, 0.5, 2.0, 5.0)
"""Seconds before an ear is started again after so many short lives; the last one repeats. Who lived for a
minute comes back at once."""
STARTING = 10.0
"""Seconds until the first ear must be ready."""
LOOK = 3.0
"""Seconds between two looks at the machine's interfaces: one that comes up is heard on within so long."""


class Hearing:
    """`node` and `heartbeat` as configured; the memory is made here, everything else by :meth:`start`."""

    def __init__(self, node: Node, heartbeat: Heartbeat, clock: Clock) -> None:
        self.members = Members.create(node.components)
        self._clock = clock
        self._heartbeat = heartbeat
        self._preset: Preset = node.preset
        self._open: list[listeners.Open] = []
        self._settings: Settings | None = None
        self._notice = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._news = News(self.members)
        self._noticed = asyncio.Event()
        self._ready = asyncio.Event()
        self._ear: EarProcess | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._configuring = asyncio.Lock()
        self._stopping = False
        self.trouble = "the ear is not running: it was not started yet"
        """Why nothing is heard, for whoever asks whether the node is well; empty while the ear runs."""

    @property
    def pid(self) -> int | None:
        """The ear's process id."""
        return self._ear.pid if self._ear else None

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where unicast beats may be sent, as bound (host, port)."""
        return [one.made.getsockname()[:2] for one in self._open if one.listener.own]

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
        keeping = asyncio.create_task(self._keep(), name="ear")
        self._tasks = [keeping, asyncio.create_task(self._follow_interfaces(), name="interfaces")]
        ready = asyncio.create_task(self._ready.wait())
        await asyncio.wait({ready, keeping}, return_when=asyncio.FIRST_COMPLETED, timeout=STARTING)
        if not ready.done():
            ready.cancel()
            why = self.trouble.removeprefix("the ear is not running: ")
            await self.stop()
            raise ConfigError(f"the ear did not start: {why}; its messages are on standard error")

    async def watch(self) -> None:
        """Raise what hearing failed with: a defect, and what is heard is not to be relied on from then on.

        Ends cancelled by :meth:`stop`. To be called after :meth:`start`.
        """
        ended, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for one in ended:
            one.result()

    async def stop(self) -> None:
        """End the ear and close everything."""
        if self._stopping:
            return
        self._stopping = True
        if self._tasks:
            for one in self._tasks:
                one.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)  # a failure is told by watch()
            asyncio.get_running_loop().remove_reader(self._notice)
        if self._ear is not None:
            await self._ear.end()
        listeners.release(self._open, ())
        self._open = []
        os.close(self._notice)
        self.members.close()
        self._noticed.set()

    async def reconfigure(self, heartbeat: Heartbeat, preset: Preset) -> None:
        """Work with other settings, without a gap: sockets that stay are kept, new ones open before old
        ones close.

        Raises ConfigError, and then nothing has changed.
        """
        async with self._configuring:
            wanted = _plan(heartbeat, preset)
            if len(wanted) > DESCRIPTORS:
                raise ConfigError(f"heartbeat.groups: {DESCRIPTORS} sockets are the most")
            keys = self._keys(heartbeat.keys)
            try:
                mistakes = mistakes_per_month(heartbeat.mistakes)
            except ValueError as error:
                raise ConfigError(f"heartbeat.mistakes: {error}") from None
            opened = listeners.change(self._open, wanted)
            self._settings = Settings(keys, heartbeat.enquire, mistakes, heartbeat.enquiries, (), ())
            self._heartbeat, self._preset = heartbeat, preset
            await self._listen_by(opened)

    async def _listen_by(self, opened: list[listeners.Open]) -> None:
        """Tell the ear, and only then give up what is not wanted any more."""
        assert self._settings is not None
        old, self._open = self._open, opened
        self._settings = self._settings._replace(
            unicast=[one.listener.own for one in opened],
            groups=[
                (group, one.listener.port, one.indexes(group))
                for one in opened
                for group in one.listener.groups
            ],
        )
        listeners.hand_over(old, opened)
        try:
            if self._ready.is_set() and self._ear is not None:
                with contextlib.suppress(EarGone):  # its successor is configured when it starts
                    await self._configure(self._ear.channel)
        finally:
            listeners.release(old, opened)

    async def _follow_interfaces(self) -> None:
        """Hear the groups on interfaces that come up or are made anew, and let go of those that went."""
        while True:
            await self._clock.sleep(LOOK)
            async with self._configuring:
                try:
                    wanted = _plan(self._heartbeat, self._preset, missing=True)
                except OSError:  # no descriptor to look with; there may be one at the next look
                    continue
                opened = listeners.rejoin(self._open, wanted)
                if said := listeners.difference(self._open, opened):
                    log.info("interfaces changed: groups are %s", said)
                    await self._listen_by(opened)

    def counters(self) -> dict[str, int]:
        """Everything counted since the node started, see :mod:`gadfly.monitor.counters`."""
        return self.members.counters.snapshot()

    async def expect(
        self, names: Sequence[str], intervals: Sequence[float], own: Container[str] = ()
    ) -> Slots:
        """A slot for each name, made where there is none, -1 where none is left. `intervals` in seconds.

        Of those in `own` the node itself tells: nothing that is heard in their names is taken.
        """
        parts = []
        for begin in range(0, len(names), CHUNK):
            some = names[begin : begin + CHUNK]
            wanted = np.empty(len(some), EXPECTED)
            wanted["id"] = [component_id(name) for name in some]
            wanted["interval"] = np.round(np.asarray(intervals[begin : begin + CHUNK]) * 1000)
            wanted["own"] = [name in own for name in some]
            parts.append(np.frombuffer(await self._ask(Say.expect, wanted.tobytes()), np.int64))
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    async def restore(self, rows: Sequence[known.Known]) -> Slots:
        """Take in what was known before the node started; who was heard meanwhile keeps what was heard.

        Those who were alive get two intervals to be heard. Returns their slots.
        """
        parts = [np.frombuffer(await self._ask(Say.restore, body), np.int64) for body in known.messages(rows)]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

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

    async def _configure(self, channel: Channel) -> None:
        assert self._settings is not None
        numbers = [one.made.fileno() for one in self._open]
        await channel.ask(Say.configure, self._settings.pack(), numbers)

    async def _ask(self, say: Say, body: bytes) -> bytes:
        while True:
            await self._ready.wait()
            assert self._ear is not None
            try:
                return await self._ear.channel.ask(say, body)
            except EarGone:
                if self._stopping:
                    raise
                await asyncio.sleep(0)

    def _tell(self, say: Say, body: bytes) -> None:
        if self._ear is not None:
            with contextlib.suppress(EarGone):  # as lost as a datagram would be
                self._ear.channel.tell(say, body)

    async def _keep(self) -> None:
        """Start the ear, and again whenever it ended or could not be started."""
        failures = 0
        while True:
            started = self._clock.monotonic()
            try:
                ear = self._ear = EarProcess.start(self.members.descriptor, self._notice)
            except OSError as error:  # no process or descriptor to be had now; there may be one soon
                self.trouble = f"the ear is not running: it could not be started: {error}"
            else:
                with contextlib.suppress(EarGone):
                    configured = None
                    while configured is not self._settings:  # they may change while the ear takes them
                        configured = self._settings
                        await self._configure(ear.channel)
                    self.trouble = ""
                    self._ready.set()
                    self._news.mistrust()
                    self._noticed.set()
                await asyncio.shield(ear.channel.gone)
                self._ready.clear()
                self.trouble = "the ear is not running: it ended and is started again"
                await ear.end()
            failures = 0 if self._clock.monotonic() - started > 60 else failures + 1
            log.error("%s", self.trouble, extra={"failures": failures})
            await self._clock.sleep(AGAIN[min(failures, len(AGAIN) - 1)])


def _plan(heartbeat: Heartbeat, preset: Preset, *, missing: bool = False) -> tuple[sockets.Listener, ...]:
    return sockets.plan(
        heartbeat.groups, heartbeat.interfaces, heartbeat.bind, local=preset == "local", missing=missing
    )
