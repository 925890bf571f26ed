"""`gadfly resume`: lift a stop."""

from __future__ import annotations

import time

import click

from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.stop import standing
from gadfly.cli.terminal import clean


@click.command()
@click.argument("id", default="")
@click.option("--reason", required=True, metavar="TEXT", help="Why it may go on; it stands in the ledger.")
@as_json
@asks_node
def resume(id: str, reason: str, json_: bool, node: str, token: str) -> int:
    """Lift a stop, and say why automations may go on.

    ID is that of the stop; without it the one that holds, where there is just one. Only whoever stopped, or
    the owner's owner, may lift it.
    """
    at = find(node, token)
    if not id:
        stops = at.get("act")["stops"]
        if not stops:
            raise click.ClickException("no stop holds; there is nothing to resume")
        if len(stops) > 1:
            lines = "\n".join(standing(stops, time.time()))
            raise click.ClickException(f"more than one stop holds; name one:\n{lines}")
        id = stops[0]["id"]
    at.post(f"act/stops/{segment(id)}/resume", {"reason": reason})
    if json_:
        emit({"id": id, "resumed": True})
    else:
        print(f"{clean(id)}: lifted; what was queued before the stop is void")
    return 0
