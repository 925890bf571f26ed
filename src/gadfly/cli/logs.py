"""`gadfly logs`."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import Any

import click

from gadfly.cli.node import Node
from gadfly.cli.options import as_json, asks_node, find, seconds
from gadfly.cli.terminal import clean, colourful, painter

PAGE = 500
EVERY = 1.0
"""Seconds between two looks of --follow."""
LONGEST = 20_000
"""Characters of a line that are shown."""
GRAVE = {"emergency": "down", "alert": "down", "critical": "down", "error": "gray", "warning": "degraded"}
"""The colour of a severity that has one."""
SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")


@click.command()
@click.argument("pattern", metavar="[PATTERN]", default="")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("--since", callback=seconds, metavar="DURATION", help="Written in the last 10m, 1h, 2d …")
@click.option("--unit", "-u", default="", metavar="NAME", help="Of this unit; * stands for any characters.")
@click.option("--host", default="", metavar="NAME", help="Of this host; * stands for any characters.")
@click.option("--source", default="", metavar="NAME", help="syslog, journald, otlp or file:NAME.")
@click.option("--severity", "-p", type=click.Choice(SEVERITIES), default="debug", help="At least this grave.")
@click.option("-n", "count", type=click.IntRange(1, 100_000), default=100, help="How many lines at most.")
@as_json
@asks_node
def logs(
    pattern: str,
    follow: bool,
    since: float | None,
    unit: str,
    host: str,
    source: str,
    severity: str,
    count: int,
    json_: bool,
    node: str,
    token: str,
) -> int:
    """Show lines of logs that the node keeps, the newest last.

    PATTERN is a regular expression (RE2) that is found somewhere in the line. With --json each line is an
    object, one a line.

    The exit code is 0 where there were lines, and 1 where there were none.
    """
    asked = find(node, token)
    given = {"match": pattern, "unit": unit, "host": host, "source": source, "severity": severity}
    query: dict[str, object] = {name: value for name, value in given.items() if value}
    if since is not None:
        query["since"] = f"{time.time() - since:.3f}"
    found, newest = _latest(asked, query, count)
    _show(found, json_)
    if not follow:
        if not found and not json_:
            print("no line is like that")
        return 0 if found else 1
    while True:
        page = asked.get("logs", **query, after=newest, limit=PAGE)
        newest = page["cursor"]
        _show(page["lines"], json_)
        if not page["more"]:
            time.sleep(EVERY)


def _latest(asked: Node, query: dict[str, object], count: int) -> tuple[list[dict[str, Any]], int]:
    """The newest lines, the newest last, and the number behind which to follow."""
    found: list[dict[str, Any]] = []
    newest = -1
    before: dict[str, object] = {}
    while True:
        page = asked.get("logs", **query, **before, limit=min(1000, count - len(found)))
        newest = page["newest"] if newest < 0 else newest
        found += page["lines"]
        if not page["more"] or len(found) >= count:
            break
        before = {"before": page["cursor"]}
    found.reverse()
    return found, max(newest, found[-1]["number"] if found else 0)


def _show(lines: list[dict[str, Any]], json_: bool) -> None:
    paint = painter(colourful())
    for line in lines:
        if json_:
            print(json.dumps(line, ensure_ascii=False), flush=True)
            continue
        at = dt.datetime.fromtimestamp(line["at"]).astimezone()
        head = f"{at:%b %d %H:%M:%S}"
        where = " ".join(clean(line[name]) for name in ("host", "unit") if line[name])
        text = clean(line["text"], LONGEST)
        print(f"{paint(head, 'dim')} {where}: {paint(text, GRAVE.get(line['severity'], ''))}", flush=True)
