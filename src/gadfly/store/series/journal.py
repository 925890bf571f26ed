"""Files that only grow, in frames that prove themselves: what was written with `write` is on disk.

A frame is magic, length and CRC-32 of the payload, then the payload. A write that a crash cut short leaves a
torn frame at the end of its file, which was never acknowledged and is cut off. A damaged frame with sound
ones behind it is another matter: that is acknowledged data lost, and the operator is told.
"""

from __future__ import annotations

import contextlib
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from gadfly.errors import StoreError

MAGIC = b"GfJ1"
HEAD = struct.Struct("<4sII")
LARGEST = 1 << 28
"""Bytes of a payload; no batch comes near."""


_DAMAGED = (
    "{} is damaged at byte {}, and frames behind it are sound: the disk changed what was written. Look at "
    "the disk; then restore the file from a copy, or move it away and start again: what stands in it is then "
    "lost, the rest goes on."
)


def frame(payload: bytes) -> bytes:
    """The payload as it stands in the file."""
    return HEAD.pack(MAGIC, len(payload), zlib.crc32(payload)) + payload


def frames(data: bytes, name: str) -> Iterator[tuple[int, bytes]]:
    """Each payload with the position behind its frame; ends before a torn frame.

    StoreError where sound frames stand behind a damaged one.
    """
    at = 0
    while at < len(data):
        payload = sound(data, at)
        if payload is None:
            behind = data.find(MAGIC, at + 1)
            while behind >= 0:
                if sound(data, behind) is not None:
                    raise StoreError(_DAMAGED.format(name, at))
                behind = data.find(MAGIC, behind + 1)
            return
        at += HEAD.size + len(payload)
        yield at, payload


def sound(data: bytes, at: int) -> bytes | None:
    """The payload of the frame that begins there; None where it is torn or damaged."""
    if at + HEAD.size > len(data):
        return None
    magic, length, crc = HEAD.unpack_from(data, at)
    end = at + HEAD.size + length
    if magic != MAGIC or length > LARGEST or end > len(data):
        return None
    payload = data[at + HEAD.size : end]
    return payload if zlib.crc32(payload) == crc else None


class Journal:
    """One such file, open for writing at its end. Not locked: one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_APPEND, 0o600)
            self.size = os.fstat(self._file).st_size
        except OSError as error:
            raise _trouble(path, error) from error

    def read(self) -> list[bytes]:
        """Every payload; a torn frame at the end is cut off."""
        try:
            data = self.path.read_bytes()
            found = list(frames(data, str(self.path)))
            end = found[-1][0] if found else 0
            if end < len(data):
                os.ftruncate(self._file, end)
                os.fdatasync(self._file)
        except OSError as error:
            raise _trouble(self.path, error) from error
        self.size = end
        return [payload for _, payload in found]

    def write(self, payload: bytes) -> None:
        """On disk when it returns. StoreError: nothing of it counts."""
        data = frame(payload)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fdatasync(self._file)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self.size)
            raise _trouble(self.path, error) from error
        self.size += len(data)

    def close(self) -> None:
        """Release the file."""
        os.close(self._file)


def sync_folder(folder: Path) -> None:
    """Make what was created, renamed or removed in it outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _trouble(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path} cannot be read or written: {error.strerror or error}. Nothing of this batch was taken. "
        "Make room, or correct owner, mode or mount; gadfly then goes on by itself."
    )
