"""`gadfly beat` for the help and for completion; the work is in :mod:`gadfly.instrument.beat`."""

from __future__ import annotations

from collections.abc import Sequence

import click


@click.command(
    "beat",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def beat(args: Sequence[str]) -> int:
    """Beat for a name until stopped. Needs nothing but Python; see `gadfly beat --help`."""
    from gadfly.instrument.beat import main

    return main(list(args))
