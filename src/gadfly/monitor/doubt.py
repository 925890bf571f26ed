"""Reasons for the observer to doubt itself before it declares anybody dead. Pure: clocks are passed in.

- Own turn late: this process was stopped or starved. The sockets are emptied first; then all who are due
  get as long as we were away, at most an interval and its margin.
- Boot time ran ahead of monotonic time: the machine slept, others beat and nobody was there to hear.
  The same follows.
- The kernel dropped datagrams: the missing beats may be among them. Who is due gets one more interval, once.
- Nearly all are late, on several hosts: our own network is gone (outage.py). Who is late or asked gets one
  more interval, once. Then it is believed. A refusal is proof meanwhile, too.
- An enquiry cannot be sent: our own interface is down. A try that did not leave is no try.
- The wall clock jumped: nothing follows, no deadline is kept in wall time. It is counted.

None of it lasts: a doubt postpones each member once, so a real death is found an interval later at most.
"""

from __future__ import annotations

from typing import NamedTuple

LATE = 60_000_000
"""Nanoseconds by which a turn may be late: less is ordinary scheduling and less than the least margin's
harm."""
SLEPT = 100_000_000
JUMPED = 1_000_000_000
HOSTS = 4
"""With fewer hosts late at once nothing can be said about our own network."""
NEARLY_ALL = 0.8


class Clocks(NamedTuple):
    """The three clocks at one moment, nanoseconds."""

    monotonic: int
    boot: int
    wall: int


class Gap(NamedTuple):
    """What went by between two turns."""

    late: int
    """Nanoseconds by which the turn came later than it was meant to; 0 when that is ordinary."""
    slept: int
    """Nanoseconds the machine was suspended."""
    jumped: int
    """Nanoseconds by which wall time moved against monotonic time, sleep apart; 0 when that is slewing."""


def gap(before: Clocks, after: Clocks, meant: int) -> Gap:
    """`meant`: the monotonic ns at which this turn was to come at the latest."""
    passed = after.monotonic - before.monotonic
    late = after.monotonic - max(meant, before.monotonic)
    slept = (after.boot - before.boot) - passed
    jumped = (after.wall - before.wall) - passed - max(slept, 0)
    return Gap(
        late if late > LATE else 0,
        slept if slept > SLEPT else 0,
        jumped if abs(jumped) > JUMPED else 0,
    )


def network_gone(late: int, beating: int, hosts: int) -> bool:
    """Whether so many late members of all whose beats were expected, on so many hosts, speak against us."""
    return hosts >= HOSTS and late >= NEARLY_ALL * beating
