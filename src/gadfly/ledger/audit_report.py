"""What an audit saw."""

from __future__ import annotations

import msgspec

from gadfly.ledger.merkle import EMPTY

LIMIT = 100
"""Problems that are listed; the others are counted. One changed entry makes every later root wrong."""


class Report(msgspec.Struct, kw_only=True):
    """What an audit saw. `covered` entries are under a checkpoint, `witnessed` under enough cosignatures.

    `root` is of the entries that are covered. `further` problems are not listed.
    """

    entries: int = 0
    covered: int = 0
    witnessed: int = 0
    tiles: int = 0
    checkpoints: int = 0
    cosignatures: int = 0
    unknown: int = 0
    """Of these so many of witnesses whose keys were not given: they show nothing, and harm nothing."""
    root: bytes = EMPTY
    problems: list[str] = []
    further: int = 0

    @property
    def clean(self) -> bool:
        """Nothing was found."""
        return not self.problems

    def problem(self, text: str) -> None:
        """Write down what does not hold."""
        if len(self.problems) < LIMIT:
            self.problems.append(text)
        else:
            self.further += 1
