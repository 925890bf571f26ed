"""How much of what the living send does not arrive, measured where it can be known.

Beats carry a sequence, so a gap tells what was lost, and how long the runs of losses were. Enquiries are
counted when the one asked turns out to be alive: how many tries went unanswered first. Both are kept for each
source network and for the whole fleet, forgetting with a half-life; a network with few numbers is taken to be
like the fleet, one with many is judged by them alone, and the fleet with few numbers is taken to be as bad as
so few numbers leave likely. Fewer numbers mean more patience, not more mistakes.

An outage is not loss. What was declared dead and stayed away teaches nothing here (see
:func:`gadfly.monitor.suspicion.was_outage`), or each cable ever pulled would make the next death harder
to believe.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BUCKETS = 4096
HALF_LIFE = 120.0
"""Seconds. Networks change within minutes; a minute of beats is enough to know them."""
WEIGHT = 10.0
"""So many observations weigh as much as what is presumed."""
FLEET = 30.0
"""So many beats of one network weigh as much as the fleet's."""
UNSEEN = 1.0
"""So many lost beats are added to those seen. With none lost of n, the expected product of three losses, with
nothing known before (Jeffreys' prior), is about (1.2/n)^3; so 1/n is what a verdict of three tries may count
with."""
LONGER = 3.0
"""A round trip may at once be taken for so many times longer than it was, no more: a process that was stopped
for a moment answers late, and says nothing about the network."""
BURSTS, BURSTS_MOST = 30.0, 0.6
"""With so many times the share of lost beats, at most so surely, is the next try presumed lost after a lost
one."""
FLOOR_FIRST = 0.002
"""No measurement makes an unanswered enquiry rarer than this: the one asked may just have been busy."""
FLOOR_FURTHER = 0.03
"""What was busy a moment ago often still is."""
LATE_LONG, LATE_SHORT = 600.0, 10.0
"""Half-lives, in seconds, over which late ones that lived are counted: how it usually is, and how it is
now."""
SETTLED = 30.0
"""Half-life, in seconds, of what became of the late ones of a network: an event passes within a minute."""
HARDLY = 0.01
"""Share of living ones among the late below which an event concerns them all."""
PRESUMED_LATE = 1 / 3600.0
"""Late ones a second that are presumed where none was seen for an hour; before, one in the time watched."""
WATCHED_LEAST = 30.0
"""Seconds: so much is presumed even of the first moment, or nobody could be found dead in it."""
_LN2 = 0.6931471805599453


