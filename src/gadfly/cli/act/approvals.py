"""`gadfly act approvals`, `approve` and `deny`: what waits for a person."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import click

from gadfly.cli.act.plan import lines
from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import ago, clean, colourful, painter


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also those that were answered, or ended, of late.")
@as_json
@asks_node
def approvals(everything: bool, json_: bool, node: str, token: str) -> int:
    """List the plans that wait for somebody's approval: what would happen, who asks, who answers, until when.

    The exit code is 1 where one waits.
    """
    answer = find(node, token).get("act/approvals", state="all" if everything else "waiting")
    found = answer["approvals"]
    code = int(any(one["state"] == "waiting" for one in found))
    if json_:
        emit(answer)
        return code
    if not found:
        print("nothing waits for an approval")
    paint, now = painter(colourful()), time.time()
    for number, one in enumerate(found):
        if number:
            print()
        head, *rest = told(one, now)
        print(paint(head, "strong"))
        print("\n".join(rest))
    return code


def told(one: Mapping[str, Any], now: float) -> list[str]:
    """One approval as lines: a heading, why, the plan, who asks and who may answer."""
    if one["state"] == "waiting":
        when = f"ends in {ago(one['ends'] - now)}" if one["ends"] > now else "too late"
    else:
        when = f"{one['state']} by {clean(one['by']) or 'nobody'}"
    out = [f"{clean(one['id'])}  {clean(one['automation'])}: {when}"]
    if one.get("why"):
        out.append(clean(one["why"]))
    out += lines(one["plan"])
    if one.get("lacks"):
        out.append(f"lacks: {clean(one['lacks'])}")
    answers = ", then ".join(clean(name) for name in one["answers"]) or "nobody: it has no owner"
    out.append(f"asked by {clean(one['who'])} {ago(now - one['asked'])} ago; may answer: {answers}")
    return out


@click.command()
@click.argument("id")
@click.option("--note", default="", metavar="TEXT", help="What you looked at; it stands in the ledger.")
@as_json
@asks_node
def approve(id: str, note: str, json_: bool, node: str, token: str) -> None:
    """Approve the plan that waits under ID, and no other. Nobody approves what they asked for."""
    _say(find(node, token).post(f"act/approvals/{segment(id)}/approve", {"note": note}), json_)


@click.command()
@click.argument("id")
@click.option("--reason", required=True, metavar="TEXT", help="Why; whoever asked will want to know.")
@as_json
@asks_node
def deny(id: str, reason: str, json_: bool, node: str, token: str) -> None:
    """Deny the plan that waits under ID."""
    _say(find(node, token).post(f"act/approvals/{segment(id)}/deny", {"reason": reason}), json_)


def _say(one: Mapping[str, Any], json_: bool) -> None:
    if json_:
        emit(one)
        return
    count = one["plan"]["count"]
    what = f"{clean(one['automation'])} on {count:,} {'target' if count == 1 else 'targets'}"
    print(f"{clean(one['id'])}: {one['state']} by {clean(one['by'])}: {what}")
    if one.get("then"):
        print(clean(one["then"]))
