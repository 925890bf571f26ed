"""`gadfly exec` for the help and for completion; the work is in :mod:`gadfly.instrument.exec`."""

from __future__ import annotations

from collections.abc import Sequence

import click


@click.command(
    "exec",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def exec_(args: Sequence[str]) -> int:
    """Run a job; tell of its start, its end and its exit code. See `gadfly exec --help`."""
    from gadfly.instrument.exec import main

    return main(list(args))
