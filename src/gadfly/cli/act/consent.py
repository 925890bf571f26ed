"""`gadfly act raise`, `consent` and `withdraw`: what somebody above, or a target's owner, gives."""

from __future__ import annotations

import time

import click

from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, emit, find, seconds
from gadfly.cli.story import clock
from gadfly.cli.terminal import clean


@click.command("raise")
@click.argument("automation")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stands in the ledger.")
@as_json
@asks_node
def raise_(automation: str, reason: str, json_: bool, node: str, token: str) -> None:
    """Raise AUTOMATION by one level, as its record has earned it.

    Whoever speaks for the owner's owner may; nobody raises their own.
    """
    find(node, token).post(f"act/automations/{segment(automation)}/raise", {"reason": reason})
    if json_:
        emit({"automation": automation, "raised": True})
    else:
        print(f"{clean(automation)}: raised by one level; its next failure lowers it again")


@click.command()
@click.argument("owner")
@click.argument("principal")
@click.argument("action")
@click.option("--target", default="", metavar="NAME", help="Only this component, not all.")
@click.option(
    "--for", "lasts", required=True, metavar="30d", callback=seconds, help="How long; it always ends."
)
@as_json
@asks_node
def consent(
    owner: str, principal: str, action: str, target: str, lasts: float, json_: bool, node: str, token: str
) -> None:
    """Consent for OWNER: PRINCIPAL may do ACTION to its components.

    As `gadfly act consent payments automation:reboot-full-host systemd:reboot --for 30d`. What else the gate
    asks stays as it is.
    """
    wanted = {"owner": owner, "principal": principal, "action": action, "target": target, "lasts": lasts}
    made = find(node, token).post("act/consents", wanted)
    if json_:
        emit(made)
    else:
        what = clean(target) or f"all that {clean(owner)} owns"
        until = clock(made["ends"], time.time())
        print(f"{clean(principal)} may {clean(action)} {what} until {until} (consent {clean(made['id'])})")


@click.command()
@click.argument("consent")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stands in the ledger.")
@as_json
@asks_node
def withdraw(consent: str, reason: str, json_: bool, node: str, token: str) -> None:
    """Take a CONSENT back, by its number as `gadfly act grants` has it.

    Whoever gave it may, or somebody who speaks for its owner. From then on it counts for nothing, also for
    the stages that are left of an act on its way.
    """
    find(node, token).post(f"act/consents/{segment(consent)}/withdraw", {"reason": reason})
    if json_:
        emit({"consent": consent, "withdrawn": True})
    else:
        print(f"consent {clean(consent)} is withdrawn")
