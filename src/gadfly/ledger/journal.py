"""How the parts of a node write to the ledger: within the transaction of the fact, and nothing personal.

What is *decided* (a silence, an acknowledgement, a token, a configuration) is not done where it cannot be
recorded: the append raises, and with it the transaction ends. What is *observed* (a verdict, an alert, that
somebody was told) is so whether it can be recorded or not: a damaged ledger must not keep anybody from being
told, so it is named as trouble and the rest goes on.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from gadfly.errors import LedgerError, LimitError
from gadfly.ledger.entry import Entry
from gadfly.ledger.personal import without_mail

log = logging.getLogger("gadfly.ledger")


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
        self.trouble = ""
        """Why what was observed is not recorded at the moment; empty when it is."""
        self.persons: Mapping[str, str] = {}
        """Whose the tokens are that belong to persons, by the tokens' names."""

    def write(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> range:
        """Record decisions in the caller's transaction; the entries' places.

        LedgerError or LimitError where that cannot be: then the caller's transaction must end with it.
        """
        if self._log is None or not entries:
            return range(0)
        return self._log.append(connection, entries)

    def observe(self, connection: sqlite3.Connection, entries: Sequence[Entry]) -> range:
        """Record observations in the caller's transaction; nothing where the ledger does not take them."""
        if self._log is None or not entries:
            return range(0)
        connection.execute("SAVEPOINT observed")
        try:
            written = self._log.append(connection, entries)
        except (LedgerError, LimitError) as error:
            connection.execute("ROLLBACK TO observed")
            if str(error) != self.trouble:
                log.critical("%d entries were not recorded: %s", len(entries), error)
            self.trouble = str(error)
            written = range(0)
        else:
            self.trouble = ""
        connection.execute("RELEASE observed")
        return written

    def token(self, name: str) -> str:
        """The principal of who presented the token of this name; empty: who needed none."""
        if person := self.persons.get(name):
            return f"person:{person}"
        return f"program:{self.fit(name)}" if name else "nobody"

    def fit(self, text: str) -> str:
        """The text with every mail address in it hashed."""
        return without_mail(text, self._hashed)


SILENT = Journal()
"""Writes nothing."""
