"""By which kinds and which numbers it is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec

from gadfly.ask.kind import Kind, tuned

DAY = 86_400.0
STALE = 3 * DAY
"""Seconds without any evaluation after which a sighting is no longer one of two in a row; longer where it is
looked more seldom."""
EXPIRED = "expired-acceptance"
"""The kind that asks again what was accepted; its subject is a decision."""
UNCHANGED = "change-that-changed-nothing"
"""The kind that asks about a change without effect; its subject is a question."""


class Rules:
    """The kinds with what was set for them.

    thresholds: by kind, in place of those of its file. fallback: the team that is asked where nobody is
    named. seed: of what is left to chance, so that it can be repeated. longest, mean: seconds between two
    looks at the data. lowers: the automations that can go down a level; None: all of them. present: who
    answers now for a subject of a sort (`component`, `checkout`); empty: nobody, or it is not known.
    declared: teams that are declared, or once were.
    """

    def __init__(
        self,
        kinds: Mapping[str, Kind],
        *,
        thresholds: Mapping[str, Mapping[str, Any]] | None = None,
        fallback: str = "",
        seed: int = 0,
        longest: float = DAY,
        mean: float = DAY,
        lowers: Collection[str] | None = None,
        present: Callable[[str, str], str] = lambda sort, subject: "",
        declared: Collection[str] = (),
    ) -> None:
        self.kinds = tuned(kinds, thresholds or {})
        self.fallback = fallback
        self.seed = seed
        self.stale = max(STALE, 2 * longest)
        self.every = max(1.0, mean / DAY)
        """Days between two looks that count as two days, in the mean."""
        self.lowers = lowers
        self.present = present
        self.declared = declared
        self.digests = {name: digest(kind) for name, kind in self.kinds.items()}

    def chance(self, *words: object) -> float:
        """A number in [0, 1) that is always the same for the same words."""
        text = "\0".join(str(word) for word in (self.seed, *words))
        found = hashlib.blake2b(text.encode(), digest_size=8, person=b"gadfly ask").digest()
        return int.from_bytes(found, "big") / 2**64


def digest(kind: Kind) -> str:
    """What tells whether a kind still asks the same: its query, its thresholds and its sentences."""
    what = [kind.name, kind.query, kind.threshold, kind.ask, kind.many]
    return hashlib.sha256(msgspec.json.encode(what, order="sorted")).hexdigest()[:16]
