"""What stands on top and in the rows, as rich text. Nothing from outside is read as markup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from gadfly.cli.nagios import WORST_FIRST
from gadfly.cli.terminal import ago, clean

STYLES = {
    "down": "bold red",
    "gray": "red",
    "zombie": "red",
    "missing": "red",
    "degraded": "yellow",
    "unknown": "magenta",
    "undeclared": "cyan",
    "left": "dim",
    "healthy": "green",
}
NOT_WELL = ("down", "gray", "zombie", "missing", "degraded", "unknown")
COLUMNS = ("", "component", "owner", "for", "why")


def counts(summary: Mapping[str, Any]) -> Text:
    """`north   1 down  2 degraded  40 healthy   3 alerts`"""
    line = Text(no_wrap=True, overflow="ellipsis")
    line.append(clean(summary["node"], 40), "bold")
    for verdict in WORST_FIRST:
        if count := summary["counts"].get(verdict):
            line.append(f"  {count:,} {verdict}", STYLES[verdict])
    if not summary.get("total"):
        line.append("  nothing is heard or declared yet", "dim")
    alerts = summary.get("alerts", {})
    if alerts.get("firing"):
        seen = alerts["firing"] - alerts.get("unacknowledged", 0)
        word = "alert" if alerts["firing"] == 1 else "alerts"
        line.append(f"  {alerts['firing']} {word}, {seen} taken on", "bold")
    if alerts.get("stops"):
        line.append("  STOPPED", "bold white on red")
    if alerts.get("approvals"):
        line.append(f"  {alerts['approvals']} to approve", "bold")
    return line


def row(component: Mapping[str, Any], now: float) -> tuple[Text, ...]:
    """The cells of one component, in the order of COLUMNS."""
    verdict = component["verdict"]
    why = clean(component.get("reason", ""), 300) + ("  (silenced)" if component.get("silenced") else "")
    since = component.get("since")
    return (
        Text(verdict, STYLES.get(verdict, "")),
        Text(clean(component["name"], 60)),
        Text(clean(component.get("owner") or "–", 24), "dim"),
        Text(ago(now - since) if since else "", justify="right"),
        Text(why),
    )


def which(filter: str) -> tuple[str, ...]:
    """The verdicts that a filter shows; none for all."""
    return {"not well": NOT_WELL, "all": ()}.get(filter, (filter,))


def next_filter(filter: str, found: Mapping[str, int]) -> str:
    """The filter after this one: not well, all, then each verdict that some component has."""
    order = ["not well", "all", *(verdict for verdict in WORST_FIRST if found.get(verdict))]
    return order[(order.index(filter) + 1) % len(order)] if filter in order else order[0]
