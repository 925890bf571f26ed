"""`gadfly ask`: what the data makes one ask, of a node or of a folder of facts."""

from __future__ import annotations

import click

from gadfly.cli.lazy import Lazy

COMMANDS: dict[str, str] = {
    "list": "gadfly.cli.ask.listing:list_",
    "review": "gadfly.cli.ask.review:review",
    "now": "gadfly.cli.ask.now:now",
    "kinds": "gadfly.cli.ask.kinds:kinds",
    "replay": "gadfly.cli.ask.replay:replay",
    "lint": "gadfly.cli.ask.lint:lint",
}
"""Name to ``module:attribute``: DuckDB is loaded only where a command needs it."""


class Asking(Lazy):
    """Lists where no command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Asking, where=COMMANDS)
def ask() -> None:
    """Questions that each doubt one assumption, by its numbers.

    Without a command it lists those that are open; `gadfly answer ID` answers one.
    """
