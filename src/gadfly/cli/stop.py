"""`gadfly stop`: no automation acts any more."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import click

from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.story import clock
from gadfly.cli.terminal import clean, colourful, painter


@click.command()
@click.option(
    "--owner", default="", metavar="NAME", help="Only what this owner's automations do, and its components."
)
@click.option("--automation", default="", metavar="NAME", help="Only this automation.")
@click.option("--target", default="", metavar="NAME", help="Only what is done to this component.")
@click.option(
    "--reason", default="", metavar="TEXT", help="Why; whoever resumes will want to know. May be left out."
)
@as_json
@asks_node
def stop(owner: str, automation: str, target: str, reason: str, json_: bool, node: str, token: str) -> None:
    """Stop every automation at once: nothing is asked back.

    Each executor knows of it within a second, and one that cannot be reached loses its authority within 30 s.
    What was queued does not survive. `gadfly resume` lifts it.
    """
    given = [(scope, name) for scope, name in zip(SCOPES, (owner, automation, target), strict=True) if name]
    if len(given) > 1:
        raise click.UsageError("Give one of --owner, --automation and --target, or none to stop everything.")
    scope, name = given[0] if given else ("everything", "")
    made = find(node, token).post("act/stops", {"scope": scope, "name": name, "reason": reason})
    if json_:
        emit(made)
        return
    paint = painter(colourful())
    for line in standing([made], time.time()):
        print(paint(line, "down"))
    print(f"lift it with: gadfly resume {clean(made['id'])} --reason TEXT")


SCOPES = ("owner", "automation", "target")


def standing(stops: Iterable[Mapping[str, Any]], now: float) -> list[str]:
    """The stops that hold, a line each."""
    out = []
    for one in stops:
        what = "every automation" if one["scope"] == "everything" else f"{one['scope']} {clean(one['name'])}"
        who, since = clean(one["who"]), clock(one["at"], now)
        out.append(f"STOPPED {clean(one['id'])}: {what}, by {who} since {since}: {clean(one['because'])}")
    return out
