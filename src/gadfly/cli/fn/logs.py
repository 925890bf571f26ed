"""`gadfly fn logs`: what a function wrote, call by call."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from typing import Any

import click

from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, find
from gadfly.cli.terminal import clean, colourful, json_text, painter

EVERY = 1.0
"""Seconds between two looks of --follow."""
LONGEST = 20_000
"""Characters of a line that are shown."""


@click.command()
@click.argument("name")
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option("-n", "count", type=click.IntRange(1, 50), default=10, help="Of how many calls at most.")
@as_json
@asks_node
def logs(name: str, follow: bool, count: int, json_: bool, node: str, token: str) -> int:
    """Show what the last calls of NAME wrote, the newest last; each line with its time and its call.

    What the function wrote stands behind a bar; what the node says of the call does not.
    With --json each try is an object, one a line. The exit code is 1 where it was never called.
    """
    at = find(node, token)
    path = f"functions/{segment(name)}/logs"
    seen: set[tuple[int, int]] = set()
    found = at.get(path, limit=count)["tries"]
    _show(reversed(found), seen, json_)
    if not found and not follow and not json_:
        print("it was never called")
    while follow:
        time.sleep(EVERY)
        _show(reversed(at.get(path, limit=50)["tries"]), seen, json_)
    return 0 if found else 1


def _show(tries: Iterable[dict[str, Any]], seen: set[tuple[int, int]], json_: bool) -> None:
    paint = painter(colourful())
    for one in tries:
        key = one["invocation"], one["number"]
        if one["outcome"] == "running" or key in seen:
            continue
        seen.add(key)
        if json_:
            print(json_text(one), flush=True)
            continue
        at = dt.datetime.fromtimestamp(one["began"]).astimezone()
        head = paint(f"{at:%b %d %H:%M:%S} {one['invocation']}", "dim")
        for line in one["log"].splitlines():
            print(f"{head} | {clean(line, LONGEST)}")
        if one["unsaid"]:
            print(head, paint(f"… {one['unsaid']:,} bytes are not kept", "dim"))
        words = one["outcome"] if one["outcome"] == "ok" else f"{one['outcome']}: {clean(one['error'])}"
        took = f" after {(one['ended'] - one['began']) * 1000:.0f} ms" if one["ended"] else ""
        print(f"{head} {paint(words + took, 'dim' if one['outcome'] == 'ok' else 'down')}", flush=True)
