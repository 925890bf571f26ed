"""Pings of jobs: whose they are, how many are taken, and that each is on disk before it is answered.

Pings that wait together share one transaction, and one look at the picture. What a ping says becomes a run of
its job, as if the job were wrapped; the verdict is made from that like any other.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

import msgspec

from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import LimitError, Refused, StoreError
from gadfly.intake.ping_addresses import Addresses, Strangers
from gadfly.intake.ping_job import Job, announcement, row
from gadfly.monitor.change import Change
from gadfly.monitor.picture import Picture
from gadfly.monitor.pinged import Pinged
from gadfly.store import pinged
from gadfly.store.sqlite import Database
from gadfly.telemetry.frame import encode
from gadfly.telemetry.ping import OUTPUT, Address, Said, creates, said

log = logging.getLogger("gadfly.pings")

MINUTE = 60.0
LOOK = 30.0
"""Seconds between looks at how long the log is, and how much the outputs take."""
FOLD = 600.0
"""Seconds after which the log is folded, however short it is."""
LONG = 50_000
"""Rows of the log, or two for each job where that is more, from which it is folded at the next look: so
folding costs a ping the same, however many jobs there are, and a start reads few."""
PIECE = 2000
"""Jobs folded at a time; between two, others get their turn."""
AGAIN = 1.0
"""Seconds after which the ear is told again of a job that a ping made and that is not in the picture yet."""


class Ear(Protocol):
    """What is needed of :class:`gadfly.monitor.hearing.Hearing`."""

    @property
    def key(self) -> bytes | None: ...

    def inject(self, datagram: bytes, address: tuple[str, int]) -> None: ...


class _Group:
    """Pings that share a transaction."""

    __slots__ = ("done", "jobs", "notes", "outputs", "trouble")

    def __init__(self) -> None:
        self.jobs: dict[str, Job] = {}
        self.outputs: dict[str, bytes] = {}
        self.notes: set[str] = set()
        """Jobs of which the output is added to what is kept."""
        self.done = asyncio.Event()
        self.trouble = ""


class Pings:
    """One for each node; a part of :class:`gadfly.intake.intake.Intake`."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        picture: Picture,
        ear: Ear,
        put: Callable[[list[Change]], None],
        config: Config,
    ) -> None:
        """`put` takes changes of verdicts."""
        self._db = db
        self._clock = clock
        self._picture = picture
        self._ear = ear
        self._put = put
        self._jobs: dict[str, Job] = {}
        self._dirty: dict[str, None] = {}
        """Jobs of which the log has more than the rows."""
        self._logged = 0
        """Rows of the log since it was folded."""
        self._folded = -FOLD
        self._sizes: dict[str, int] = {}
        self._bytes = 0
        self._group = _Group()
        self._writing: asyncio.Task[None] | None = None
        self._strangers = Strangers()
        self._counts: Counter[str] = Counter()
        self._addresses = Addresses(config)
        self._read(config)

    async def recall(self) -> list[Change]:
        """Take up what was told before the node was started; the changes that this makes."""
        rows = await self._db.read(pinged.every)
        self._sizes = await self._db.read(pinged.sizes)
        self._bytes = sum(self._sizes.values())
        found = {}
        self._dirty = dict.fromkeys(rows)  # whatever stands in the log is folded once
        for name, (created, body) in rows.items():
            job = self._jobs.get(name)
            if job is None:
                if not created:
                    continue  # not declared any more, or not as one that pings
                job = self._jobs[name] = Job(name, created=True)
            job.state = msgspec.msgpack.decode(body, type=Pinged)
            found[name] = job
        return self._tell(found)

    def reconfigure(self, config: Config) -> None:
        """The configuration from now on."""
        self._addresses.read(config)
        self._read(config)

    def _read(self, config: Config) -> None:
        self._settings = config.ping
        declared, names = self._addresses.declared, self._addresses.pinging
        for name in [name for name, job in self._jobs.items() if not job.created and name not in declared]:
            del self._jobs[name]
        for name, slot in zip(names, self._picture.slots(names), strict=True):
            job = self._jobs.setdefault(name, Job(name, created=False))
            job.created, job.slot = False, slot

    # A ping. ----------------------------------------------------------------------------------------------

    def whom(self, address: Address, query: str, peer: str) -> tuple[str, Said, bool]:
        """The job that is meant, what is said of it, and whether the job is made by this.

        `peer` is the sender's address. Refused with the status and the words that Healthchecks answers: 400,
        404, 409 or 429. FormatError where the address cannot be one.
        """
        name = self._addresses.by_id(address)
        tail, created = address.tail, False
        if name is None and self._addresses.holds(address):
            name, created = self._by_slug(address.slug, creates(query))
            tail = address.key_tail
        told = said(tail, query) if name is not None else None
        if name is None or told is None:
            raise self._stranger(peer)
        job = self._jobs.get(name)
        if job is None:
            job = self._jobs[name] = Job(name, created)
        minute = int(self._clock.monotonic() // MINUTE)
        if job.minute != minute:
            job.minute, job.count = minute, 0
        job.count += 1
        if job.count > self._settings.rate:
            self._counts["rate_limited_total"] += 1
            raise Refused("rate limited", 429)
        return name, told, created

    def _by_slug(self, word: str, create: bool) -> tuple[str | None, bool]:
        if name := self._addresses.by_slug(word):
            return name, False
        if word in self._jobs:
            return word, False
        room = sum(job.created for job in self._jobs.values()) < self._settings.create if create else False
        if not room or self._picture.slot(word) is not None:
            return None, False  # something else has that name
        return word, True

    def _stranger(self, peer: str) -> Refused:
        count = self._strangers.count(peer, int(self._clock.monotonic() // MINUTE))
        if count > self._settings.strangers:
            self._counts["strangers_limited_total"] += 1
            return Refused("rate limited", 429)
        self._counts["unknown_total"] += 1
        return Refused("not found", 404)

    async def take(self, name: str, told: Said, output: bytes) -> None:
        """Returns when the ping is on disk. StoreError where the disk does not take it."""
        job = self._jobs.get(name)
        if job is None:
            raise StoreError("This job was taken out of the catalogue just now.")
        job.state.take(told, output, self._clock.wall())
        group = self._group
        group.jobs[name] = job
        if output:
            kept = group.outputs.get(name)
            # Notes of a run are one text; the whole is cut like a single one.
            group.outputs[name] = output if kept is None else kept + b"\n" + output
            if told.action == "log" and kept is None:
                group.notes.add(name)
        elif told.action in ("success", "fail"):
            group.outputs.setdefault(name, b"")
        if told.action in ("success", "fail"):
            group.notes.discard(name)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write(), name="gadfly-pings-write")
        await group.done.wait()
        if group.trouble:
            raise StoreError(group.trouble)
        self._counts["taken_total"] += 1

    async def _write(self) -> None:
        """Groups, one after the other, until none waits."""
        try:
            while self._group.jobs:
                group, self._group = self._group, _Group()
                await self._commit(group)
        finally:
            self._writing = None

    async def _commit(self, group: _Group) -> None:
        # Nothing printed where nothing is kept is not written: most jobs print nothing, and each row of a
        # large table is a page.
        outputs = {name: body for name, body in group.outputs.items() if body or self._sizes.get(name)}
        self._dirty.update(dict.fromkeys(group.jobs))
        try:
            for name in group.notes:
                if kept := await self._db.read(partial(pinged.output, component=name)):
                    outputs[name] = (kept + b"\n" + outputs[name])[-OUTPUT:]
            rows = [row(job, outputs.get(name)) for name, job in group.jobs.items()]
            await self._db.write(partial(pinged.put, rows=rows))
            self._logged += len(rows)
            for name, output in outputs.items():
                self._bytes += len(output) - self._sizes.pop(name, 0)
                self._sizes[name] = len(output)
            self._put(self._tell(group.jobs))
        except StoreError as error:
            group.trouble = str(error)
            self._counts["disk_total"] += len(group.jobs)
            log.error("pings are not taken: %s", error)
        except BaseException:
            group.trouble = "The node is stopping; ping again in a moment."
            raise
        finally:
            group.done.set()

    def _tell(self, jobs: Mapping[str, Job]) -> list[Change]:
        runs = {}
        for job in jobs.values():
            if job.slot is None or job.created:
                job.slot = self._picture.slot(job.name)
            if job.slot is None:
                if job.created:
                    self._announce(job)
            elif (run := job.state.run()) is not None:
                runs[job.slot] = run
        return self._picture.ran(runs)

    def _announce(self, job: Job) -> None:
        """Tell the ear of a job that no catalogue has: it gives it a place, and the picture its name."""
        now, run = self._clock.monotonic(), job.state.run()
        if run is None or now - job.told < AGAIN:
            return
        job.told = now
        frame = announcement(job, run, self._clock.wall())
        try:
            self._ear.inject(encode(frame, self._ear.key), ("127.0.0.1", 0))
        except LimitError:
            job.told = -math.inf  # the ear is behind; the next look tells it again

    # Beside it. -------------------------------------------------------------------------------------------

    async def output(self, name: str) -> str | None:
        """What the job printed last, as text; None where nothing is kept."""
        if name not in self._sizes:
            return None
        found = await self._db.read(partial(pinged.output, component=name))
        return None if found is None else found.decode("utf-8", "replace")

    async def forget(self, names: Sequence[str]) -> None:
        """Drop what is kept of these, as nobody knows them any more."""
        mine = [name for name in names if name in self._sizes or name in self._jobs]
        for name in mine:
            if name in self._jobs and self._jobs[name].created:
                del self._jobs[name]
            self._bytes -= self._sizes.pop(name, 0)
        if mine:
            await self._db.write(partial(pinged.forget, components=mine))

    async def run(self) -> None:
        """Keep the outputs within what they may take, and tell again what was not heard, until cancelled."""
        while True:
            await self._clock.sleep(LOOK)
            try:
                await self.look()
            except StoreError as error:
                log.error("%s", error)

    async def look(self) -> None:
        """What `run` does now and then."""
        now = self._clock.monotonic()
        if now - self._folded >= FOLD or self._logged >= max(LONG, 2 * len(self._jobs)):
            await self._fold()
            self._folded = now
        gone = []
        for name, size in self._sizes.items():
            if self._bytes <= self._settings.output_mb << 20:
                break
            gone.append(name)
            self._bytes -= size
        for name in gone:
            del self._sizes[name]
        if gone:
            self._counts["outputs_dropped_total"] += len(gone)
            await self._db.write(partial(pinged.drop_outputs, components=gone), durable=False)
        waiting = {name: job for name, job in self._jobs.items() if job.created and job.slot is None}
        self._put(self._tell(waiting))

    async def _fold(self) -> None:
        """Empty the log into the rows. A crash between loses nothing: the log is read after the rows."""
        if not self._dirty:
            return
        logged, end = self._logged, await self._db.read(pinged.end_of_log)
        names, self._dirty = list(self._dirty), {}
        try:
            for start in range(0, len(names), PIECE):
                rows = [
                    row(job, None)
                    for name in names[start : start + PIECE]
                    if (job := self._jobs.get(name)) is not None
                ]
                await self._db.write(partial(pinged.fold, rows=rows), durable=False)
            await self._db.write(partial(pinged.cut_log, end=end), durable=False)
            self._logged -= logged
        except StoreError:
            self._dirty.update(dict.fromkeys(names))
            raise

    def counts(self) -> Mapping[str, int]:
        """Told at `/metrics`."""
        return {
            "jobs": len(self._jobs),
            "created": sum(job.created for job in self._jobs.values()),
            "output_bytes": self._bytes,
            **{f"{what}_total": 0 for what in ("taken", "unknown", "rate_limited", "strangers_limited")},
            **self._counts,
        }

    def warnings(self) -> Sequence[str]:
        """What the operator should know."""
        unresolved = self._addresses.unresolved
        return [f"{len(unresolved)} secrets of pings cannot be had, {unresolved[0]}"] if unresolved else []
