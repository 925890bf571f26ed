"""`gadfly predict backtest`."""

from __future__ import annotations

import click

from gadfly.cli.options import as_json, asks_node, emit, find, seconds
from gadfly.cli.scorecard import lines
from gadfly.cli.terminal import clean

PATIENCE = 35.0
"""Seconds that the answer is waited for. The node gives up before, and says how far it came."""
MONTH = 30 * 86_400.0


@click.command()
@click.option(
    "--since",
    callback=seconds,
    default="30d",
    show_default=True,
    metavar="DURATION",
    help="How much of the past is replayed: 12h, 30d …",
)
@as_json
@asks_node
def backtest(since: float | None, json_: bool, node: str, token: str) -> int:
    """Replay what is stored through today's predictors.

    Prints the scorecard that they would have had. Each turn knows only what was known at its time, the limits
    among it; the budgets are those of today. Nothing is written down, and nobody is told. The exit code is 1
    where nothing could be replayed.
    """
    answer = find(node, token).patient(PATIENCE).get("predictions/backtest", since=since or MONTH)
    if json_:
        emit(answer)
    else:
        print("\n".join(lines(answer["predictors"]) or ["nothing could be replayed"]))
        for one in answer["words"]:
            print(clean(one))
    return 0 if answer["predictors"] else 1
