"""Generated configuration and filled-in parameters have the shape that they must have.

A file that doubled overnight and a row with blank fields each took down a large part of the internet in
minutes.
"""

from __future__ import annotations

from gadfly.act.grants import share
from gadfly.act.plan import Plan
from gadfly.act.situation import Situation

SMALL = 1024
"""Below this size (bytes or rows) a change is no sign of anything."""


def shape(plan: Plan, situation: Situation) -> str | None:
    for name, value in plan.parameters.items():
        if not value.strip():
            return (
                f"the parameter {name} is blank, and blank is never a default; whoever "
                "fills it in must say it"
            )
    data = plan.data
    if data is None:
        return None
    if data.invalid:
        return f"the data does not follow its schema: {data.invalid}; whoever generates it must repair it"
    if data.blank:
        return (
            f"{len(data.blank)} fields are blank, as {data.blank[0]}; whoever "
            "generates the data must fill them"
        )
    if data.size <= 0:
        return "the data is empty; whoever generates it must look"
    if data.size > data.limit:
        return f"the data has {data.size}, its readers bear {data.limit}; whoever generates it must look"
    change = abs(data.size - data.before) / data.before if data.before else 0.0
    if change > share.parse(situation.rules.data) and max(data.size, data.before) >= SMALL:
        return (
            f"the data went from {data.before} to {data.size}; more than "
            f"{situation.rules.data} of change is not "
            "taken: whoever generates it must look"
        )
    return None
