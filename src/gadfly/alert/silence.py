"""Silences: for a while, for a reason, by somebody, nobody is told about what matches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from gadfly.alert.match import matches

LONGEST = 366 * 86_400.0
"""Seconds that a silence lasts at most: what is to be silent for longer should not be watched."""


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Times are seconds since the epoch. `ended_by` is who ended it early."""

    id: int
    match: dict[str, str]
    starts: float
    ends: float
    reason: str
    who: str
    ended_by: str = ""


def covering(silences: Iterable[Silence], labels: Mapping[str, str], wall: float) -> Silence | None:
    """The one that covers these labels now and lasts longest, or None."""
    # It began when it was made; a clock that was set back since then does not undo that.
    found = [one for one in silences if wall < one.ends and matches(one.match, labels)]
    return max(found, key=lambda one: one.ends, default=None)


def words(silence: Silence) -> str:
    """Why nobody is told, for people."""
    return f"silenced by {silence.who}: {silence.reason}"
