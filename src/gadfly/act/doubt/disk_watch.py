"""Whether the configuration in force is the one that the ledger knows, and the one that lies on disk.

Three states are compared: what runs, the newest entry that tells of it, and the files. Editing and then
reloading is the rule, so a difference counts only once it has stood for a while.
"""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import msgspec

PATIENCE = 30.0
"""Seconds for which files may differ from what is in force: mostly long enough to edit and reload, and short
of the minute within which it is to be said."""
LOOK_BACK = 20_000
"""Entries that are searched for the configuration in force."""
MOST = 10_000
"""Files of a folder that are looked at."""
LARGEST = 512 * 1024 * 1024


class Stand(msgspec.Struct, frozen=True):
    """What was seen at one look."""

    running: str
    """The digest of the configuration in force."""
    recorded: bool
    """Whether an entry of the ledger tells of it."""
    files: str
    """The digest of the files; empty where there are none or they cannot be read."""


class Difference:
    """Remembers since when a difference stands, and that it was said. `now` is monotonic seconds."""

    def __init__(self) -> None:
        self._files = ""
        self._since: dict[str, float] = {}
        self._said: set[str] = set()

    def look(self, stand: Stand, now: float) -> list[str]:
        """What is to be said now, in words; each difference once."""
        found = {}
        if not stand.recorded:
            found[f"entry {stand.running}"] = (
                f"the configuration in force ({stand.running[:12]}) stands in no entry of the ledger"
            )
        if stand.files != self._files:
            found[f"files {stand.files}"] = (
                "the configuration on disk was changed and not read: reload it, or put it back"
                if stand.files
                else "the configuration on disk is gone or cannot be read: put it back"
            )
        self._since = {key: self._since.get(key, now) for key in found}
        self._said &= found.keys()
        due = [key for key, since in self._since.items() if now - since >= PATIENCE and key not in self._said]
        self._said |= set(due)
        return [found[key] for key in due]

    def reloaded(self, files: str) -> None:
        """What lies on disk now is in force: it was read, whether or not that changed anything."""
        self._files = files


def recorded(connection: sqlite3.Connection, digest: str) -> bool:
    """Whether one of the newest entries tells that this configuration came into force."""
    needle = f'"configuration":"{digest}"'.encode()
    return (
        connection.execute(
            "SELECT 1 FROM ledger_entry WHERE id > (SELECT COALESCE(MAX(id), 0) FROM ledger_entry) - ?"
            " AND instr(body, ?) > 0 ORDER BY id DESC LIMIT 1",
            (LOOK_BACK, needle),
        ).fetchone()
        is not None
    )


def files(path: Path | None) -> str:
    """The digest of a file, or of every `*.toml` of a folder. Empty where it cannot be read. Blocks."""
    if path is None:
        return ""
    found = hashlib.sha256()
    try:
        names = sorted(path.glob("*.toml"))[:MOST] if path.is_dir() else [path]
        for name in names:
            if path.is_dir() and name.name.startswith("."):
                continue
            if name.stat().st_size > LARGEST:
                return ""
            found.update(f"{name.name}\0".encode())
            found.update(hashlib.sha256(name.read_bytes()).digest())
    except OSError:
        return ""
    return found.hexdigest()
