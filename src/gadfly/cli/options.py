"""What many commands share: which node, with which token, and whether a person or a program reads."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import click

from gadfly.cli.node import Node, locate
from gadfly.cli.terminal import json_text

Command = Callable[..., Any]


def asks_node(command: Command) -> Command:
    """Add --node and --token. The command takes `node` and `token` and calls :func:`locate` with them."""
    command = click.option(
        "--token",
        envvar="GADFLY_TOKEN",
        default="",
        show_envvar=True,
        metavar="TOKEN",
        help="The token, or env:NAME or file:PATH. For the node of this machine none is needed.",
    )(command)
    return click.option(
        "--node",
        envvar="GADFLY_NODE",
        default="",
        show_envvar=True,
        metavar="URL",
        help="The node to ask. Without it, the one running on this machine.",
    )(command)


def as_json(command: Command) -> Command:
    """Add --json, given to the command as `json_`."""
    return click.option("--json", "json_", is_flag=True, help="Print JSON; its keys stay as they are.")(
        command
    )


def find(node: str, token: str) -> Node:
    """The node that the options name."""
    return locate(node, token)


def emit(value: object) -> None:
    """Print JSON: indented for a person at a terminal, one line for a program."""
    print(json_text(value, indent=2 if sys.stdout.isatty() else None))


def seconds(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """Callback of an option that takes a duration like 2h or 1m30s."""
    if value is None:
        return None
    from gadfly.duration import parse

    try:
        return parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
