"""Every guard in force has denied its synthetic request lately.

The tool that should have stopped a fatal command once had a bug, and nobody knew before it mattered.
"""

from __future__ import annotations

from gadfly import duration
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def proof(plan: Plan, situation: Situation) -> str | None:
    if not situation.proofs:
        return "no guard has proven itself on this node yet; run the proofs"
    for name, last in situation.proofs.items():
        if not last.denied:
            when = "has not proven itself yet" if not last.at else "let through what it must deny"
            return f"the guard {name} {when}; whoever runs this node must look before anything acts"
        if situation.time - last.at > situation.rules.proof:
            age = duration.format(round(situation.time - last.at))
            return f"the guard {name} proved itself {age} ago, which is too long; run the proofs"
    return None
