"""`gadfly act grants`: who may do what."""

from __future__ import annotations

import time

import click

from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import ago, colourful, columns, painter, table


@click.command()
@click.argument("principal", default="")
@as_json
@asks_node
def grants(principal: str, json_: bool, node: str, token: str) -> None:
    """List the grants, or those of one PRINCIPAL (`automation:NAME`, `program:NAME`).

    What no grant names is not allowed to anybody; one that forbids is above all that permit.
    """
    answer = find(node, token).get("act/grants")
    found = [one for one in answer["grants"] if principal in ("", one["to"])]
    if json_:
        emit({"grants": found})
        return
    if not found:
        print("no grants: nothing is allowed to anybody")
        return
    now = time.time()
    rows = [
        (
            one["to"],
            ("never " if one["effect"] == "forbid" else "") + one["may"],
            one["on"] or ("everybody's" if one["effect"] == "forbid" else "all of its owner"),
            (ago(one["until"] - now) if one["until"] > now else "ended") if one["until"] else "",
            one["owner"],
            one["because"] or one["source"],
        )
        for one in found
    ]
    out = table(rows, ("who", "may", "on", "ends in", "owner", "because"), total=columns())
    print(painter(colourful())(out[0], "dim"))
    print("\n".join(out[1:]))
