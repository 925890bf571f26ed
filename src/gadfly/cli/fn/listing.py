"""`gadfly fn list`: functions, what calls them and what is deployed; or the calls of one."""

from __future__ import annotations

import time
from collections.abc import Sequence

import click

from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import ago, clean, colourful, columns, painter, table

COLOURS = {"dead": "down", "skipped": "degraded", "running": "healthy", "waiting": "strong"}


@click.command(name="list")
@click.argument("name", default="")
@click.option(
    "--state",
    type=click.Choice(("waiting", "running", "done", "dead", "skipped")),
    default=None,
    help="Calls in this state; `dead` are dead letters.",
)
@click.option("-n", "count", type=click.IntRange(1, 500), default=20, help="How many calls at most.")
@as_json
@asks_node
def list_(name: str, state: str | None, count: int, json_: bool, node: str, token: str) -> int:
    """List functions; with NAME or --state, calls of them, the newest first.

    With --state dead the exit code is 1 where there are dead letters.
    """
    at = find(node, token)
    if not name and state is None:
        found = at.get("functions")
        if json_:
            emit(found)
            return 0
        rows = [
            (
                one["name"],
                one["deployed"][:12] or "not deployed",
                "; ".join(one["on"]) or "by hand",
                f"{sum(1 for line in one['grants'] if line['count'])} of {len(one['grants'])} grants used",
                one["purpose"],
            )
            for one in found["functions"]
        ]
        _print(rows, ("function", "version", "called by", "grants", "purpose"), "no functions are declared")
        return 0
    page = at.get("invocations", function=name, state=state, limit=count)
    if name and not page["invocations"]:
        at.get(f"functions/{segment(name)}")  # refused where there is none: it may be mistyped
    if json_:
        emit(page)
    else:
        now = time.time()
        calls = [
            (
                one["id"],
                one["function"],
                one["state"],
                f"{ago(now - one['created'])} ago",
                one["called"],
                "; ".join(filter(None, (one["reason"], *(f"denied {line}" for line in one["denied"])))),
            )
            for one in page["invocations"]
        ]
        _print(calls, ("id", "function", "state", "asked for", "by", "why"), "no calls are like that", 2)
    return int(state == "dead" and bool(page["invocations"]))


def _print(rows: Sequence[tuple[object, ...]], head: tuple[str, ...], none: str, state: int = -1) -> None:
    if not rows:
        print(none)
        return
    paint = painter(colourful())

    def colour(row: int, column: int, text: str) -> str:
        return paint(text, COLOURS.get(clean(rows[row][column]), "")) if column == state else text

    out = table(rows, head, total=columns(), colour=colour)
    print(paint(out[0], "dim"))
    print("\n".join(out[1:]))
