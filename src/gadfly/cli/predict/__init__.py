"""`gadfly predict`: what is foreseen, and the predictors at work on what is stored and on files."""

from __future__ import annotations

import importlib

import click

COMMANDS: dict[str, str] = {
    "report": "gadfly.cli.predict.report:report",
    "backtest": "gadfly.cli.predict.backtest:backtest",
    "forecast": "gadfly.cli.predict.forecast:forecast",
    "score": "gadfly.cli.predict.score:score",
}
"""Name to ``module:attribute``: numpy is loaded only where a command needs it."""


class Predictors(click.Group):
    """A group that imports the module of a command only when the command is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        where = COMMANDS.get(cmd_name)
        if where is None:
            return None
        module, _, attribute = where.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=Predictors)
def predict() -> None:
    """See what is foreseen, and try the predictors.

    Some work on the series of a node, some on files. `gadfly scorecard` tells what became of predictions.
    """
