"""`gadfly alerts`."""

from __future__ import annotations

import time

import click

from gadfly.cli.nagios import worst
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import ago, colourful, columns, painter, table


@click.command()
@click.option(
    "--state",
    type=click.Choice(["firing", "resolved", "all"]),
    default="firing",
    show_default=True,
    help="Which: those that stand, those that ended of late, or both.",
)
@as_json
@asks_node
def alerts(state: str, json_: bool, node: str, token: str) -> int:
    """List alerts: since when, who answers, and why.

    The newest stand first, with who has taken them on, or why nobody is told.

    The exit code is that of the gravest alert that stands; 0 when none does.
    """
    answer = find(node, token).get("alerts", state=state)
    found = answer["alerts"]
    standing = [alert for alert in found if alert["state"] != "resolved"]
    code = worst(alert["verdict"] for alert in standing) if standing else 0
    if json_:
        emit(answer)
        return code
    paint = painter(colourful())
    if not found:
        print("no alerts")
        return code
    now = time.time()
    rows = [
        (
            alert["id"],
            alert["verdict"] if alert["state"] != "resolved" else alert["state"],
            alert.get("title") or alert["component"],
            ago(now - alert["started"]),
            alert.get("owner") or "–",
            _heard(alert),
            alert.get("reason", ""),
        )
        for alert in found
    ]
    head = ("id", "", "", "since", "owner", "", "why")
    out = table(
        rows, head, total=columns(), colour=lambda r, c, text: paint(text, rows[r][1]) if c == 1 else text
    )
    print(paint(out[0], "dim"))
    print("\n".join(out[1:]))
    if any(not _heard(alert) for alert in standing):
        print(paint("\nack one with `gadfly ack ID --note …`", "dim"))
    return code


def _heard(alert: dict[str, str]) -> str:
    """Who has taken it on, or why nobody is told."""
    if alert.get("acknowledged"):
        return f"ack {alert['acknowledged']}"
    return alert.get("suppressed") or ("flapping" if alert.get("flapping") else "")
