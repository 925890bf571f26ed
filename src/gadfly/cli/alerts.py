"""`gadfly alerts`."""

from __future__ import annotations

import time

import click

from gadfly.cli.nagios import worst
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import ago, colourful, columns, painter, table

MOST = 10_000
"""Alerts that a node gives in one answer."""


@click.command()
@click.option(
    "--state",
    type=click.Choice(["firing", "resolved", "all"]),
    default="firing",
    show_default=True,
    help="Which: those that stand, those that ended of late, or both.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, MOST),
    default=500,
    show_default=True,
    help="How many are listed at most; how many more there are is said below. With --json: all.",
)
@as_json
@asks_node
def alerts(state: str, limit: int, json_: bool, node: str, token: str) -> int:
    """List alerts: since when, who answers, and why.

    The newest stand first, with who has taken them on, or why nobody is told.

    The exit code is that of the gravest alert that stands; 0 when none does.
    """
    answer = find(node, token).get("alerts", state=state, limit=MOST)
    found = answer["alerts"]
    standing = [alert for alert in found if alert["state"] != "resolved"]
    code = worst(alert["verdict"] for alert in standing) if standing else 0
    full = len(found) >= MOST
    if json_:
        emit(answer)
        if full:
            click.echo(f"these are {MOST:,} alerts, as many as a node tells; there may be more", err=True)
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
        for alert in found[:limit]
    ]
    head = ("id", "", "", "since", "owner", "", "why")
    out = table(
        rows, head, total=columns(), colour=lambda r, c, text: paint(text, rows[r][1]) if c == 1 else text
    )
    print(paint(out[0], "dim"))
    print("\n".join(out[1:]))
    if more := len(found) - len(rows):
        wider = f"; see `gadfly alerts --limit {MOST}`"
        print(paint(f"\n{'at least ' if full else ''}{more:,} more{wider}", "dim"))
    elif full:
        print(paint(f"\nthere may be more than these {MOST:,}, as many as a node tells", "dim"))
    if any(not _heard(alert) for alert in standing):
        print(paint("\nack one with `gadfly ack ID --note …`", "dim"))
    return code


def _heard(alert: dict[str, str]) -> str:
    """Who has taken it on, or why nobody is told."""
    if alert.get("acknowledged"):
        return f"ack {alert['acknowledged']}"
    return alert.get("suppressed") or ("flapping" if alert.get("flapping") else "")
