"""DuckDB, the reader and writer of the blocks: loaded at its first use, small, and alone.

It is imported only when a block is read or written, since it costs 23 MB and a tenth of a second that a node
which starts does not need. It may neither download nor load extensions: Parquet is built in.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gadfly.config.series import Series as Settings
from gadfly.errors import StoreError

if TYPE_CHECKING:
    import duckdb


class Engine:
    """One database in memory, spilling into `folder`; `cursor` in any thread."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder = folder
        self._settings = settings
        self._lock = threading.Lock()
        self._root: duckdb.DuckDBPyConnection | None = None
        self._used = 0

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of the caller's own, for as long as the block lasts."""
        with self._lock:
            if self._root is None:
                self._root = self._open()
            cursor = self._root.cursor()
            self._used += 1
        try:
            yield cursor
        finally:
            with self._lock:
                cursor.close()
                self._used -= 1

    def _open(self) -> duckdb.DuckDBPyConnection:
        import duckdb

        return duckdb.connect(
            ":memory:",
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "allow_community_extensions": "false",
                "memory_limit": f"{self._settings.memory_mb}MB",
                "threads": "1",  # of the caller; a second one would take the machine from what it monitors
                "temp_directory": str(self._folder),
                "preserve_insertion_order": "true",
            },
        )

    def rest(self) -> None:
        """Release it and its memory, unless somebody uses it; the next `cursor` opens it again, in 10 ms."""
        with self._lock:
            if self._root is not None and not self._used:
                self._root.close()
                self._root = None
        give_back()


def give_back() -> None:
    """Have the C library return what was freed: after queries, tens of MB lie between what lives."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:  # glibc's own
        trim(0)


def damage(error: BaseException | None) -> bool:
    """Whether DuckDB's error says that a file is not what was written, and not that it could not be read."""
    import duckdb

    passing = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.InterruptException)
    return isinstance(error, duckdb.Error) and not isinstance(error, passing)


def quoted(path: Path) -> str:
    """As it stands between quotes in a query."""
    return str(path).replace("'", "''")


def explain(error: Exception, path: Path) -> StoreError:
    """What an error of DuckDB means for the operator."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    lower = text.lower()
    if "no space" in lower or "failed to offload" in lower:
        advice = "the disk is full; make room, gadfly then goes on by itself"
    elif "out of memory" in lower or "memory_limit" in lower:
        advice = "DuckDB's memory does not suffice; raise series.memory_mb, or ask for less at once"
    elif "could not" in lower or "cannot open" in lower or "permission" in lower:
        advice = "it cannot be opened; check owner, mode and mount"
    else:
        advice = (
            "the block is damaged; restore it from a copy, or move it out of the folder and restart: "
            "what stands in it is then lost, the rest goes on"
        )
    return StoreError(f"{path} was not read or written: {advice} ({text}).")
