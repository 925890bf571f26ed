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

from gadfly.config.logs import Logs as Settings
from gadfly.config.series import Series as DuckDB
from gadfly.errors import StoreError
from gadfly.store.logs import block as blocks
from gadfly.store.logs import marks as marks_file
from gadfly.store.logs.block import Block
from gadfly.store.logs.dropped import Dropped
from gadfly.store.logs.frame import Row, pack
from gadfly.store.logs.query import Gone, Page, Query, Sieve
from gadfly.store.logs.search import END, search
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
LEAST = 16
"""Bytes of a line in the journal at least."""


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
            self._last = max([self._dropped.last, *(one.last for one in self._blocks)])
            self.marks = marks_file.read(self.folder)
            damaged = [path for path in sorted(self.folder.glob("journal-*.log")) if not self._load(path)]
            for path in damaged:
                self._lose(path)
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

    def _lose(self, path: Path) -> None:
        """It could not be read back; which lines it had at most its name, its size and the others say."""
        first, about = _first(path), path.stat()
        most = about.st_size // LEAST
        if not any(one.first <= first <= one.last for one in self._blocks):
            begun = [one.first for one in self._blocks] + [one.first for one in self._segments]
            later = [one for one in begun if one > first]
            last = min(later) - 1 if later else max(first, int(about.st_mtime * 1e6)) + most
            self._last = max(self._last, last)
            self._dropped.add([(last, most)])
            self._dropped.write()
        _put_aside(path)

    def _load(self, path: Path) -> bool:
        """Whether it is as it was written."""
        segment = Segment(path)
        try:
            segment.load()
        except StoreError as error:
            log.error("%s", error)
            return False
        if segment.marks:
            self.marks = marks_file.join(self.marks, segment.marks)
        if not segment.places or any(segment.last <= one.last for one in self._blocks):
            # It holds nothing but marks, or its block was finished: blocks are made in the order of lines.
            marks_file.write(self.folder, self.marks)
            path.unlink()
            return True
        self._last = max(self._last, segment.last)
        self._segments.append(segment)
        return True

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
        if marks:
            self.marks = marks_file.join(self.marks, marks)
        if segment.size > FULL:
            segment.close()
            self._closed = True
        return first

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
        marks_file.write(self.folder, self.marks)
        with self._lock:
            self._blocks += made
            self._segments.remove(segment)
            if damage is not None:
                self._dropped.add([(span.last, span.rows)])
        if damage is not None:
            self._dropped.write()
            log.error("Lines of logs cannot become a block: %s", damage)
            _put_aside(segment.path)
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
                    gone, gap = self._missing(query.after, parts)
                if cut := 0 < gap < (query.before or END):
                    # Up to there; whoever goes on from there is told of it.
                    parts, last = [one for one in parts if one.last < gap], gap - 1
                page = search(self._engine, parts, last, query, sieve, self._patience)
                return page._replace(gone=gone, more=page.more or cut)
            except FileNotFoundError:
                # A segment became a block, or a block was dropped, since the look at the list.
                continue
        raise StoreError("The store of logs changes faster than it can be read: ask again in a moment.")

    def _missing(self, after: int | None, parts: Sequence[Block | Segment]) -> tuple[Gone, int]:
        if after is None:
            return Gone(0, 0), 0
        return self._dropped.between(after, next((one.first for one in parts if one.last > after), END))


def _put_aside(path: Path) -> None:
    log.error("The file %s was renamed to %s.damaged.", path.name, path.name)
    with contextlib.suppress(FileNotFoundError):
        path.rename(path.with_name(f"{path.name}.damaged"))


def _begun(segment: Segment) -> float:
    """When its first line was taken; a number says so."""
    return _first(segment.path) / 1e6


def _first(path: Path) -> int:
    """The number of the first line of a journal file."""
    with contextlib.suppress(ValueError):
        return int(path.stem.removeprefix("journal-"))
    return 0
