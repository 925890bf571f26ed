"""`gadfly config`: check a configuration before the node sees it, and show what it means."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.errors import ConfigError

PLACES = ("gadfly.toml", "/etc/gadfly/gadfly.toml")
"""Where a configuration is looked for when none is named: here, then the machine's."""


def place(path: Path | None) -> Path | None:
    """The configuration to use: the one named, $GADFLY_CONFIG, or the first of PLACES; None: the defaults."""
    if path is not None:
        return path
    if named := os.environ.get("GADFLY_CONFIG"):
        return Path(named)
    return next((found for found in map(Path, PLACES) if found.exists()), None)


@click.group()
def config() -> None:
    """Check or show a configuration."""


@config.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Warnings count too: exit code 1.")
@as_json
def check(path: Path | None, strict: bool, json_: bool) -> int:
    """Read PATH (a file, or a folder of *.toml) as the node would, and say all that is wrong with it.

    Without PATH: $GADFLY_CONFIG, ./gadfly.toml or /etc/gadfly/gadfly.toml. Exit code 0 when it is
    good, 2 when not. Secrets and ports are looked at only when a node takes it.
    """
    from gadfly.catalogue import load, prometheus_file
    from gadfly.catalogue.warn import warnings

    found = place(path)
    try:
        read = load(found)
    except ConfigError as error:
        if not json_:
            raise
        emit({"path": str(found) if found else None, "ok": False, "problems": error.problems, "warnings": []})
        return 2
    notes = list(warnings(read))
    if json_:
        emit({"path": str(found) if found else None, "ok": True, "problems": [], "warnings": notes})
    else:
        for note in notes:
            click.echo(f"warning: {note}", err=True)
        components, owners = len(read.component), len(read.owner)
        jobs = {*read.scrape, *(job for path in read.scraping.files for job in prometheus_file.read(path))}
        scraped = f", {len(jobs)} jobs" if jobs else ""
        print(f"{found or 'the defaults'}: good; {components} components, {owners} owners{scraped}")
    return 1 if strict and notes else 0


@config.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--running", is_flag=True, help="What the running node uses, instead of a file; always JSON.")
@as_json
@asks_node
def show(path: Path | None, running: bool, json_: bool, node: str, token: str) -> None:
    """Show the configuration as the node understands it: presets applied, a folder's files in one piece.

    The settings are shown whole; of owners, components and the like what differs from the defaults. With
    --json everything is there. Passwords are not shown.
    """
    if running:
        if path is not None:
            raise click.UsageError("--running shows the node's configuration; leave PATH away")
        emit(find(node, token).get("config"))
        return
    from gadfly.catalogue import load
    from gadfly.catalogue.show import as_data, as_toml

    read = load(place(path))
    if json_:
        emit(as_data(read))
    else:
        print(as_toml(read), end="")
