"""`gadfly act run`: ask the gate to let an automation act now."""

from __future__ import annotations

from typing import Any

import click

from gadfly.cli.act.given import body, supplies
from gadfly.cli.act.plan import lines
from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean


@click.command()
@click.argument("automation")
@click.argument("targets", nargs=-1)
@click.option("--reason", required=True, metavar="TEXT", help="Why now; it stands in the ledger.")
@supplies
@as_json
@asks_node
def run(
    automation: str,
    targets: tuple[str, ...],
    reason: str,
    json_: bool,
    node: str,
    token: str,
    **given: Any,
) -> int:
    """Carry AUTOMATION out now, on what it selects or on TARGETS only, through the gate.

    In your own name where a grant of yours permits it on every target; else you ask for it, and somebody else
    approves it. The exit code is 0 where it runs, 1 where it waits for that approval, and 2 where the gate
    refused it; then each line says which guard and who must do what.
    """
    path = f"act/automations/{segment(automation)}/run"
    told = find(node, token).post(path, {**body(targets, **given), "reason": reason})
    waits = told["state"] == "waiting"
    if json_:
        emit(told)
        return int(waits)
    for line in lines(told["plan"]):
        print(line)
    if waits:
        print(f"waits for an approval, by another than you: gadfly act approve {clean(told['approval'])}")
    else:
        print(
            f"intent {clean(told['intent'])}: it runs; gadfly act show {clean(automation)}  tells the outcome"
        )
    return int(waits)
