"""The store of lines: written by one thread, read by any.

A batch is a frame of the newest segment, synced before its lines count. A segment that is full or old
becomes one block and is removed; when a crash comes between, the block wins. Marks (where a sender is) are
synced with the lines they go with, and outlive their segment in a file of their own, written before it goes.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from gadfly.config.logs import Logs as Settings
from gadfly.config.series import Series as DuckDB
from gadfly.errors import StoreError
from gadfly.store.logs import block as blocks
from gadfly.store.logs.block import Block
from gadfly.store.logs.dropped import Dropped
from gadfly.store.logs.frame import Row, pack
from gadfly.store.logs.query import Page, Query, Sieve
from gadfly.store.logs.search import search
from gadfly.store.logs.segment import Segment
from gadfly.store.series.engine import Engine
from gadfly.store.series.engine import damage as is_damage
from gadfly.store.series.journal import sync_folder

log = logging.getLogger("gadfly.logs")

FULL = 48_000_000
"""Bytes after which a segment becomes a block: read back in a second at the start."""
AGE = 3600.0
"""Seconds after which it does so however small it is."""
PATIENCE = 4.0
"""Seconds that one page is searched for; then it says how far it came."""
MARKS = 10_000
"""Places of senders that are remembered; the oldest are forgotten first."""


class LogStore:
    """One for each node. Every method may block; `open`, `append`, `upkeep` and `close` in one thread."""

    def __init__(self, folder: Path, settings: Settings, patience: float = PATIENCE) -> None:
        self.folder = folder
        self.settings = settings
        self.marks: Mapping[str, str] = {}
        """Where senders are; never changed, only replaced, so that any thread may read it."""
        self._patience = patience
        self._engine = Engine(folder, DuckDB(memory_mb=settings.memory_mb))
        self._lock = threading.Lock()
        self._blocks: list[Block] = []
        self._segments: list[Segment] = []
        self._dropped = Dropped(folder)
        self._closed = True
        self._last = 0
        self._handle = -1

    def open(self) -> None:
        """Find what there is. StoreError where the folder cannot be used, or another process uses it."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            (self.folder / "block.new").unlink(missing_ok=True)
            found = filter(None, map(Block.at, sorted(self.folder.glob("lines-*.parquet"))))
            self._blocks = sorted(found, key=lambda one: one.first)
            self._dropped.open({one.last for one in self._blocks})
            self._last = max((one.last for one in self._blocks), default=self._dropped.last)
            self.marks = self._read_marks()
            for path in sorted(self.folder.glob("journal-*.log")):
                self._load(path)
        except BlockingIOError:
            self.close()
            raise StoreError(
                f"The logs in {self.folder} are in use by another process: stop it, or choose another "
                "`node.state` folder."
            ) from None
        except OSError as error:
            self.close()
            raise StoreError(
                f"The logs in {self.folder} cannot be opened: {error}. Check owner, mode and mount."
            ) from error

    def _load(self, path: Path) -> None:
        segment = Segment(path)
        try:
            segment.load()
        except StoreError as error:
            _put_aside(path, error)
            return
        self._mark(segment.marks)
        if not segment.places or any(segment.last <= one.last for one in self._blocks):
            # It holds nothing but marks, or its block was finished: blocks are made in the order of lines.
            self._write_marks()
            path.unlink()
            return
        self._last = segment.last
        self._segments.append(segment)

    def close(self) -> None:
        """Release the files."""
        for segment in self._segments:
            segment.close()
        self._closed = True
        self._engine.rest()
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def append(self, rows: Sequence[Row], marks: Mapping[str, str], now: float) -> int:
        """On disk when it returns; the number of the first. StoreError: nothing of it counts."""
        first = max(self._last + 1, int(now * 1e6))
        frame, payload = pack(first, rows, marks)
        segment = self._writing(first)
        try:
            segment.write(frame, payload)
        except BaseException:
            # After a failed sync nobody knows what of the file is on disk.
            segment.close()
            self._closed = True
            if not segment.places:
                with self._lock:
                    self._segments.remove(segment)
                segment.path.unlink(missing_ok=True)
            raise
        self._last = max(self._last, first + len(rows) - 1)
        self._mark(marks)
        if segment.size > FULL:
            segment.close()
            self._closed = True
        return first

    def _mark(self, marks: Mapping[str, str]) -> None:
        """An empty mark is one that is no longer needed."""
        if not marks:
            return
        found = dict(self.marks)
        for name, mark in marks.items():
            found.pop(name, None)
            if mark:
                found[name] = mark
        while len(found) > MARKS:
            del found[next(iter(found))]
        self.marks = found

    def _writing(self, first: int) -> Segment:
        if self._closed:
            segment = Segment(self.folder / f"journal-{first:016d}.log")
            with self._lock:
                self._segments.append(segment)
            self._closed = False
        return self._segments[-1]

    def upkeep(self, now: float) -> None:
        """Make blocks of segments that are full or old, and drop what is too old or too much."""
        newest = self._segments[-1] if self._segments else None
        if newest is not None and not self._closed and _begun(newest) < now - AGE:
            newest.close()
            self._closed = True
        closed = self._segments if self._closed else self._segments[:-1]
        due = [n for n, one in enumerate(closed) if one.size > FULL or _begun(one) < now - AGE]
        try:
            # Those before it as well, so that blocks follow each other as their lines do.
            for segment in closed[: due[-1] + 1] if due else ():
                self._roll(segment)
        finally:
            # Also where the disk refused: room may be what it lacks.
            self._drop(now)
            self._engine.rest()

    def _roll(self, segment: Segment) -> None:
        places = segment.places
        made: list[Block] = []
        damage: BaseException | None = None
        if places:
            span = Block(
                segment.path,
                places[0].first,
                places[-1].last,
                int(min(place.oldest for place in places)),
                int(max(place.newest for place in places)) + 1,
                sum(place.last - place.first + 1 for place in places),
                0,
            )
            try:
                made.append(blocks.write(self._engine, self.folder, segment.frames(places), span))
            except StoreError as error:
                damage = error.__cause__
                if not (isinstance(damage, StoreError | FileNotFoundError) or is_damage(damage)):
                    raise  # the disk or the memory does not suffice now
        self._write_marks()
        with self._lock:
            self._blocks += made
            self._segments.remove(segment)
        if damage is not None:
            _put_aside(segment.path, f"Lines of logs cannot become a block: {damage}")
        segment.path.unlink(missing_ok=True)
        sync_folder(self.folder)

    def _drop(self, now: float) -> None:
        oldest = (now - self.settings.keep) * 1e6
        room = self.settings.disk_mb * 1_000_000 - sum(one.size for one in self._segments)
        held = sum(one.size for one in self._blocks)
        gone: list[Block] = []
        for one in self._blocks:
            if one.last >= oldest and held <= room:
                break
            gone.append(one)
            held -= one.size
        if not gone:
            return
        with self._lock:
            self._blocks = self._blocks[len(gone) :]
            self._dropped.add([(one.last, one.rows) for one in gone])
        # Before they go; but where the disk is full, only their going makes room.
        written = self._dropped.write()
        for one in gone:
            one.path.unlink(missing_ok=True)
        if not written:
            self._dropped.write()

    def _read_marks(self) -> dict[str, str]:
        try:
            return msgspec.json.decode((self.folder / "marks.json").read_bytes(), type=dict[str, str])
        except FileNotFoundError:
            return {}
        except msgspec.MsgspecError as error:
            log.error("%s is damaged (%s): files are followed from where a journal says", self.folder, error)
            return {}

    def _write_marks(self) -> None:
        draft = self.folder / "marks.new"
        with draft.open("wb") as file:
            file.write(msgspec.json.encode(self.marks))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self.folder / "marks.json")
        sync_folder(self.folder)

    @property
    def last(self) -> int:
        """The number of the newest line; 0 where there was none yet."""
        return self._last

    def standing(self) -> dict[str, int]:
        """Lines, and bytes on disk, as of now."""
        with self._lock:
            held, open_ = list(self._blocks), list(self._segments)
        return {
            "lines": sum(one.rows for one in held)
            + sum(place.last - place.first + 1 for one in open_ for place in list(one.places)),
            "block_bytes": sum(one.size for one in held),
            "journal_bytes": sum(one.size for one in open_),
        }

    def read(self, query: Query) -> Page:
        """One page, after at most some seconds. QueryError where the pattern is none. Any thread."""
        sieve = Sieve(query)
        for _ in range(3):
            try:
                last = self._last  # before the look at what there is: all up to it will be found there
                with self._lock:
                    parts: list[Block | Segment] = [*self._blocks, *self._segments]
                    gone = self._dropped.after(query.after)
                page = search(self._engine, parts, last, query, sieve, self._patience)
                return page._replace(gone=gone)
            except FileNotFoundError:
                # A segment became a block, or a block was dropped, since the look at the list.
                continue
        raise StoreError("The store of logs changes faster than it can be read: ask again in a moment.")


def _put_aside(path: Path, why: object) -> None:
    log.error("%s The file was renamed to %s.damaged.", why, path.name)
    with contextlib.suppress(FileNotFoundError):
        path.rename(path.with_name(f"{path.name}.damaged"))


def _begun(segment: Segment) -> float:
    """When its first line was taken; a number says so."""
    with contextlib.suppress(ValueError):
        return int(segment.path.stem.removeprefix("journal-")) / 1e6
    return 0.0
