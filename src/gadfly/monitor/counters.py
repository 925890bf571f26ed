"""What the ear counts, in shared memory: the node reads without asking, and a new ear counts on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

DROPPED = (
    "short",
    "long",
    "magic",
    "version",
    "kind",
    "reserved",
    "status",
    "unauthenticated",
    "key",
    "mac",
    "payload",
    "name",
    "replay",
    "stale",
    "clock",
    "full",
    "unasked",
    "own",
)
"""Every reason for which a datagram is not taken, in the order they are checked. The first twelve are those
of :func:`gadfly.telemetry.frame.decode`; then: a sequence heard before, an incarnation that was superseded, a
first frame whose clock is too far from ours to be told from a recording, no slot left, a reply nobody asked
for, the name of one that the node itself tells of. A reason's number in a batch is its place here plus one; 0
is taken."""

REASON = {name: number for number, name in enumerate(DROPPED, 1)}

OTHER = (
    "received",
    "accepted",
    "batches",
    "kernel_drops",
    "beats",
    "announces",
    "goodbyes",
    "replies",
    "enquiries_sent",
    "enquiries_answered",
    "enquiries_refused",
    "enquiries_unsent",
    "challenges_sent",
    "challenges_won",
    "restarts",
    "cards_dropped",
    "events",
    "events_overflowed",
    "turns",
    "scans",
    "ear_starts",
    "doubt_late",
    "doubt_slept",
    "doubt_drops",
    "doubt_everyone",
    "doubt_unsendable",
    "wall_jumps",
    "declared_refused",
    "declared_exited",
    "declared_no_answer",
    "declared_overdue",
    "recovered",
    "recovered_lost",
    # what held when the ear laid down what it did not need: 1 held, 0 did not
    "confined_user",
    "confined_capabilities",
    "confined_new_privileges",
    "confined_limits",
    "confined_files",
    "confined_calls",
)
NAMES = tuple(f"dropped_{name}" for name in DROPPED) + OTHER


class Counters:
    """Named counters over an array of uint64 with at least ``len(NAMES)`` elements."""

    def __init__(self, array: NDArray[np.uint64]) -> None:
        self.array = array
        self._index = {name: place for place, name in enumerate(NAMES)}

    def add(self, name: str, count: int = 1) -> None:
        self.array[self._index[name]] += np.uint64(count)

    def set(self, name: str, value: int) -> None:
        self.array[self._index[name]] = value

    def get(self, name: str) -> int:
        return int(self.array[self._index[name]])

    def drop(self, reasons: NDArray[Any]) -> None:
        """Count the reasons of a batch, 0 (taken) left out."""
        counted = np.bincount(reasons, minlength=len(DROPPED) + 1)[1:]
        self.array[: len(DROPPED)] += counted.astype(np.uint64)

    def snapshot(self) -> dict[str, int]:
        return {name: int(value) for name, value in zip(NAMES, self.array[: len(NAMES)], strict=True)}
