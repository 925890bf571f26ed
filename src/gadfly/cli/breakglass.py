"""`gadfly breakglass`: authority in an emergency, loud and short."""

from __future__ import annotations

import time

import click

from gadfly.cli.options import as_json, emit, find, seconds
from gadfly.cli.story import clock
from gadfly.cli.terminal import colourful, painter


@click.command()
@click.option("--reason", default="", metavar="TEXT", help="Why it cannot wait for an approval.")
@click.option("--end", is_flag=True, help="Give it back before its time.")
@click.option(
    "--for",
    "lasts",
    default="15m",
    show_default=True,
    metavar="15m",
    callback=seconds,
    help="How long; an hour at most.",
)
@as_json
def breakglass(reason: str, end: bool, lasts: float, json_: bool) -> None:
    """Take authority in an emergency; every owner is told.

    It works on the node's own machine, for its own user. The ledger says what was done with it, and a review
    is owed. To stop something it is not needed: `gadfly stop` is enough.
    """
    at = find("", "")
    if end:
        at.delete("act/breakglass")
        if json_:
            emit({"ended": True})
        else:
            print("Given back. The review is owed all the same; `gadfly act list` shows it.")
        return
    if not reason:
        raise click.UsageError("Say why it cannot wait, with --reason TEXT: every owner reads it.")
    made = at.post("act/breakglass", {"reason": reason, "lasts": lasts})
    if json_:
        emit(made)
        return
    until = clock(made["ends"], time.time())
    print(painter(colourful())(f"The glass is broken until {until}. Every owner is told.", "down"))
    print("A review is owed; `gadfly act list` shows it, `gadfly act review` closes it.")
