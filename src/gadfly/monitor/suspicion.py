"""When a beat is late, when to ask, and when silence is believed. Pure functions over arrays; no clock, no
I/O.

Theory of operation
-------------------
A beat of a component with interval I sets ``deadline = seen + I + margin``. The margin covers what the
component's own arrivals have shown to be usual, and no more: being late only means being asked, which costs
one packet. (The estimator is that of TCP's retransmission timer, RFC 6298.)

A late component is asked at once. The answer settles it: an answer means alive (or stalled, as it says), a
refusal by its own host means dead. What remains is silence, and silence is only as telling as the network is
good. So silence is weighed as evidence. If a living component's first enquiry goes unanswered with
probability
q1, and each further one, given that the one before did, with q2, and each further beat, given that the one
before was lost, is lost with c, then a living component would show k unanswered enquiries and m more missing
beats with probability

    P = q1 · q2^(k-1) · c^m

and the evidence is -ln P. All three are measured on components that turned out to be alive
(:mod:`gadfly.monitor.loss`), conditionally, so that bursts weigh as what they are. Living components become
late R times a second on this node, so declaring at P makes R · month · P false deaths a month. The operator
allows a number of them; hence silence is believed when

    -ln P  ≥  patience  =  ln(R · month / mistakes)

and never before the third enquiry. On a clean network three tries within half an interval suffice. With a
fifth of the packets lost it takes some twenty, sent more slowly, and it still ends. Listening only, k is 0
and missing beats carry all the evidence. The test of all this is a table:
tests/monitor/ear/test_suspicion.py.

When a network vanishes with a hundred thousand members, they cannot all be asked in time. Those who are
asked are a sample, taken turn about by host, of the late ones of their network. If d of them were found dead
and a alive, the next late one is alive with a probability of about (a + 1) / (a + d + 1) (Laplace's rule of
succession). That takes the place of its own unanswered enquiries where it says more; its own missing beats
count besides, and as when listening only, some beyond the first must be missing. One living member of the
sample is enough to make the others be asked. Moreover an enquiry goes to a socket: where hardly any late one
of the network is alive, the silence of a socket when asked for some of its members is that of all which were
overdue before.

What was declared dead and comes back was a mistake only if it comes back soon. Having been away for long, it
was away: a cable pulled, a host restarted. That teaches nothing about how many packets get lost
(:func:`was_outage`). Between the two, what one return can teach is bounded.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.float64]

MONTH = 30.44 * 86_400.0
"""Seconds of the month in which mistakes are counted."""
FASTEST = 0.02
"""No interval is taken for shorter than this: below, the scheduling of ordinary machines is all one
measures."""
SLOWEST = 4_294_967.295
"""The longest interval that the wire can tell, in seconds."""
USUAL = 0.1
"""Share of an interval that a beat may always be late: senders share their processors with others."""
DEVIATIONS = 4.0
"""Mean deviations that are usual, as in RFC 6298."""
LEAST = 0.01
"""Seconds; the receiver itself collects beats for some milliseconds."""
TRIES = 3
"""No silence is believed before so many enquiries."""
SPACING = 0.15
"""Share of an interval between tries, so that three fit in half of one."""
SPACING_MOST = 3.0
"""Seconds between the first tries at most: with slow beats there is no reason to be slow as well."""
GROWTH = 1.15
"""Each try after the third waits so much longer than the one before; a burst of loss passes meanwhile."""
OUTAGE = 2.0
"""Intervals for which one that was declared dead must have been late, to have been away;"""
BURST = 0.25
"""with shorter intervals as many of these, in seconds: bursts of loss last so long."""
RUN_MOST = 8
"""Longer runs of lost beats are taken for this long: one member's trouble must not outweigh a network."""
MISSED = 2
"""Listening only, more than the first beat must be missing, by so many, whatever the evidence."""


