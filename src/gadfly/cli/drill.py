"""`gadfly drill`: how would we know that it works?"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

import click

from gadfly.cli.node import Node, segment
from gadfly.cli.options import as_json, asks_node, emit, find, seconds
from gadfly.cli.story import clock
from gadfly.cli.terminal import clean
from gadfly.errors import GadflyError

LOOK = 0.2
"""Seconds between looks at a drill that runs."""
CODES = {"told": 0, "not told": 1}
COULD_NOT = 2


class Drilling(click.Group):
    """Begins a drill where no command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Drilling)
def drill() -> None:
    """Send a synthetic failure the way of a real one.

    TARGET is a rule, a component, an owner or receiver, or an automation. Everything that is told is marked
    [DRILL]. `gadfly drill run --help` shows the options.
    """


@drill.command()
@click.argument("target")
@click.option(
    "--kind",
    type=click.Choice(["rule", "check", "route", "automation"]),
    default=None,
    help="Which is meant, where a name is several things.",
)
@click.option("--now", "shortened", is_flag=True, help="Reckon `for` and other waits in place of waiting.")
@click.option("--ring", is_flag=True, help="Tell also who is outside their hours.")
@click.option("--escalate", is_flag=True, help="Go on to every contact, as if nobody answered.")
@click.option("--wait", callback=seconds, metavar="DURATION", help="How long somebody has to take it on: 5m.")
@click.option(
    "--sample",
    "samples",
    multiple=True,
    metavar="SERIES",
    help="What the rule is to see, as 'metric{a=\"b\"} 97', or 'metric 5/s' where it rises, in place of "
    "what is found by trying.",
)
@as_json
@asks_node
def run(
    target: str,
    kind: str | None,
    shortened: bool,
    ring: bool,
    escalate: bool,
    wait: float | None,
    samples: tuple[str, ...],
    json_: bool,
    node: str,
    token: str,
) -> int:
    """Drill TARGET, wait until it has ended, and print what came of it.

    The exit code is 0 where somebody was told (with --wait: and took it on; an automation: was stopped), 1
    where not, and 2 where the drill could not be run.
    """
    there = find(node, token)
    wanted: dict[str, Any] = {"target": target, "shortened": shortened, "ring": ring, "escalate": escalate}
    wanted |= {"kind": kind or "", "wait": wait or 0.0, "samples": list(samples)}
    try:
        ended = _ended(there, there.post("drills", wanted))
    except GadflyError as error:
        print(f"gadfly: {error}", file=sys.stderr)
        return COULD_NOT
    if json_:
        emit(ended)
    else:
        for line in lines(ended):
            print(line)
    code = CODES.get(ended["state"], COULD_NOT)
    return 1 if code == 0 and ended["wait"] and ended["acknowledged"] is None else code


def _ended(there: Node, begun: dict[str, Any]) -> dict[str, Any]:
    while begun["state"] == "running":
        time.sleep(LOOK)
        begun = there.get(f"drills/{segment(begun['id'])}")
    return begun


@drill.command("list")
@click.option("--limit", type=click.IntRange(1, 1_000), default=20, show_default=True, help="How many.")
@as_json
@asks_node
def list_(limit: int, json_: bool, node: str, token: str) -> None:
    """List the drills there were, the newest first."""
    answer = find(node, token).get("drills", limit=limit)
    if json_:
        emit(answer)
        return
    now = time.time()
    for one in answer["drills"]:
        state = one["result"] or one["state"]
        print(f"{one['id']:<8} {clock(one['at'], now)}  {one['kind']} {clean(one['target'])}: {clean(state)}")
    if not answer["drills"]:
        print("nothing was drilled yet")


def lines(one: Mapping[str, Any]) -> list[str]:
    """A drill that has ended, for people."""
    out = [f"{one['id']}  {one['kind']} {clean(one['target'])}: {one['state']}"]
    for step in one["steps"]:
        how = ", reckoned" if step["skipped"] else ""
        out.append(f"  {_after(step['seconds'])}  {clean(step['what'], 500)}{how}")
    for letter in one["letters"]:
        whom = (
            f"{clean(letter['owner'])} at {clean(letter['to'])}" if letter["owner"] else clean(letter["to"])
        )
        took = f" within {letter['after']:.1f} s" if letter["after"] is not None else ""
        out.append(f"  {_after(letter['due'])}  {letter['what']} to {whom}: {letter['state']}{took}")
    if one["acknowledged"] is not None:
        out.append(f"  {_after(one['acknowledged'])}  taken on by {clean(one['acknowledged_by'])}")
    out += [f"  BUT       {clean(each['words'], 500)}" for each in one["missed"]]
    return out


def _after(seconds: float) -> str:
    return f"{seconds:>6.1f} s"
