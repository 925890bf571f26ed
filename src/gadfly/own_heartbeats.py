"""The heartbeats of the members as samples: six series a component, taken in bulk from the columns.

Which components have series is decided anew at each look: who had them keeps them, then the declared, then
the first heard, as many as there is room for. What is not looked at any more, or is called differently, ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gadfly.monitor.card import KINDS
from gadfly.monitor.columns import FREE, Columns, Flag
from gadfly.monitor.heard import Heard
from gadfly.monitor.liveness import Liveness

Labels = dict[str, str]
Open = Callable[[Sequence[Labels]], NDArray[np.int64]]
"""Gives the series of these labels, made where they are new."""

HELP = {
    "heartbeat_up": ("gauge", "1 while its heartbeats say that it lives, 0 when they are missing."),
    "heartbeat_interval_seconds": ("gauge", "The interval at which it beats, as it says."),
    "heartbeat_jitter_seconds": ("gauge", "Smoothed mean deviation of the arrivals of its beats."),
    "heartbeat_received_total": ("counter", "Beats that arrived."),
    "heartbeat_lost_total": ("counter", "Beats that did not arrive, by gaps in their sequence."),
    "heartbeat_restarts_total": ("counter", "Starts of a new incarnation that were seen."),
}
"""By metric: its type, and what it says."""
METRICS = tuple(HELP)

_UP = np.zeros(256)
_UP[[Liveness.alive, Liveness.late, Liveness.suspect, Liveness.stalled]] = 1.0
_WHO = np.dtype(
    [("id", "u8"), ("kind", "u1"), ("owner", "i4"), ("group", "i4"), ("host", "i4"), ("named", "?")]
)


class Look(NamedTuple):
    """What one look at the members gives."""

    series: NDArray[np.int64]
    value: NDArray[np.float64]
    ended: NDArray[np.int64]
    """Series that end now."""
    refused: int
    """Components that beat and have no series, for want of room."""
    waiting: int
    """Components that get theirs at the next look, as this one already named as many as it may."""


class Heartbeats:
    """Who has series, and which. `room` is how many components may have some."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._slots = np.empty(0, np.int64)
        self._who = np.empty(0, _WHO)
        self._series = np.empty((0, len(METRICS)), np.int64)

    @property
    def count(self) -> int:
        """Series that are written at each look."""
        return self._series.size

    def look(self, heard: Heard, columns: Columns, open_: Open, most: int = 1 << 62) -> Look:
        """The samples of now. At most so many components are given series anew, as that takes long."""
        slots, refused = self._choose(heard, columns)
        who = _describe(slots, heard, columns)
        place, same = self._known(slots, who)
        fresh = np.flatnonzero(~same)
        if waiting := max(0, len(fresh) - most):
            stay = np.ones(len(slots), bool)
            stay[fresh[most:]] = False
            slots, who = slots[stay], who[stay]
            place, same = self._known(slots, who)
            fresh = np.flatnonzero(~same)
        series = np.empty((len(slots), len(METRICS)), np.int64)
        series[same] = self._series[place[same]]
        if len(fresh):
            labels = [
                {"__name__": metric, **one}
                for one in (labels_of(slot, heard, columns) for slot in slots[fresh].tolist())
                for metric in METRICS
            ]
            series[fresh] = open_(labels).reshape(-1, len(METRICS))
        stayed = np.zeros(len(self._slots), bool)
        stayed[place[same]] = True
        ended = self._series[~stayed].ravel()
        self._slots, self._who, self._series = slots, who, series
        return Look(series.ravel(), _values(slots, heard).ravel(), ended, refused, waiting)

    def _known(
        self, slots: NDArray[np.int64], who: NDArray[np.void]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where each slot stood at the last look, and whether it did, under the same name."""
        if not len(self._slots):
            return np.zeros(len(slots), np.int64), np.zeros(len(slots), bool)
        place = np.searchsorted(self._slots, slots).clip(max=len(self._slots) - 1)
        return place, (self._slots[place] == slots) & (self._who[place] == who)

    def _choose(self, heard: Heard, columns: Columns) -> tuple[NDArray[np.int64], int]:
        size = min(heard.size, columns.size)
        liveness, flags = heard.liveness[:size], columns.flags[:size]
        known = (columns.verdict[:size] != FREE) & (liveness != FREE) & (liveness != Liveness.left)
        awaited = (liveness != Liveness.never) | (flags & int(Flag.beats) != 0)
        slots = np.flatnonzero(known & awaited)
        if len(slots) <= self.room:
            return slots, 0
        rank = (flags[slots] & int(Flag.declared) != 0).astype(np.int8)
        before = np.zeros(max(size, int(self._slots[-1]) + 1 if len(self._slots) else 0), np.int8)
        before[self._slots] = 2
        rank += before[slots]
        kept = np.sort(slots[np.argsort(-rank, kind="stable")[: self.room]])
        return kept, len(slots) - len(kept)


def labels_of(slot: int, heard: Heard, columns: Columns) -> Labels:
    """The labels by which a component's series are told apart; those without a word are left out."""
    found = {
        "component": columns.names[slot] or f"{int(heard.id[slot]):016x}",
        "kind": KINDS[int(columns.kind[slot])],
        "owner": columns.owners.words[columns.owner[slot]],
        "group": columns.groups.words[columns.group[slot]],
        "host": columns.hosts.words[columns.host[slot]],
    }
    return {key: word for key, word in found.items() if word}


def _describe(slots: NDArray[np.int64], heard: Heard, columns: Columns) -> NDArray[np.void]:
    who = np.empty(len(slots), _WHO)
    who["id"] = heard.id[slots]
    for word in ("kind", "owner", "group", "host"):
        who[word] = getattr(columns, word)[slots]
    names = columns.names
    who["named"] = [bool(names[slot]) for slot in slots.tolist()]
    return who


def _values(slots: NDArray[np.int64], heard: Heard) -> NDArray[np.float64]:
    value = np.empty((len(slots), len(METRICS)))
    value[:, 0] = _UP[heard.liveness[slots]]
    value[:, 1] = heard.interval[slots] / 1000.0
    # Rounded to a tenth of a millisecond: what is below is noise, and would cost most of the disk.
    value[:, 2] = np.round(heard.jitter[slots].astype(np.float64), 4)
    value[:, 3] = heard.beats[slots]
    value[:, 4] = heard.lost[slots]
    value[:, 5] = heard.restarts[slots]
    return value
