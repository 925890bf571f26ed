"""Heartbeats, probes and the catalogue reconciled into one verdict, with the reason in words.

Theory of operation. Three witnesses speak of a component: what it says itself (heartbeats), what it answers
when asked (probes), and what was declared about it (the catalogue). None is believed alone:

=================  =====================  ======================================
heartbeats         probes                 verdict
=================  =====================  ======================================
arrive             pass, or none          healthy (undeclared where not declared)
arrive             warn                   degraded
arrive             fail                   gray
arrive, say warn   pass, or none          degraded
arrive, say fail   anything               down
stalled            anything               down
silent             pass, asked since      zombie
silent             fail, none, or older   down
said goodbye       anything               left (down where the goodbye said fail)
never heard        pass                   zombie where beats are declared, else healthy
never heard        fail                   down
never heard        none                   missing after a grace, until then unknown
=================  =====================  ======================================

``late`` and ``suspect`` count as arriving: being asked is no verdict. A probe that could not ask (`unknown`)
is no witness. :func:`verdict` is the whole of it; everything else only words the reason.
"""

from __future__ import annotations

import msgspec

from gadfly.monitor.liveness import Liveness, Status
from gadfly.monitor.probe.result import Outcome
from gadfly.monitor.verdict import Verdict

ARRIVING = frozenset({Liveness.alive, Liveness.late, Liveness.suspect})


class Asked(msgspec.Struct, frozen=True):
    """What one probe is believed to have found. `at` and `since` are wall seconds."""

    name: str
    outcome: Outcome
    reason: str
    at: float
    since: float
    moment: float = 0.0
    """Monotonic seconds, to be compared with :attr:`Facts.turned` whatever the wall clock did meanwhile."""


class Facts(msgspec.Struct, frozen=True):
    """All that is known of one component now."""

    declared: bool = False
    beats: bool = True
    """Whether heartbeats are expected of it: declared so, or ever heard."""
    liveness: Liveness = Liveness.never
    turned: float = 0.0
    """Monotonic seconds at which the liveness last changed."""
    why: str = ""
    """The ear's reason for the liveness, in words."""
    status: Status = Status.passing
    says: str = ""
    """The component's own words about its status."""
    probes: tuple[Asked, ...] = ()
    waiting: bool = False
    """The node has listened for too short a time to miss anybody."""


def verdict(facts: Facts) -> tuple[Verdict, str]:
    """The word for these facts, and the reason as a clause that a person can read."""
    worst = worst_probe(facts.probes)
    if facts.liveness in ARRIVING:
        return _arriving(facts, worst)
    if facts.liveness is Liveness.stalled:
        return Verdict.down, facts.says or "the process answers, but its work does not advance"
    if facts.liveness is Liveness.left and facts.status is Status.fail:
        return Verdict.down, facts.says or "ended, and said that it failed"
    if facts.liveness is Liveness.left:
        return Verdict.left, facts.says or "said goodbye"
    if facts.liveness is Liveness.silent:
        return _silent(facts)
    return _never(facts, worst)


def worst_probe(probes: tuple[Asked, ...]) -> Asked | None:
    """The worst of the probes that could ask; None where none could."""
    asked = [probe for probe in probes if probe.outcome is not Outcome.unknown]
    return max(asked, key=lambda probe: probe.outcome, default=None)


def _arriving(facts: Facts, worst: Asked | None) -> tuple[Verdict, str]:
    if facts.status is Status.fail:
        return Verdict.down, _says("fail", facts.says)
    if worst is not None and worst.outcome is Outcome.fail:
        return Verdict.gray, f"beats arrive, but {worst.reason}"
    if facts.status is Status.warn:
        return Verdict.degraded, _says("warn", facts.says)
    if worst is not None and worst.outcome is Outcome.warn:
        return Verdict.degraded, worst.reason
    if not facts.declared:
        return Verdict.undeclared, "beats arrive; no catalogue declares it"
    if facts.status is Status.starting:
        return Verdict.healthy, "starting"
    if facts.status is Status.stopping:
        return Verdict.healthy, "stopping"
    if worst is not None:
        return Verdict.healthy, f"beats arrive, and {worst.reason}"
    return Verdict.healthy, "beats arrive"


def _silent(facts: Facts) -> tuple[Verdict, str]:
    silence = facts.why or "its beats stopped and it does not answer"
    # A pass from before the silence says nothing about now, so it must not soften the verdict.
    fresh = tuple(probe for probe in facts.probes if probe.moment >= facts.turned)
    worst = worst_probe(fresh)
    if worst is None:
        return Verdict.down, silence
    if worst.outcome is Outcome.fail:
        return Verdict.down, f"{silence}, and {worst.reason}"
    return Verdict.zombie, f"{worst.reason}, but its beats stopped"


def _never(facts: Facts, worst: Asked | None) -> tuple[Verdict, str]:
    if worst is None:
        if facts.beats and not facts.waiting:
            return Verdict.missing, "declared, and never heard"
        unknown = next((p.reason for p in facts.probes if p.outcome is Outcome.unknown), "")
        return Verdict.unknown, unknown or "not yet heard or asked"
    if worst.outcome is Outcome.fail:
        return Verdict.down, worst.reason + (", and it was never heard" if facts.beats else "")
    if facts.beats and not facts.waiting:
        return Verdict.zombie, f"{worst.reason}, but it never beat"
    if worst.outcome is Outcome.warn:
        return Verdict.degraded, worst.reason
    return Verdict.healthy, worst.reason


def _says(word: str, words: str) -> str:
    return f"says of itself: {word}" + (f", {words}" if words else "")
