"""`gadfly act list` and `show`: what each automation may do, on what record."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import click

from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.stop import standing
from gadfly.cli.story import clock
from gadfly.cli.terminal import ago, clean, colourful, columns, painter, table

RUNS = 10
"""Runs shown; the API gives more."""


@click.command("list")
@as_json
@asks_node
def list_(json_: bool, node: str, token: str) -> int:
    """List the automations: what each may do, on what record, and what holds it back.

    The exit code is 2 where everything is stopped or a guard failed its proof; 1 where something is stopped
    in part, frozen, overdue, unexplained or waits for an approval.
    """
    board = find(node, token).get("act")
    if json_:
        emit(board)
        return gravity(board)
    paint, now = painter(colourful()), time.time()
    for line in standing(board["stops"], now):
        print(paint(line, "down"))
    for line in duties(board, now):
        print(paint(line, "degraded"))
    rows = [
        (
            one["name"],
            one["owner"] or "nobody",
            one["level"] if one["state"] == "ready" else f"{one['level']}, {one['state']}",
            f"{one['verified']} of {one['runs']}, ≥ {int(one['bound'] * 100)} %"
            if one["runs"]
            else "no run yet",
            one["review"] + (", overdue" if one["overdue"] else ""),
            ", ".join(used(budget) for budget in one["budgets"]),
        )
        for one in board["automations"]
    ]
    if not rows:
        print("no automation is declared")
        return gravity(board)
    out = table(rows, ("automation", "owner", "may", "verified", "review", "used"), total=columns())
    print(paint(out[0], "dim"))
    print("\n".join(out[1:]))
    return gravity(board)


@click.command()
@click.argument("automation")
@as_json
@asks_node
def show(automation: str, json_: bool, node: str, token: str) -> None:
    """Show one AUTOMATION: why it exists, what it may, how much of that is used, and what it did."""
    told = find(node, token).get(f"act/automations/{segment(automation)}")
    if json_:
        emit(told)
        return
    paint, now = painter(colourful()), time.time()
    one = told["automation"]
    print(paint(clean(one["name"]), "strong"))
    print(clean(one["purpose"]))
    why = f": {one['why']}" if one["why"] else ""
    raised = f"; its record allows {one['proposed']}" if one["proposed"] else ""
    facts = [
        ("state", one["state"] + why),
        ("may", f"{one['level']}, declared {one['declared']}{raised}"),
        ("verified", f"{one['verified']} of {one['runs']}, at least {int(one['bound'] * 100)} % (95 %)"),
        ("does", one["action"]),
        ("when", one["on"]),
        ("afterwards", told["expect"]),
        ("undone by", told["undo"] or "irreversible"),
        ("answers", " → ".join(told["answers"]) or "nobody: give it an owner in gadfly.toml"),
        ("review", clean(one["review"]) + (", overdue" if one["overdue"] else "")),
        ("expires", clean(one["expires"])),
        *((name, value) for name, value in told["limits"]),
        *(("used", used(budget)) for budget in one["budgets"]),
    ]
    print("\n".join(table([fact for fact in facts if fact[1]], total=columns())))
    if told["runs"]:
        print(paint("\nwhat it did", "dim"))
        rows = [
            (clock(run["at"], now), run["state"], f"{run['count']:,}", f"intent {run['intent']}", _words(run))
            for run in told["runs"][:RUNS]
        ]
        print("\n".join(table(rows, total=columns())))
    print(
        paint(
            f"\nthe ledger has it word by word: gadfly ledger tail --about automation:{clean(one['name'])}",
            "dim",
        )
    )


def gravity(board: Mapping[str, Any]) -> int:
    """The exit code of a board, as Nagios plugins have them."""
    failed = any(one["at"] is not None and not one["denied"] for one in board["proofs"])
    if any(one["scope"] == "everything" for one in board["stops"]) or failed:
        return 2
    held = any(one["releasable"] for one in board["freezes"]) or any(
        one["overdue"] for one in board["automations"]
    )
    return int(bool(board["unexplained"] or board["stops"] or board["approvals"] or board["reviews"] or held))


def duties(board: Mapping[str, Any], now: float) -> list[str]:
    """What somebody must see to, a line each."""
    out = []
    if count := board["waiting"]:
        out.append(
            f"{count} {'plan waits' if count == 1 else 'plans wait'} for an approval: gadfly act approvals"
        )
    out += [
        f"the glass is broken by {clean(one['who'])} for {ago(one['ends'] - now)}: {clean(one['reason'])}"
        for one in board["breakglass"]
    ]
    for one in board["freezes"]:
        until = (
            f"until {clock(one['ends'], now)}"
            if one["ends"]
            else f"until released: gadfly act release {clean(one['id'])}"
        )
        out.append(f"frozen: {clean(one['what'])}, {clean(one['why'])}, {until}")
    for one in board["reviews"]:
        late = "overdue" if one["due"] < now else f"due {_day(one['due'])}"
        out.append(
            f"review {clean(one['id'])} ({clean(one['owner']) or 'nobody'}): {clean(one['what'])}, {late}"
        )
    for one in board["proofs"]:
        if one["at"] is None or not one["denied"]:
            why = clean(one["words"]) or (
                "never asked" if one["at"] is None else "it did not deny what it must"
            )
            out.append(f"guard {clean(one['guard'])} is not proven: {why}")
    return out + [
        f"unexplained: {clean(one['component'])} {clean(one['effect'])}, {ago(now - one['at'])} ago"
        for one in board["unexplained"]
    ]


def used(budget: Mapping[str, Any]) -> str:
    """`2/6 an hour`, `8/25 % of group workers`."""
    if budget["unit"] == "share":
        return f"{budget['used'] * 100:.0f}/{budget['most'] * 100:.0f} % {clean(budget['name'])}"
    return f"{budget['used']:g}/{budget['most']:g} {clean(budget['name'])}"


def _words(run: Mapping[str, Any]) -> str:
    by = f", measured by {run['measured_by']}" if run["measured_by"] else ""
    approved = f", approved by {run['approved']}" if run["approved"] else ""
    return f"{run['words']}{by}; asked by {run['who']}{approved}"


def _day(end: float | None) -> str:
    """The last day before a moment, as the catalogue has it: in UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(end - 1)) if end else ""
