"""The real ledger, as a scenario hinders it: slow, failing for a while, or refusing one kind of entry."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from gadfly.ledger.entry import Entry
from gadfly.ledger.log import Log


class Ledger(Log):
    """`refuses` are kinds whose append fails; `slow` is called before each append and may raise."""

    refuses: frozenset[str] = frozenset()
    silent = False
    """What is refused is dropped without a word: a ledger beside the transaction, not in it."""
    slow: Callable[[], None] | None = None

    def append(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> range:
        if self.slow is not None:
            self.slow()
        if self.refuses.intersection(entry.kind for entry in entries):
            if not self.silent:
                raise sqlite3.OperationalError("disk I/O error")
            kept = [entry for entry in entries if entry.kind not in self.refuses]
            start = connection.execute("SELECT count(*) FROM ledger_entry").fetchone()[0]
            return super().append(connection, kept) if kept else range(start, start + len(entries))
        return super().append(connection, entries)
