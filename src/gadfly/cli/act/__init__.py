"""`gadfly act`: what automations may do, ask and did."""

from __future__ import annotations

import click

from gadfly.cli.act.approvals import approvals, approve, deny
from gadfly.cli.act.consent import consent, raise_, withdraw
from gadfly.cli.act.grants import grants
from gadfly.cli.act.listing import list_, show
from gadfly.cli.act.load import load
from gadfly.cli.act.orders import clock, freeze
from gadfly.cli.act.plan import plan
from gadfly.cli.act.release import release, review
from gadfly.cli.act.report import report
from gadfly.cli.act.run import run


@click.group()
def act() -> None:
    """See what automations may and did; answer what they ask.

    `gadfly stop` stops all of them at once.
    """


_COMMANDS = (
    list_,
    show,
    plan,
    run,
    approvals,
    approve,
    deny,
    raise_,
    consent,
    withdraw,
    release,
    review,
    grants,
)
for _command in (*_COMMANDS, grants, freeze, clock, report, load):
    act.add_command(_command)
