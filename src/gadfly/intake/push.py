"""Metrics that jobs push, as to Prometheus' Pushgateway: kept until deleted, said again at every interval.

A group is what one path names. It is on disk before a push is acknowledged, and its values are samples of the
node's series a second later and at every interval from then on, until somebody deletes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import FormatError, LimitError, StoreError
from gadfly.intake.target_series import Columns, join
from gadfly.promql.source import STALE, Metadata
from gadfly.store import pushed
from gadfly.store.sqlite import Database
from gadfly.telemetry import push
from gadfly.telemetry.push import Family

if TYPE_CHECKING:
    from gadfly.store.series import Series  # it brings DuckDB; the node is up before that is loaded

log = logging.getLogger("gadfly.push")

SOURCE = "push"
FILLED = ("series", "series_per_source")
"""Reasons of the store that are over when series have ended; others hold for ever."""
JOBS = 1_024
"""Jobs that are a source of their own in the store; more are one together."""
SOON = 1.0
"""Seconds after which what was pushed is a sample."""
PIECE = 500
"""Groups that are said at a time; between two, others get their turn."""
TURNS = 256
"""Pushes of one group follow each other; those of different ones share a commit."""
LARGE = 65_536
"""Bytes from which on they are read in a thread."""
MANY = 1_000
"""Samples of a group from which on it is written in a thread."""
SAMPLE = 256
"""What a sample weighs beside the characters of its labels: about its bytes in memory."""
HEAVIEST = 64_000_000
"""What a group may weigh: that of 100,000 samples with the labels that most have is half of it."""
ALL = 512_000_000
"""What all groups may weigh together."""

Key = tuple[tuple[str, str], ...]


class Group(msgspec.Struct):
    """As it is kept on disk."""

    labels: dict[str, str]
    families: dict[str, Family]
    pushed_at: float = 0.0
    """Wall seconds of the last push that was taken; 0: none was."""
    failed_at: float = 0.0
    """Of the last one that was not."""


class Pushes:
    """A part of the intake; the web hands it what was pushed."""

    def __init__(
        self, config: Config, clock: Clock, db: Database, store: Callable[[], Series | None]
    ) -> None:
        self._settings = config.push
        self._clock = clock
        self._db = db
        self._store = store
        self._groups: dict[Key, Group] = {}
        self._numbers: dict[Key, Columns] = {}
        """What each group says, with the time left out."""
        self._weights: dict[Key, int] = {}
        self._weight = 0
        """Of all, those that are being written among them."""
        self._dirty: set[Key] = set()
        self._ended: list[Columns] = []
        self._counts: Counter[str] = Counter()
        self._unkept = ""
        """The last reason for which series of a group that was taken are not kept."""
        self._jobs: set[str] = set()
        self._open = asyncio.Event()
        self._turns = [asyncio.Lock() for _ in range(TURNS)]

    async def run(self) -> None:
        """Say what was pushed, until cancelled."""
        for body in await self._db.read(pushed.every):
            try:
                read = partial(msgspec.msgpack.decode, body, type=Group)
                group = await asyncio.to_thread(read) if len(body) > LARGE else read()
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                log.error("a group that was pushed cannot be read and is left out: %s", error)
                continue
            key = _key(group.labels)
            self._groups[key] = group
            self._weigh(key, _weight(group))
        self._open.set()
        said = -self._settings.every
        refused = False
        while True:
            if (store := self._store()) is not None:
                now = self._clock.monotonic()
                everything = now - said >= self._settings.every - SOON / 2
                if everything:
                    said = now
                if everything or self._dirty or (self._ended and not refused):
                    try:
                        await self._say(store, list(self._groups) if everything else list(self._dirty))
                        refused = False
                    except StoreError as error:
                        refused = True
                        log.error("what was pushed is not among the series at the moment: %s", error)
            await self._clock.sleep(SOON)

    def reconfigure(self, config: Config) -> None:
        """The configuration from now on."""
        self._settings = config.push

    def counts(self) -> Mapping[str, int]:
        """Groups, and what became of pushes."""
        what = ("pushes", "refused", "deleted", "unkept_series")
        return {"groups": len(self._groups), **{f"{one}_total": self._counts[one] for one in what}}

    def warnings(self) -> Sequence[str]:
        """What pushers believe to be kept and is not."""
        if count := self._counts["unkept_series"]:
            return [f"{count:,} series that were pushed are not kept; the last: {self._unkept}"]
        return []

    async def push(self, path: str, body: bytes, *, replace: bool) -> None:
        """Take a push; on disk when it returns. `replace`: all of the group (PUT), else the families of the
        same names (POST). FormatError: not taken, and never will be. LimitError: not taken, for want of room.
        StoreError: try again."""
        labels = push.grouping(path)
        await self._ready()
        key = _key(labels)
        async with self._turns[hash(key) % TURNS]:
            before = self._groups.get(key)
            if before is None and len(self._groups) >= self._settings.groups:
                self._counts["refused"] += 1
                raise LimitError(
                    f"{len(self._groups):,} groups are kept already; delete some, or raise push.groups."
                )
            now = self._clock.wall()
            try:
                if len(body) > LARGE:
                    families = await asyncio.to_thread(push.families, body, labels)
                else:
                    families = push.families(body, labels)
            except FormatError:
                self._counts["refused"] += 1
                failed = Group(labels, {}) if before is None else before
                await self._keep(key, msgspec.structs.replace(failed, failed_at=now))
                raise
            kept = {} if replace or before is None else before.families
            group = Group(labels, {**kept, **families}, now, 0.0 if before is None else before.failed_at)
            await self._keep(key, group)
            self._counts["pushes"] += 1

    async def delete(self, path: str) -> None:
        """Let go of a group; nothing of it is on disk when it returns."""
        key = _key(push.grouping(path))
        await self._ready()
        async with self._turns[hash(key) % TURNS]:
            if key not in self._groups:
                return
            await self._db.write(partial(pushed.drop, key=_written(key)))
            del self._groups[key]
            self._weigh(key, 0)
            self._dirty.discard(key)
            self._end(self._numbers.pop(key, None), ())
            self._counts["deleted"] += 1

    async def _ready(self) -> None:
        if not self._open.is_set():
            raise StoreError("What was pushed before is still being read; push again in a moment.")

    async def _keep(self, key: Key, group: Group) -> None:
        large = sum(len(family.samples) for family in group.families.values()) > MANY
        weight = await asyncio.to_thread(_weight, group) if large else _weight(group)
        before = self._weights.get(key, 0)
        if weight > before and (weight > HEAVIEST or self._weight - before + weight > ALL):
            self._counts["refused"] += 1
            raise LimitError(
                "This group would be too large: push less to it, or to several."
                if weight > HEAVIEST
                else "All groups together would be too large; delete some, or push less."
            )
        self._weigh(key, weight)
        try:
            admit = partial(self._admit, group, self._source(group))
            await asyncio.to_thread(admit) if large else admit()
            write = partial(msgspec.msgpack.encode, group)
            body = await asyncio.to_thread(write) if large else write()
            await self._db.write(partial(pushed.put, key=_written(key), body=body))
        except BaseException:
            self._weigh(key, before)
            raise
        self._groups[key] = group
        self._dirty.add(key)

    def _admit(self, group: Group, source: str) -> None:
        """LimitError where an open store has no room for all of its series, FormatError where it takes one of
        them from no push. In any thread."""
        if (store := self._store()) is None:
            return
        _, refusals = store.intern([labels for labels, _ in _samples(group)], source)
        if refusals:
            self._counts["refused"] += 1
            soon = all(one.reason in FILLED for one in refusals)
            error = LimitError if soon else FormatError
            raise error(f"Nothing of this push is kept. Series: {'; '.join(map(str, refusals))}.")

    def _source(self, group: Group) -> str:
        job = group.labels["job"]
        if len(self._jobs) < JOBS:
            self._jobs.add(job)
        return f"{SOURCE}:{job}" if job in self._jobs else SOURCE

    def _weigh(self, key: Key, weight: int) -> None:
        self._weight += weight - self._weights.pop(key, 0)
        if weight:
            self._weights[key] = weight

    def _end(self, before: Columns | None, now: Sequence[int]) -> None:
        """Series of before that are not among those of now end."""
        if before is not None:
            gone = np.setdiff1d(before.series, np.array(now, np.int64))
            self._ended.append(Columns(gone, np.zeros(len(gone), np.int64), np.full(len(gone), STALE)))

    async def _say(self, store: Series, keys: Sequence[Key]) -> None:
        at = round(self._clock.wall() * 1000)
        parts: list[Columns] = []
        for count, key in enumerate(keys):
            if key in self._dirty and key in self._groups:
                self._dirty.discard(key)
                columns = self._named(store, self._groups[key])
                self._end(self._numbers.get(key), columns.series.tolist())
                self._numbers[key] = columns
            elif key not in self._numbers and key in self._groups:
                self._numbers[key] = self._named(store, self._groups[key])
            if key in self._numbers:
                parts.append(self._numbers[key])
            if count % PIECE == PIECE - 1:
                await asyncio.sleep(0)
        whole = join(parts)
        gone = join(self._ended)
        # What was pushed again meanwhile has not ended.
        ended = ~np.isin(gone.series, whole.series)
        gone = Columns(gone.series[ended], gone.at[ended], gone.value[ended])
        self._ended = []
        try:
            await self._append(store, join([whole, gone]), at)
        except StoreError:
            self._ended.append(gone)
            raise

    async def _append(self, store: Series, whole: Columns, at: int) -> None:
        from gadfly.store.series import Batch

        for start in range(0, len(whole.series), 500_000):
            place = slice(start, start + 500_000)
            series = whole.series[place]
            taken = await store.append(
                Batch(series, np.full(len(series), at, np.int64), whole.value[place]), SOURCE
            )
            if any(one.reason == "unknown_series" for one in taken.refused):
                self._numbers.clear()

    def _named(self, store: Series, group: Group) -> Columns:
        samples = _samples(group)
        numbers, refusals = store.intern([labels for labels, _ in samples], self._source(group))
        for refusal in refusals:
            if not self._counts["unkept_series"]:
                log.warning("pushed: %s", refusal)
            self._counts["unkept_series"] += refusal.number
            self._unkept = str(refusal)
        for name, family in group.families.items():
            try:
                store.describe(name, Metadata(family.kind, family.help, ""))
            except LimitError:
                self._counts["undescribed"] += 1
        value = np.array([value for _, value in samples], np.float64)
        real = numbers >= 0
        return Columns(numbers[real], np.zeros(int(real.sum()), np.int64), value[real])


def _key(labels: Mapping[str, str]) -> Key:
    return tuple(sorted((name, value) for name, value in labels.items() if value))


def _written(key: Key) -> bytes:
    return msgspec.json.encode(key)


def _samples(group: Group) -> list[tuple[dict[str, str], float]]:
    """All that is said of it, its own two series among them."""
    own = [
        ({"__name__": name, **group.labels}, when)
        for name, when in zip(push.OWN, (group.pushed_at, group.failed_at), strict=True)
    ]
    return [one for family in group.families.values() for one in family.samples] + own


def _weight(group: Group) -> int:
    """About its bytes in memory, its own two series among them."""
    labels = [group.labels, group.labels]
    labels += [own for family in group.families.values() for own, _ in family.samples]
    return sum(len(family.help) for family in group.families.values()) + sum(
        SAMPLE + sum(len(name) + len(text) for name, text in one.items()) for one in labels
    )
