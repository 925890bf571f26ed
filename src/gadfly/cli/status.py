"""`gadfly status`: how everything is, or one component, in a glance and an exit code."""

from __future__ import annotations

import time
from typing import Any

import click

from gadfly.cli.nagios import OF_VERDICT, WORST_FIRST, State, perfdata, worst, worst_of
from gadfly.cli.node import Node
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.story import lines as story_lines
from gadfly.cli.terminal import ago, clean, colourful, columns, painter, table

NOT_WELL = ("down", "gray", "zombie", "missing", "degraded", "unknown")


@click.command()
@click.argument("name", required=False)
@click.option(
    "--limit", default=20, show_default=True, type=click.IntRange(0, 1000), help="Lines of what is not well."
)
@click.option(
    "--perfdata", "plugin", is_flag=True, help="One line with performance data, for Nagios and its kin."
)
@as_json
@asks_node
def status(name: str | None, limit: int, plugin: bool, json_: bool, node: str, token: str) -> int:
    """Tell how everything is, and what is not well.

    With NAME, the story of one component.

    \b
    Exit code: 0 all is well
               1 something is degraded
               2 something is down, gray, zombie or missing
               3 something is unknown, or no node answers
    """
    at = find(node, token)
    return _one(at, name, plugin, json_) if name else _all(at, limit, plugin, json_)


def _all(at: Node, limit: int, plugin: bool, json_: bool) -> int:
    summary = at.get("summary")
    counts: dict[str, int] = summary["counts"]
    code = worst_of(counts)
    if plugin:
        print(_plugin_line(summary, code))
        return code
    rows: list[dict[str, Any]] = []
    ill = sum(counts.get(verdict, 0) for verdict in NOT_WELL)
    if ill and limit:
        rows = at.get("components", verdict=",".join(NOT_WELL), limit=limit, order="verdict")["components"]
    if json_:
        emit({**summary, "state": code.name, "not_well": rows})
        return code
    paint = painter(colourful())
    words = [
        paint(f"{counts[verdict]:,} {verdict}", verdict) for verdict in WORST_FIRST if counts.get(verdict)
    ]
    print(
        f"{paint(clean(summary['node']), 'strong')}  {'  '.join(words) or 'nothing is heard or declared yet'}"
    )
    if rows:
        now = time.time()
        print()
        shown = [
            (
                row["verdict"],
                row["name"],
                row.get("owner") or "–",
                ago(now - row["since"]) if row.get("since") else "",
                row.get("reason", "") + (" (silenced)" if row.get("silenced") else ""),
            )
            for row in rows
        ]
        head = ("", "", "owner", "for", "why")
        found = table(
            shown,
            head,
            total=columns(),
            colour=lambda row, column, text: paint(text, shown[row][0]) if column == 0 else text,
        )
        print(paint(found[0], "dim"))
        print("\n".join(found[1:]))
        if ill > len(rows):
            print(
                paint(f"and {ill - len(rows):,} more; --limit shows them, `gadfly watch` finds them", "dim")
            )
    for line in _hints(summary):
        print(paint(line, "dim"))
    return code


def _plugin_line(summary: dict[str, Any], code: State) -> str:
    counts = summary["counts"]
    words = ", ".join(f"{counts[v]} {v}" for v in WORST_FIRST if counts.get(v)) or "nothing is known yet"
    values = {verdict: counts.get(verdict, 0) for verdict in WORST_FIRST}
    return f"GADFLY {code.name.upper()} - {words} | {perfdata(values)}"


def _hints(summary: dict[str, Any]) -> list[str]:
    alerts = summary.get("alerts", {})
    hints = [clean(warning) for warning in summary.get("warnings", [])]
    if alerts.get("unacknowledged"):
        hints.append(f"alerts that nobody has taken on: {alerts['unacknowledged']}; see `gadfly alerts`")
    if alerts.get("dead_letters"):
        hints.append(f"notifications that were given up: {alerts['dead_letters']}; see `gadfly outbox`")
    if alerts.get("stops"):
        hints.append(f"stops that hold: {alerts['stops']}; see `gadfly act list`")
    if alerts.get("approvals"):
        hints.append(f"plans that wait for an approval: {alerts['approvals']}; see `gadfly act approvals`")
    if alerts.get("frozen"):
        hints.append(f"brakes that are on: {alerts['frozen']}; see `gadfly act list`")
    if not summary.get("ready", True):
        hints.append("the node cannot do all of its work, or is still starting; /readyz says why")
    return ["", *hints] if hints else []


def _one(at: Node, name: str, plugin: bool, json_: bool) -> int:
    story = at.get("story", name=name)
    code = worst([story["verdict"]])
    if plugin:
        seconds = {
            f"{p['kind']} {p.get('name', '')}".strip(): p.get("seconds", 0) for p in story.get("probes", [])
        }
        data = f" | {perfdata(seconds)}" if seconds else ""
        reason = clean(story.get("reason", "")).replace("|", "/")
        print(f"GADFLY {code.name.upper()} - {clean(name)} is {story['verdict']}: {reason}{data}")
    elif json_:
        emit({**story, "state": code.name})
    else:
        print("\n".join(story_lines(story, time.time(), columns(), painter(colourful()))))
    return OF_VERDICT.get(story["verdict"], State.unknown)
