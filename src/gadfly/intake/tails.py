"""All files that are followed: found by their patterns, kept through rotation, found again after a restart.

A file is its inode and how it begins, not its name. Renamed, it is read to its end while the new one of its
name is begun. Emptied in place, its copy is looked for beside it, and read on from where the original was;
what was neither read nor copied is lost, as with every reader of files that are cut. Gone while nobody
looked, it is looked for beside where it was.

Everything here may block; the clock is handed in.
"""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from gadfly.config.logs import LogFile
from gadfly.intake.tail import Lines, Mark, Tail, is_compressed, key, siblings

MOST = 1_000
"""Files that are followed at once."""
LOOK = 5.0
"""Seconds between two looks at what the patterns name; a name that leads elsewhere is seen at once."""
GRACE = 30.0
"""Seconds for which a file is still read that no name leads to: programs write on until they open anew."""
SEEN = "files:"
"""In front of the mark that says that a table was followed before."""


class Piece(NamedTuple):
    """Lines of one file, and the marks that say so."""

    name: str
    """Of the table in the configuration."""
    path: str
    """Empty: only marks, of files that are new."""
    texts: list[str]
    marks: dict[str, str]


class Tails:
    """Made anew when the tables change; then the marks say where each file was."""

    def __init__(self, files: Mapping[str, LogFile], marks: Mapping[str, str], longest: int) -> None:
        self.counts: Counter[str] = Counter()
        self.trouble: dict[str, str] = {}
        """By path, why it is not read."""
        self._files = files
        self._longest = longest
        self._tails: dict[str, Tail] = {}
        self._marks = {name: mark for name, text in marks.items() if (mark := Mark.parse(text))}
        self._followed = {name for name in files if SEEN + name in marks}
        self._looked = float("-inf")
        self._first = True

    def __len__(self) -> int:
        return len(self._tails)

    def close(self) -> None:
        """Release all files."""
        for tail in self._tails.values():
            tail.close()
        self._tails.clear()

    def poll(self, now: float) -> Iterator[Piece]:
        """What came since; one piece a file at most. `now` is monotonic."""
        if now - self._looked >= LOOK or any(_moved(tail) for tail in self._tails.values()):
            self._looked = now
            yield from self._look(now)
        for tail in list(self._tails.values()):
            try:
                yield from self._read(tail, now)
            except OSError as error:
                self._trouble(tail.path, error)

    # Finding files.

    def _look(self, now: float) -> Iterator[Piece]:
        seen: set[str] = set()
        named: set[str] = set()
        opened: dict[str, str] = {}
        for name, path in self._named():
            named.add(path)
            try:
                found = key(os.stat(path))
                if found in self._tails:
                    self._tails[found].path = path
                elif found not in seen:
                    if len(self._tails) >= MOST:
                        named.add("*")
                        self.trouble["*"] = (
                            f"more than {MOST:,} files match; name fewer, the others are not read"
                        )
                        continue
                    if (tail := self._open(name, path)) is not None:
                        opened[tail.key] = tail.mark()
            except FileNotFoundError:
                continue
            except OSError as error:
                self._trouble(path, error)
                continue
            self.trouble.pop(path, None)
            seen.add(found)
        for tail in self._tails.values():
            tail.gone = None if tail.key in seen else now if tail.gone is None else tail.gone
        named.update(tail.path for tail in self._tails.values())
        self.trouble = {path: words for path, words in self.trouble.items() if path in named}
        if self._first:
            self._first = False
            opened |= self._missed(now)
        fresh = set(self._files) - self._followed
        self._followed |= fresh
        opened |= {SEEN + name: "1" for name in fresh}
        if opened:
            yield Piece("", "", [], opened)

    def _named(self) -> Iterator[tuple[str, str]]:
        """Table and path, of every file that a pattern names; the oldest first, as rotation left them."""
        for name, file in self._files.items():
            for pattern in file.path:
                paths = [
                    path
                    for path in islice(glob.iglob(pattern, recursive=True), 10 * MOST)
                    if not is_compressed(path) and os.path.isfile(path)
                ]
                for path in sorted(paths, key=_changed):
                    yield name, path

    def _open(self, name: str, path: str) -> Tail | None:
        tail = Tail.open(name, path)
        if tail is None:
            return None
        mark = self._marks.pop(tail.key, None)
        original = next((one for one in self._tails.values() if tail.copies(one)), None)
        if mark is not None and tail.is_at(mark):
            tail.offset = mark.offset
        elif original is not None:
            tail.offset = original.offset
        elif name not in self._followed and self._files[name].start == "end":
            tail.offset = tail.size()
        self._tails[tail.key] = tail
        return tail

    def _missed(self, now: float) -> dict[str, str]:
        """Files that were followed when the last run ended, and are under another name now, or gone."""
        marks: dict[str, str] = {}
        for missing, mark in self._marks.items():
            tail = None
            if mark.name in self._files:
                tail = _beside(mark, missing)
                if tail is None:
                    self.counts["lost_files_total"] += 1
            if tail is None:
                marks[missing] = ""
            else:
                tail.offset, tail.gone = mark.offset, now
                self._tails = {tail.key: tail, **self._tails}  # before the file that took its name
        self._marks.clear()
        return marks

    # Reading them.

    def _read(self, tail: Tail, now: float) -> Iterator[Piece]:
        if tail.truncated():
            if tail.gone is not None:  # another copy took its place; what it was is read
                yield self._ended(tail, Lines([], 0))
                return
            self.counts["truncated_total"] += 1
            yield from self._copy(tail, now)
            tail.restart()
        before = tail.offset
        found = tail.read(self._longest)
        if tail.gone is not None and tail.offset == before and now - tail.gone > GRACE:
            yield self._ended(tail, tail.rest(self._longest))
            return
        if tail.offset != before:
            if tail.gone is not None:
                tail.gone = now
            yield self._piece(tail, found, tail.mark())

    def _ended(self, tail: Tail, last: Lines) -> Piece:
        tail.close()
        del self._tails[tail.key]
        return self._piece(tail, last, "")

    def _copy(self, tail: Tail, now: float) -> Iterator[Piece]:
        """The copy that was made of it before it was emptied is read on from where it was."""
        for path in siblings(tail.path):
            try:
                if key(os.stat(path)) in self._tails:
                    continue
                other = Tail.open(tail.name, path)
            except OSError:
                continue
            if other is None:
                continue
            if not other.copies(tail):
                other.close()
                continue
            other.offset, other.gone = tail.offset, now
            self._tails[other.key] = other
            found = other.read(self._longest)
            yield self._piece(other, found, other.mark())
            return

    def _piece(self, tail: Tail, found: Lines, mark: str) -> Piece:
        self.counts["lines_total"] += len(found.texts)
        self.counts["cut_total"] += found.cut
        return Piece(tail.name, tail.path, found.texts, {tail.key: mark})

    def _trouble(self, path: str, error: OSError) -> None:
        self.trouble[path] = (
            f"{path} is not followed: {error.strerror or error}; correct its owner or mode, or take it out"
        )


def _beside(mark: Mark, wanted: str) -> Tail | None:
    """The file that was marked, where it is in its folder under another name and still the same."""
    for path in siblings(mark.path):
        try:
            tail = Tail.open(mark.name, path) if key(os.stat(path)) == wanted else None
        except OSError:
            continue
        if tail is not None:
            if tail.is_at(mark):
                return tail
            tail.close()
    return None


def _moved(tail: Tail) -> bool:
    """Whether its name leads to another file now, or nowhere."""
    if tail.gone is not None:
        return False
    try:
        return key(os.stat(tail.path)) != tail.key
    except OSError:
        return True


def _changed(path: str) -> float:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return 0.0
