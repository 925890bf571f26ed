"""All of a change or nothing of it, with its ledger entry: how everything that the gate keeps is written."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Protocol

from gadfly.errors import StoreError
from gadfly.ledger.entry import Entry


class Appends(Protocol):
    """What is needed of the ledger: to append in the caller's transaction, or to raise."""

    def append(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> range: ...


@contextlib.contextmanager
def whole(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written inside, or nothing of it. StoreError where no transaction was begun."""
    if not connection.in_transaction:
        raise StoreError("The gate's book is written within a transaction that its caller begins (a defect).")
    connection.execute("SAVEPOINT act")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # else SQLite itself gave it up, with all that was in it
            connection.execute("ROLLBACK TO act")
            connection.execute("RELEASE act")
        raise
    connection.execute("RELEASE act")
