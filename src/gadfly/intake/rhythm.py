"""How regularly something arrives: the interval that its silence may be judged by, learnt and never assumed.

Theory of operation. Telemetry is not a heartbeat: an exporter says nowhere how often it exports, and some
export when they please. An interval is told only after several arrivals in a row kept one, and it is the
longest gap seen lately, not the mean. A gap of more than three times the usual is either an outage or a
sender that is not regular after all; which of them cannot be known, so each one that comes after an interval
was told makes four times as many regular arrivals wanted before the next is. A long regular run halves that
once.
"""

from __future__ import annotations

from typing import NamedTuple

AT_ONCE = 0.1
"""Seconds within which arrivals are one: an export is often sent as several requests."""
SPREAD = 3.0
"""A gap this many times longer than the usual one is not of the same rhythm; one export lost, and the next a
little late, still is. What comes this many times sooner is an extra one (a last export, one sent again) and
is passed over; where all come sooner, the usual gap shrinks by and by."""
WANTED = 4
"""Regular gaps in a row before an interval is told, where nothing went wrong before."""
WANTED_MOST = 2048
"""More than a day has minutes: who exports once a minute and pauses once a day ends by not being missed; and
who was down for a while is missed again a day and a half later at the latest."""
MISTRUST = 4
FORGIVEN = 16
"""A regular run this many times longer than was wanted halves what is wanted next time, once."""
SMOOTHING = 8.0


class Rhythm(NamedTuple):
    """What is known of the arrivals of one sender. Times are monotonic seconds."""

    last: float
    usual: float = 0.0
    """The smoothed gap; 0: there was none yet."""
    longest: float = 0.0
    """The longest gap of late, which fades."""
    run: int = 0
    """Regular gaps in a row."""
    wanted: int = WANTED

    @property
    def interval(self) -> float:
        """Seconds after which the next arrival is to be expected; 0: cannot be said."""
        return self.longest if self.run >= self.wanted else 0.0

    def next(self, now: float) -> Rhythm:
        """After one more arrival."""
        gap = now - self.last
        if gap < max(AT_ONCE, self.usual / SPREAD):
            return self
        if self.usual == 0.0:
            return Rhythm(now, gap, gap, 1, self.wanted)
        if gap > self.usual * SPREAD:
            if self.run == 0:  # twice in a row: another pace, not another pause
                return Rhythm(now, gap, gap, 0, self.wanted)
            wanted = min(MISTRUST * self.wanted, WANTED_MOST) if self.interval else self.wanted
            return Rhythm(now, self.usual, self.usual, 0, wanted)
        usual = self.usual + (gap - self.usual) / SMOOTHING
        longest = max(gap, self.longest + (usual - self.longest) / SMOOTHING)
        run, wanted = self.run + 1, self.wanted
        if wanted > WANTED and run == FORGIVEN * wanted:
            wanted //= 2
        return Rhythm(now, usual, longest, run, wanted)


def known(last: float, interval: float) -> Rhythm:
    """The rhythm of one whose interval was learnt before this process began."""
    return Rhythm(last, interval, interval, WANTED, WANTED)
