"""`gadfly predict`: what is foreseen, and the predictors at work on what is stored and on files."""

from __future__ import annotations

import click

from gadfly.cli.lazy import Lazy

COMMANDS: dict[str, str] = {
    "report": "gadfly.cli.predict.report:report",
    "backtest": "gadfly.cli.predict.backtest:backtest",
    "forecast": "gadfly.cli.predict.forecast:forecast",
    "score": "gadfly.cli.predict.score:score",
}
"""Name to ``module:attribute``: numpy is loaded only where a command needs it."""


@click.group(cls=Lazy, where=COMMANDS)
def predict() -> None:
    """See what is foreseen, and try the predictors.

    Some work on the series of a node, some on files. `gadfly scorecard` tells what became of predictions.
    """
