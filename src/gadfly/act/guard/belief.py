"""Nothing acts on a ledger that is not believed: an effect that nobody can show has nobody who answers.

What raises the doubt is the situation's to say: what the gate keeps differs from what the ledger says of it,
an audit found an entry changed, or a witness has seen another history than the one that is here.
"""

from __future__ import annotations

from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def belief(plan: Plan, situation: Situation) -> str | None:
    if not situation.doubt:
        return None
    return f"the ledger cannot be believed: {situation.doubt}; whoever runs this node must look first"
