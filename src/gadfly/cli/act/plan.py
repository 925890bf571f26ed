"""`gadfly act plan`: what an automation would do now, without doing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from gadfly.cli.act.given import body, supplies
from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean, colourful, painter


@click.command()
@click.argument("automation")
@click.argument("targets", nargs=-1)
@supplies
@as_json
@asks_node
def plan(automation: str, targets: tuple[str, ...], json_: bool, node: str, token: str, **given: Any) -> int:
    """Show what AUTOMATION would do now, to what it selects or to TARGETS, and what the gate would say.

    Nothing happens. The exit code is 0 where the gate would allow it, and 1 where it would not.
    """
    path = f"act/automations/{segment(automation)}/plan"
    wanted = body(targets, **given)
    if any(given.values()):
        told = find(node, token).post(path, wanted)
    else:  # for which reading is enough
        told = find(node, token).get(path, targets=",".join(targets))
    code = 1 if told["refusals"] else 0
    if json_:
        emit(told)
        return code
    paint = painter(colourful())
    print(paint(clean(told["automation"]), "strong"))
    for line in lines(told):
        print(line)
    if told["waits"]:
        print("it would wait for somebody's approval")
    else:
        print("the gate would refuse it now" if code else "the gate would allow it now")
    return code


def lines(told: Mapping[str, Any]) -> list[str]:
    """A plan for a person: the action, how many of what, a line each, what follows, what is against it."""
    count = told["count"]
    out = [f"{clean(told['action'])} on {count:,} {'target' if count == 1 else 'targets'}"]
    for one in told["shares"]:
        of = f" of {one['of']:,}" if one.get("of") else ""
        out.append(f"  {one['count']:,}{of} in {clean(one['label'])} {clean(one['value']) or '–'}")
    steps = told["lines"] or told["targets"]
    out += [f"  - {clean(step)}" for step in steps]
    if (more := count - len(told["targets"])) > 0:
        out.append(f"  - and {more:,} more")
    if len(told["cells"]) > 1:
        out.append(f"in stages: {', then '.join(clean(cell) or '–' for cell in told['cells'])}")
    if told.get("symptom"):
        out.append(f"because of: {clean(told['symptom'])}")
    out.append(f"afterwards: {clean(told['expect'])}, measured by another")
    undo = told.get("undo") or "irreversible"
    out.append("it cannot be undone" if undo == "irreversible" else f"undone by: {clean(undo)}")
    if told.get("destructive"):
        out.append("it destroys")
    out += [f"{clean(one['guard'])}: {clean(one['reason'])}" for one in told["refusals"]]
    return out
