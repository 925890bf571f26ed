"""What the web needs of fire drills; a part of :mod:`gadfly.web.node`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Drilling(Protocol):
    """The fire drills of a node. Refused (404): there is no such thing."""

    async def begin(
        self,
        target: str,
        kind: str,
        who: str,
        *,
        shortened: bool,
        ring: bool,
        escalate: bool,
        wait: float,
        samples: Sequence[str],
    ) -> object:
        """Begin one; it goes on by itself. With its `name`. LimitError: too many, or too soon."""

    async def drills(self, limit: int) -> Sequence[object]:
        """:class:`gadfly.web.answers.drills.Drill`, the newest first."""

    async def drill(self, name: str) -> object:
        """One of them."""