def effective(interval_ms: NDArray[Any]) -> Seconds:
    """Seconds between beats as judged by."""
    return np.maximum(interval_ms.astype(np.float64) / 1000.0, FASTEST)


def margin(interval: Seconds, jitter: NDArray[Any]) -> Seconds:
    """How much later than its interval a beat may come without being late; never more than an interval."""
    wanted = np.maximum(np.maximum(USUAL * interval, DEVIATIONS * jitter), LEAST)
    return np.minimum(wanted, interval)


def first_jitter(interval: Seconds) -> Seconds:
    """What a component is thought to vary by before anything was seen: a quarter interval of margin."""
    return interval / 16.0


def next_jitter(jitter: NDArray[Any], interval: Seconds, elapsed: Seconds) -> Seconds:
    """The smoothed mean deviation after one more arrival, `elapsed` seconds after the one before.

    Lost beats make a gap of several intervals, so the deviation is that from the nearest whole number of
    them.
    """
    deviation = np.abs(elapsed - np.maximum(np.rint(elapsed / interval), 1.0) * interval)
    deviation = np.minimum(deviation, interval / 2)
    smoothed: Seconds = jitter + (deviation - jitter) / 8.0
    return smoothed


def spacing(interval: Seconds, round_trip: Seconds, tries: NDArray[Any]) -> Seconds:
    """Seconds to wait for the answer to try number `tries` (from 1), before the next one or the verdict."""
    first = np.maximum(np.minimum(SPACING * interval, SPACING_MOST), round_trip)
    growth = GROWTH ** np.maximum(tries.astype(np.float64) - TRIES, 0.0)
    return first * np.minimum(growth, 8.0)


def patience(late_per_second: float, mistakes_per_month: float) -> float:
    """The evidence needed, in nats, when living components are late so often and so many mistakes are
    allowed."""
    return max(3.0, math.log(max(1.0, late_per_second * MONTH / mistakes_per_month)))


def evidence(
    tries: NDArray[Any],
    missed: NDArray[Any],
    first: NDArray[Any],
    further: NDArray[Any],
    beat: NDArray[Any],
    alive: NDArray[Any] | float = 1.0,
) -> Seconds:
    """-ln P of the theory above: `tries` unanswered, `missed` beats beyond the first; q1, q2 and c.

    `alive`: the chance, by what became of others of its network, that a late one is alive.
    """
    asked = tries > 0
    nats = np.where(asked, -np.log(first), 0.0)
    nats -= np.maximum(tries.astype(np.float64) - 1.0, 0.0) * np.log(further)
    nats = np.maximum(nats, -np.log(alive))
    nats -= missed * np.log(beat)
    return nats


def was_outage(interval: Seconds, silent: Seconds) -> NDArray[np.bool_]:
    """Whether a member declared dead, and so many seconds late, was away and not just unheard."""
    return silent > OUTAGE * np.maximum(interval, BURST)


def believed(
    tries: NDArray[Any], missed: NDArray[Any], nats: NDArray[Any], needed: float
) -> NDArray[np.bool_]:
    """Whether silence is believed."""
    return (nats >= needed) & ((tries >= TRIES) | (missed >= MISSED))


def mistakes_per_month(text: str) -> float:
    """`1 per node-month`, `0.5 per node-year`, `2 per node-week`, `1 per node-day` as a number a month.

    Raises ValueError that says what to write.
    """
    number, _, unit = text.strip().partition(" per ")
    lengths = {"day": 86_400.0, "week": 7 * 86_400.0, "month": MONTH, "year": 12 * MONTH}
    try:
        value = float(number)
        length = lengths[unit.strip().removeprefix("node-")]
    except (ValueError, KeyError):
        value = math.nan
        length = 1.0
    if not 0 < value < math.inf:
        raise ValueError(
            f'"{text}" is no budget of mistakes; write "1 per node-month" (day, week, month or year)'
        )
    return value * MONTH / length
