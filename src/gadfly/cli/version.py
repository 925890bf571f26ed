"""`gadfly version`."""

from __future__ import annotations

import platform
from importlib import metadata

import click

from gadfly.cli.options import as_json, emit


@click.command()
@as_json
def version(json_: bool) -> None:
    """Print the versions of gadfly and Python."""
    facts = {"gadfly": metadata.version("gadfly"), "python": platform.python_version()}
    if json_:
        emit(facts)
    else:
        print(" ".join(f"{name} {value}" for name, value in facts.items()))