class Loss:
    """The counts. Everything is a rate or a probability for one that is alive."""

    def __init__(self) -> None:
        self.frames = np.zeros(BUCKETS)
        self.lost = np.zeros(BUCKETS)
        self.runs = np.zeros(BUCKETS)
        self.tries = np.zeros(
            (4, BUCKETS)
        )  # first asked, first unanswered, further asked, further unanswered
        self.trip = np.zeros((2, BUCKETS))  # smoothed round trip and deviation, s; 0 not measured
        self.fleet_trip = np.array([0.0, 0.0])
        self.late_long = 0.0
        self.late_short = 0.0
        self.settled = np.zeros((2, BUCKETS))  # late ones that were asked: found dead, found alive
        self._at = 0.0
        self._since = 0.0

    def forget(self, now: float) -> None:
        """Let time pass, up to `now` (monotonic seconds); call it about once a second."""
        if not self._at:
            self._at = self._since = now
        passed = now - self._at
        self._at = now
        if passed <= 0:
            return
        share = 0.5 ** (passed / HALF_LIFE)
        for counts in (self.frames, self.lost, self.runs, self.tries):
            counts *= share
        self.settled *= 0.5 ** (passed / SETTLED)
        self.late_long *= 0.5 ** (passed / LATE_LONG)
        self.late_short *= 0.5 ** (passed / LATE_SHORT)

    def arrived(self, buckets: NDArray[Any], lost: NDArray[Any]) -> None:
        """Frames arrived from these networks, each after so many lost ones."""
        self.frames += np.bincount(buckets, minlength=BUCKETS)
        gaps = np.flatnonzero(lost)
        if len(gaps):
            self.frames += np.bincount(buckets[gaps], lost[gaps], minlength=BUCKETS)
            self.lost += np.bincount(buckets[gaps], lost[gaps], minlength=BUCKETS)
            self.runs += np.bincount(buckets[gaps], minlength=BUCKETS)

    def lived(self, buckets: NDArray[Any], unanswered: NDArray[Any], answered: bool) -> None:
        """These were late, were asked (so many times in vain), and were alive after all.

        `answered`: an answer settled it; else a beat did, and no enquiry was answered.
        """
        self.late_long += len(buckets)
        self.late_short += len(buckets)
        self.settled[1] += np.bincount(buckets, minlength=BUCKETS)
        vain = unanswered.astype(np.float64)
        first = np.minimum(vain, 1.0)
        asked = vain + (1.0 if answered else 0.0)
        for row, values in enumerate(
            (np.minimum(asked, 1.0), first, np.maximum(asked - 1.0, 0.0), np.maximum(vain - 1.0, 0.0))
        ):
            self.tries[row] += np.bincount(buckets, values, minlength=BUCKETS)

    def found(self, bucket: int, *, tried: bool) -> None:
        """One frame that was taken for lost came after all: an answer, to an enquiry that was taken for
        unanswered if `tried`."""
        self.lost[bucket] = max(0.0, self.lost[bucket] - 1.0)
        if tried:
            further = self.tries[3, bucket] >= 1.0
            row = 2 if further else 0
            self.tries[row : row + 2, bucket] = np.maximum(0.0, self.tries[row : row + 2, bucket] - 1.0)

    def died(self, buckets: NDArray[Any]) -> None:
        """These were late, were asked as often as it takes, and are believed to be dead."""
        self.settled[0] += np.bincount(buckets, minlength=BUCKETS)

    def alive_when_late(self, buckets: NDArray[Any]) -> NDArray[np.float64]:
        """The chance that a late one of these networks, of which nothing else is known, is alive.

        Laplace's rule of succession over those of the same network that were late as well and were asked.
        """
        dead, alive = self.settled[:, buckets]
        chance: NDArray[np.float64] = (alive + 1.0) / (alive + dead + 1.0)
        return chance

    def hardly_any_alive(self, buckets: NDArray[Any]) -> NDArray[np.bool_]:
        """Whether next to none of the late ones of these networks turned out to be alive of late."""
        dead, alive = self.settled[:, buckets]
        hardly: NDArray[np.bool_] = alive <= HARDLY * dead + 0.5
        return hardly

    def answered_after(self, bucket: int, seconds: float) -> None:
        """An enquiry was answered after so long (RFC 6298)."""
        for trip in (self.trip[:, bucket], self.fleet_trip):
            if trip[0] == 0.0:
                trip[:] = seconds, seconds / 2
            else:
                seconds = min(seconds, LONGER * max(0.01, trip[0] + 4 * trip[1]))
                trip[1] += (abs(seconds - trip[0]) - trip[1]) / 4
                trip[0] += (seconds - trip[0]) / 8

    def round_trip(self, buckets: NDArray[Any]) -> NDArray[np.float64]:
        """Seconds after which an answer is no longer to be expected; 10 ms to 2 s."""
        smoothed = np.where(self.trip[0, buckets] > 0, self.trip[0, buckets], self.fleet_trip[0])
        deviation = np.where(self.trip[0, buckets] > 0, self.trip[1, buckets], self.fleet_trip[1])
        known = smoothed > 0
        return np.where(known, np.clip(smoothed + 4 * deviation, 0.01, 2.0), 0.01)

    def late_per_second(self) -> float:
        """How often living components of this node are late."""
        usual = self.late_long * _LN2 / LATE_LONG
        usual += max(PRESUMED_LATE, 1.0 / max(WATCHED_LEAST, self._at - self._since))
        present = max(0.0, self.late_short - 2.0) * _LN2 / LATE_SHORT
        return float(max(usual, present))

    def beat_loss(self, buckets: NDArray[Any]) -> NDArray[np.float64]:
        """The probability that a frame is lost, on the safe side of what was measured."""
        lost, frames = float(self.lost.sum()), float(self.frames.sum())
        fleet = min(0.6, (lost + 1.5 * lost**0.5 + UNSEEN) / (frames + UNSEEN))
        here = self.lost[buckets]
        own = (here + 1.5 * np.sqrt(here) + FLEET * fleet) / (self.frames[buckets] + FLEET)
        clipped: NDArray[np.float64] = np.clip(own, 0.0005, 0.9)
        return clipped

    def chances(
        self, buckets: NDArray[Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """q1, q2 and c of :mod:`gadfly.monitor.suspicion` for members of these networks."""
        beat = self.beat_loss(buckets)
        alike = FLEET / (self.frames[buckets] + FLEET)  # how far a network is taken to be like the fleet
        presumed = np.maximum(beat, 0.05)
        everywhere = _again(self.lost.sum(), self.runs.sum(), presumed)
        again = _again(self.lost[buckets], self.runs[buckets], presumed + alike * (everywhere - presumed))
        again = np.clip(again, 0.02, 0.95)
        there_and_back = 1.0 - (1.0 - beat) ** 2
        first = self._tries(0, buckets, there_and_back, alike)
        # Where there is loss at all, bursts are presumed until the tries have shown otherwise.
        seen = (self.lost[buckets] + FLEET * self._fleet_lost()) / (self.frames[buckets] + FLEET)
        bursts = np.minimum(BURSTS * seen, BURSTS_MOST)
        further = self._tries(2, buckets, np.maximum(np.maximum(there_and_back, again), bursts), alike)
        further = np.maximum(further, first)  # losing one makes losing the next no less likely
        return np.maximum(first, FLOOR_FIRST), np.maximum(further, FLOOR_FURTHER), again

    def _fleet_lost(self) -> float:
        return float(self.lost.sum() / (self.frames.sum() + FLEET))

    def _tries(
        self,
        row: int,
        buckets: NDArray[Any],
        presumed: NDArray[np.float64],
        alike: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        asked, vain = float(self.tries[row].sum()), float(self.tries[row + 1].sum())
        fleet = (vain + WEIGHT * presumed) / (asked + WEIGHT)
        expected = presumed + alike * (fleet - presumed)
        own = (self.tries[row + 1, buckets] + WEIGHT * expected) / (self.tries[row, buckets] + WEIGHT)
        capped: NDArray[np.float64] = np.minimum(own, 0.95)
        return capped


def _again(lost: Any, runs: Any, presumed: NDArray[np.float64]) -> NDArray[np.float64]:
    share: NDArray[np.float64] = (np.maximum(lost - runs, 0.0) + WEIGHT * presumed) / (lost + WEIGHT)
    return share
