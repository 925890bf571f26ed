"""`gadfly fn`: write, deploy, call and look at functions. A command's module is imported when it is
called."""

from __future__ import annotations

import click

from gadfly.cli.lazy import Lazy

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


@click.group(cls=Lazy, where=COMMANDS)
def fn() -> None:
    """Small jobs that can do nothing they were not granted.

    `gadfly fn new NAME` writes one to begin with; `gadfly fn doctor` says how well this machine shuts them
    in.
    """
