"""One file of a log: read on from where it was left, in whole lines, and known again by how it begins.

Everything here may block; nothing waits.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

HEAD = 256
"""Bytes by which a file is known again: an inode may be another file's by now."""
ENOUGH = 32
"""Bytes in which two files must agree to be taken for copies of each other."""
PIECE = 262_144
COMPRESSED = (".gz", ".xz", ".zst", ".bz2", ".lz4", ".zip")


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """Where in a file one is; as it is kept beside the lines."""

    name: str
    """Of the table in the configuration."""
    path: str
    offset: int
    length: int
    """Bytes that `head` is the digest of."""
    head: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None where it is none."""
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError:
            return None


class Lines(NamedTuple):
    """What was read, and how many lines lost their end."""

    texts: list[str]
    cut: int


class Tail:
    """An open file. Made by :meth:`open`."""

    def __init__(self, name: str, path: str, handle: int, status: os.stat_result) -> None:
        self.name = name
        self.path = path
        self.key = key(status)
        self.offset = 0
        self.head = b""
        self.gone: float | None = None
        """Since when no path that is followed leads to it; monotonic seconds."""
        self._handle = handle
        self._skipping = False
        self._checked = (-1, -1)

    @classmethod
    def open(cls, name: str, path: str) -> Self | None:
        """None where it is no file, or not to be read (any more)."""
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        except FileNotFoundError:
            return None
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            os.close(handle)
            return None
        found = cls(name, path, handle, status)
        found._see_head()
        return found

    def close(self) -> None:
        """Release it."""
        os.close(self._handle)

    def size(self) -> int:
        """Bytes now."""
        return os.fstat(self._handle).st_size

    def _see_head(self) -> None:
        self.head = os.pread(self._handle, HEAD, 0)

    def is_at(self, mark: Mark) -> bool:
        """Whether it is the file that was marked."""
        return (
            mark.offset <= self.size()
            and mark.length <= len(self.head)
            and _digest(self.head[: mark.length]) == mark.head
        )

    def copies(self, other: Tail) -> bool:
        """Whether it begins as the other did when last looked at, and is as long as what was read of that."""
        length = len(other.head)
        return length >= ENOUGH and self.head[:length] == other.head and self.size() >= other.offset

    def mark(self) -> str:
        """Where it is, to be kept."""
        found = Mark(self.name, self.path, self.offset, len(self.head), _digest(self.head))
        return msgspec.json.encode(found).decode()

    def truncated(self) -> bool:
        """Whether it was emptied, or overwritten from its beginning, since it was read."""
        status = os.fstat(self._handle)
        seen = (status.st_size, status.st_mtime_ns)
        if seen == self._checked:
            return False
        self._checked = seen
        now = os.pread(self._handle, HEAD, 0)
        if status.st_size < self.offset or not now.startswith(self.head):
            return True
        self.head = now
        return False

    def restart(self) -> None:
        """Read from the beginning what stands there now."""
        self.offset, self._skipping = 0, False
        self._see_head()

    def read(self, longest: int) -> Lines:
        """The next whole lines, as many as a piece has; of each at most so many bytes."""
        most = max(PIECE, 2 * longest)
        data = os.pread(self._handle, most, self.offset)
        end = data.rfind(b"\n") + 1
        if not end:
            if len(data) < most and len(data) <= longest:
                return Lines([], 0)  # its writer is not done with it
            self.offset += len(data)
            if self._skipping:
                return Lines([], 0)
            self._skipping = True
            return Lines([_text(data[:longest])], 1)
        self.offset += end
        lines = data[: end - 1].split(b"\n")
        if self._skipping:
            self._skipping = False
            del lines[0]
        cut = 0
        if len(data) > longest:
            cut = sum(len(line) > longest for line in lines)
            lines = [line[:longest] for line in lines] if cut else lines
        return Lines([_text(line) for line in lines], cut)

    def rest(self, longest: int) -> Lines:
        """What stands behind the last newline, when nobody writes any more."""
        data = os.pread(self._handle, longest, self.offset)
        self.offset += len(data)
        return Lines([_text(data)], 0) if data and not self._skipping else Lines([], 0)


def key(status: os.stat_result) -> str:
    """Which file it is, whatever its name."""
    return f"file:{status.st_dev}:{status.st_ino}"


def is_compressed(path: str) -> bool:
    """By its name, as rotation gives it."""
    return path.endswith(COMPRESSED)


def siblings(path: str) -> list[str]:
    """Files of its folder that may be it under another name: they begin as its own name does."""
    folder, _, name = path.rpartition("/")
    stem = name.partition(".")[0]
    try:
        with os.scandir(folder or "/") as entries:
            return [one.path for one in entries if one.name.startswith(stem) and not is_compressed(one.name)]
    except OSError:
        return []


def unit_of(path: str) -> str:
    """The name of a file without its ending: the unit where none is given."""
    return Path(path).name.partition(".")[0] or Path(path).name


def _digest(head: bytes) -> str:
    return hashlib.blake2b(head, digest_size=8).hexdigest()


def _text(line: bytes) -> str:
    line = line.removesuffix(b"\r")
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")
