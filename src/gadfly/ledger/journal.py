"""How the parts of a node write to the ledger: within the transaction of the fact, and nothing personal.

No entry, no fact: where the append fails, so does the transaction around it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from typing import Protocol

from gadfly.ledger.entry import Entry

_MAIL = re.compile(r"[^\s@<>\"',;:()\[\]/→]{1,64}@[^\s@<>\"',;:()\[\]/→]+\.[A-Za-z][A-Za-z0-9-]*")


class Appends(Protocol):
    """What is needed of a ledger to write to it."""

    def append(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> range:
        """Add entries in the caller's transaction; their places."""


class Journal:
    """`hashed` gives, for a person's name or address, what stands for it in the ledger.

    Without a ledger nothing is written: for parts that are run alone, in tests and simulations.
    """

    def __init__(self, log: Appends | None = None, hashed: Callable[[str], str] = str) -> None:
        self._log = log
        self._hashed = hashed
        self.fresh = False
        """Whether something was written since somebody last set this to False. Any thread may look."""

    def write(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> range:
        """Append in the caller's transaction; the entries' places, nothing where there is no ledger."""
        if self._log is None or not entries:
            return range(0)
        written = self._log.append(connection, entries)
        self.fresh = True
        return written

    def token(self, name: str) -> str:
        """The principal of who presented the token of this name; empty: who needed none."""
        return f"token:{self.fit(name)}" if name else "nobody"

    def fit(self, text: str) -> str:
        """The text with every mail address in it hashed."""
        return _MAIL.sub(lambda found: self._hashed(found.group()), text) if "@" in text else text


SILENT = Journal()
"""Writes nothing."""
