"""All executors run the same version, the one that the plan is made for.

One server of eight once ran code that the others had dropped years before.
"""

from __future__ import annotations

from gadfly.act.plan import Plan
from gadfly.act.situation import Situation


def versions(plan: Plan, situation: Situation) -> str | None:
    found = situation.versions
    wanted = plan.version or next(iter(found.values()), "")
    if plan.version and not found:
        return f"no executor has said which version it runs; {plan.version} is needed"
    other = sorted(name for name, version in found.items() if version != wanted)
    if other:
        return (
            f"executor {other[0]} runs {found[other[0]] or 'an unknown version'}, not {wanted}; "
            f"bring all executors to one version first ({len(other)} differ)"
        )
    return None
