"""What the web needs of facts; a part of :mod:`gadfly.web.node`."""

from __future__ import annotations

from typing import Protocol

from gadfly.web.answers.facts import (
    FactRows,
    Facts,
    GoneFacts,
    Look,
    TakenFacts,
)


class FactKeeping(Protocol):
    """The facts of a node. Refused (404): there is no such table."""

    async def facts(self) -> Facts:
        """Tables and kinds, as of the last look at the data."""

    async def rows(self, table: str, *, after: str, limit: int) -> FactRows:
        """Those that came over the API."""

    async def put(self, table: str, lines: bytes, who: str) -> TakenFacts:
        """Add or replace rows, one JSON object a line. On disk when it returns; all of them or none.

        FormatError: line and column, and what is expected there. LimitError: too many.
        """

    async def delete(self, table: str, key: str, who: str) -> GoneFacts:
        """Forget a row that came over the API, or without a key all of the table."""

    async def look(self, who: str) -> Look:
        """Look at the data now, and go on with what waits."""
