"""`gadfly ask`: what the data makes one ask, of a node or of a folder of facts."""

from __future__ import annotations

import click

from gadfly.cli.lazy import Lazy

COMMANDS: dict[str, str] = {
    "now": "gadfly.cli.ask.now:now",
    "kinds": "gadfly.cli.ask.kinds:kinds",
    "replay": "gadfly.cli.ask.replay:replay",
}
"""Name to ``module:attribute``: DuckDB is loaded only where a command needs it."""


@click.group(cls=Lazy, where=COMMANDS)
def ask() -> None:
    """Questions that doubt one assumption each, with the numbers that touch it."""
