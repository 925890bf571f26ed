"""`gadfly fn`: write, deploy, call and look at functions. A command's module is imported when it is
called."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

import click

COMMANDS = {
    "new": "gadfly.cli.fn.new:new",
    "deploy": "gadfly.cli.fn.deploy:deploy",
    "list": "gadfly.cli.fn.listing:list_",
    "invoke": "gadfly.cli.fn.invoke:invoke",
    "logs": "gadfly.cli.fn.logs:logs",
    "replay": "gadfly.cli.fn.replay:replay",
    "policy": "gadfly.cli.fn.policy:policy",
    "export": "gadfly.cli.fn.export:export",
    "survey": "gadfly.cli.fn.survey:survey",
    "doctor": "gadfly.cli.fn.doctor:doctor",
}
"""Name to ``module:attribute``, in the order in which one needs them."""


class Lazy(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, where in COMMANDS.items() if find_spec(where.partition(":")[0])]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module, _, attribute = COMMANDS.get(cmd_name, "").partition(":")
        if not module or not find_spec(module):
            return None
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=Lazy)
def fn() -> None:
    """Small jobs that can do nothing they were not granted.

    `gadfly fn new NAME` writes one to begin with; `gadfly fn doctor` says how well this machine shuts them
    in.
    """
