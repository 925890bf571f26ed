"""The journal as a row of files, so that what is in a block can be let go a file at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from gadfly.store.series import record
from gadfly.store.series.batch import Batch
from gadfly.store.series.journal import Journal, sync_folder

FULL = 64_000_000
"""Bytes after which a new file is begun: read back in about two seconds."""


class Segments:
    """`journal-00000001.log` and so on, in `folder`. Not locked: one thread."""

    def __init__(self, folder: Path, letting_go: Callable[[], None]) -> None:
        """`letting_go` is called before files are removed."""
        self.letting_go = letting_go
        self._folder = folder
        self._closed: list[tuple[Path, int, int]] = []
        """File, time of its newest sample, bytes."""
        self._open: Journal | None = None
        self._latest = -1
        self._number = 0

    def read(self) -> Iterator[Batch]:
        """All batches, oldest first; to be exhausted before the first `write`. StoreError where damaged."""
        for path in sorted(self._folder.glob("journal-*.log")):
            journal = Journal(path)
            try:
                latest = -1
                for payload in journal.read():
                    batch = record.batch(payload)
                    latest = max(latest, int(batch.at.max()))
                    yield batch
            finally:
                journal.close()
            self._number = max(self._number, int(path.stem.removeprefix("journal-")))
            self._closed.append((path, latest, journal.size))

    def write(self, batch: Batch) -> None:
        """On disk when it returns. StoreError: nothing of it counts, and the next one goes to a new file."""
        if self._open is None:
            self._number += 1
            self._open = Journal(self._folder / f"journal-{self._number:08d}.log")
            sync_folder(self._folder)
        try:
            self._open.write(record.samples(batch))
        except BaseException:
            # After a failed fsync nobody knows what of the file is on disk.
            self.rotate()
            raise
        self._latest = max(self._latest, int(batch.at.max()))
        if self._open.size > FULL:
            self.rotate()

    def rotate(self) -> None:
        """Close the file that is written."""
        if self._open is not None:
            self._open.close()
            self._closed.append((self._open.path, self._latest, self._open.size))
            self._open = None
            self._latest = -1

    def release(self, before: int) -> None:
        """Remove the files all of whose samples are older."""
        self.rotate()
        self.letting_go()
        for path, latest, _ in self._closed:
            if latest < before:
                path.unlink(missing_ok=True)
        self._closed = [one for one in self._closed if one[1] >= before]
        sync_folder(self._folder)

    def size(self) -> int:
        """Bytes on disk."""
        return sum(one[2] for one in self._closed) + (self._open.size if self._open is not None else 0)
