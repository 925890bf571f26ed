"""What else may go wrong at the same time: the harm must stay bounded, and nothing may stay stopped for ever."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What is out of order while a scenario is played."""

    ledger: bool = False
    """For two minutes no append succeeds; afterwards each takes two seconds, and one in five fails."""
    skew: float = 0.0
    """Seconds by which the executors' clocks are ahead, and those of every second decision behind."""
    absent: bool = False
    """Nobody approves or consents to anything."""
    replica: bool = False
    """One of two gates dies with its first act in progress, and stays dead."""


NONE = Trouble()
TROUBLES = {
    "slow ledger": Trouble(ledger=True),
    "clock skew": Trouble(skew=5.0),
    "clocks behind": Trouble(skew=-5.0),
    "approver absent": Trouble(absent=True),
    "dead replica": Trouble(replica=True),
}
ALL = Trouble(ledger=True, skew=5.0, absent=True, replica=True)
"""Everything at once."""
