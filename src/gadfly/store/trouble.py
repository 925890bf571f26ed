"""What an error of SQLite means for the operator, in words that say what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gadfly.errors import StoreError

_ADVICE = {
    "SQLITE_FULL": "the disk is full; make room, gadfly then goes on by itself",
    "SQLITE_IOERR": "the disk does not read or write; look at the kernel's log and the mount",
    "SQLITE_BUSY": "another program keeps it locked; close that program (`fuser {path}` names it)",
    "SQLITE_LOCKED": "another program keeps it locked; close that program (`fuser {path}` names it)",
    "SQLITE_READONLY": "it may not be written; check owner, mode and mount of its folder",
    "SQLITE_CANTOPEN": "it cannot be opened; check owner and mode of its folder",
    "SQLITE_PERM": "it may not be opened; check owner and mode of its folder",
    "SQLITE_CORRUPT": "it is damaged; stop the node, move it away or restore a copy, and start again",
    "SQLITE_NOTADB": "it is not a database; move it away, or choose another `node.state` folder",
}


def explain(error: sqlite3.Error, path: Path) -> StoreError:
    """The :class:`StoreError` for an error of SQLite on the file at `path`."""
    name = getattr(error, "sqlite_errorname", "") or ""
    for prefix, advice in _ADVICE.items():
        if name.startswith(prefix):
            return StoreError(f"The state in {path} was not saved: {advice.format(path=path)} ({error}).")
    return StoreError(f"The state in {path} was not saved: {error} ({name or type(error).__name__}).")
