"""`gadfly incidents`."""

from __future__ import annotations

import time

import click

from gadfly.cli.nagios import worst
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import ago, colourful, columns, painter, table


@click.command()
@as_json
@asks_node
def incidents(json_: bool, node: str, token: str) -> int:
    """List open incidents: alerts of one cause.

    The exit code is that of the gravest; 0 when none is open.
    """
    answer = find(node, token).get("incidents")
    found = answer["incidents"]
    code = worst(incident["verdict"] for incident in found) if found else 0
    if json_:
        emit(answer)
        return code
    if not found:
        print("no open incidents")
        return code
    paint = painter(colourful())
    now = time.time()
    rows = [
        (
            incident["id"],
            incident["verdict"],
            f"{incident['count']:,}",
            ago(now - incident["started"]),
            incident.get("owner") or "–",
            f"ack {incident['acknowledged']}"
            if incident.get("acknowledged")
            else incident.get("suppressed", ""),
            incident["cause"],
        )
        for incident in found
    ]
    head = ("id", "", "components", "since", "owner", "", "cause")
    out = table(
        rows, head, total=columns(), colour=lambda r, c, text: paint(text, rows[r][1]) if c == 1 else text
    )
    print(paint(out[0], "dim"))
    print("\n".join(out[1:]))
    return code
