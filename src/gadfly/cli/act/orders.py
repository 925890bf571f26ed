"""`gadfly act freeze` and `clock`: what a person says to the gate besides yes and no."""

from __future__ import annotations

import time

import click

from gadfly.cli.options import as_json, asks_node, emit, find, seconds
from gadfly.cli.story import clock as shown
from gadfly.cli.terminal import clean


@click.command()
@click.argument("name")
@click.option("--on", default="", metavar="SELECTOR", help='As `group = "workers"`; without: everything.')
@click.option("--for", "lasts", metavar="2d", callback=seconds, help="Without: until somebody releases it.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; whoever meets it will want to know.")
@as_json
@asks_node
def freeze(name: str, on: str, lasts: float | None, reason: str, json_: bool, node: str, token: str) -> None:
    """Order that nothing is changed by anybody, by no automation and by no person, and call it NAME.

    `gadfly act list` shows its ID; `gadfly act release ID` lifts it: by whoever ordered it, or whoever speaks
    for a top owner.
    """
    wanted = {"name": name, "on": on, "reason": reason, "lasts": lasts}
    made = find(node, token).post("act/freezes", wanted)
    if json_:
        emit(made)
        return
    end = f"until {shown(made['ends'], time.time())}" if made["ends"] else "until it is released"
    print(f"{clean(made['id'])}: {clean(made['what'])} is frozen {end}")


@click.command()
@click.option("--reason", required=True, metavar="TEXT", help="What was wrong; it stands in the ledger.")
@as_json
@asks_node
def clock(reason: str, json_: bool, node: str, token: str) -> None:
    """Say that the node's clock is right now, after it had run ahead and the gate says it is behind.

    Set the clock first. A time that a witness has vouched for cannot be taken back.
    """
    find(node, token).post("act/clock", {"reason": reason})
    if json_:
        emit({"corrected": True})
    else:
        print("ends are judged by this node's clock again")
