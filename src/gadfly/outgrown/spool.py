"""What is still to be sent, on disk: the store's own journal, kept for longer.

Every file of the journal gets a second name here (a hard link), so what was acknowledged waits for the other
side without being written twice, in the order in which it was taken, and survives what the journal survives.
A file goes when all of it was sent and the store has let go of it, too; or when more waits than may.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path
from typing import BinaryIO, NamedTuple

from gadfly.errors import StoreError
from gadfly.store.series import record
from gadfly.store.series.batch import Batch
from gadfly.store.series.journal import HEAD, LARGEST, MAGIC, sound

log = logging.getLogger("gadfly.remote")


class Place(NamedTuple):
    """How far it was sent: a file, and the position in it."""

    file: int
    at: int


class Spool:
    """Safe in any thread. `folder` must be on the file system of `journals`."""

    def __init__(self, journals: Path, folder: Path, bound: int) -> None:
        """`bound`: bytes that may wait at most."""
        self._journals = journals
        self._folder = folder
        self._bound = bound
        self._lock = threading.Lock()
        self._place = Place(0, 0)
        self.lost = 0
        """Bytes that waited for too long and were let go."""
        self.damaged = 0
        """Bytes that the disk changed, and that were passed over."""
        self._told: set[Place] = set()
        """Where they begin."""

    def open(self) -> None:
        """Where it stopped the last time. OSError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        try:
            file, at = json.loads((self._folder / "sent.json").read_bytes())
            self._place = Place(int(file), int(at))
        except (FileNotFoundError, ValueError, TypeError):
            # Sent again from the first: the other side knows a repetition.
            self._place = Place(0, 0)
        self.collect()

    def _files(self) -> list[tuple[int, Path]]:
        return sorted((int(path.stem), path) for path in self._folder.glob("*.log") if path.stem.isdecimal())

    def collect(self) -> None:
        """Give every file of the journal that has none a name here, and let go of what is done or too much.

        To be called before the store removes files.
        """
        with self._lock:
            files = self._files()
            held = {path.stat().st_ino for _, path in files}
            number = files[-1][0] if files else self._place.file
            for journal in sorted(self._journals.glob("journal-*.log")):
                if journal.stat().st_ino not in held:
                    number += 1
                    os.link(journal, self._folder / f"{number:010d}.log")
            self._let_go()

    def _let_go(self) -> None:
        files = [(number, path, path.stat()) for number, path in self._files()]
        waiting = sum(state.st_size for number, _, state in files if number > self._place.file)
        for number, path, state in files[:-1]:
            if number < self._place.file and state.st_nlink == 1:
                path.unlink()
            elif number >= self._place.file and waiting > self._bound:
                following = next(other for other, _, _ in files if other > number)
                done = self._place.at if number == self._place.file else 0
                self.lost += state.st_size - done
                self._place = Place(following, 0)
                waiting -= next(other.st_size for one, _, other in files if one == following)
                if state.st_nlink == 1:
                    path.unlink()

    def waiting(self) -> int:
        """Bytes that are not sent yet."""
        with self._lock:
            return sum(
                path.stat().st_size - (self._place.at if number == self._place.file else 0)
                for number, path in self._files()
                if number >= self._place.file
            )

    def following(self, samples: int) -> tuple[list[Batch], Place]:
        """The next batches, together at least so many samples where there are so many, and the place behind
        them. StoreError: a file cannot be read."""
        found: list[Batch] = []
        with self._lock:
            files = [one for one in self._files() if one[0] >= self._place.file]
            place = self._place
        count = 0
        for index, (number, path) in enumerate(files):
            at = place.at if number == place.file else 0
            last = index == len(files) - 1
            try:
                with path.open("rb") as file:
                    while count < samples:
                        if (payload := _frame(file, at)) is None:
                            # What is torn at the end of a file stays torn: it was never acknowledged.
                            if last or not (damaged := _until_sound(file, at)):
                                break
                            self._tell(Place(number, at), path, damaged)
                            at += damaged
                            continue
                        at += HEAD.size + len(payload)
                        batch = record.batch(payload)
                        found.append(batch)
                        count += len(batch.at)
            except OSError as error:
                raise StoreError(f"{path} cannot be read: {error.strerror}. Look at the disk.") from error
            place = Place(number, at)
            if count >= samples or last:
                break
        return found, place

    def _tell(self, place: Place, path: Path, damaged: int) -> None:
        if place not in self._told:
            self._told.add(place)
            self.damaged += damaged
            words = "%s is damaged at byte %d: %d bytes cannot be sent; look at the disk"
            log.error(words, path, place.at, damaged)

    def sent(self, place: Place) -> None:
        """All before it has arrived. OSError: that could not be written down, so it is sent again one day."""
        with self._lock:
            if place < self._place:
                return  # more was let go meanwhile
            self._place = place
            new = self._folder / "sent.new"
            new.write_text(json.dumps(place))
            new.replace(self._folder / "sent.json")


def _until_sound(file: BinaryIO, at: int) -> int:
    """Bytes from there to the next frame that is sound; 0: there is none."""
    file.seek(at)
    data = file.read()
    found = data.find(MAGIC, 1)
    while found >= 0 and sound(data, found) is None:
        found = data.find(MAGIC, found + 1)
    return max(found, 0)


def _frame(file: BinaryIO, at: int) -> bytes | None:
    """The payload of the frame that begins there; None where there is none, or not all of it yet."""
    file.seek(at)
    head = file.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    _, length, _ = HEAD.unpack(head)
    return sound(head + file.read(min(length, LARGEST)), 0)
