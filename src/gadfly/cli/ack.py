"""`gadfly ack`: say that somebody has taken it on."""

from __future__ import annotations

import click

from gadfly.cli.alerts import MOST
from gadfly.cli.node import Node, segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean
from gadfly.errors import Refused


@click.command()
@click.argument("target")
@click.option("--note", default="", metavar="TEXT", help="What you are doing about it; told to the others.")
@as_json
@asks_node
def ack(target: str, note: str, json_: bool, node: str, token: str) -> None:
    """Take on an alert, an incident, or a component's alerts.

    TARGET is the id of an alert or incident, or the name of a component with open alerts.

    What is acknowledged is not told again and not escalated; its recovery is.
    """
    at = find(node, token)
    answers = [at.post(f"alerts/{segment(id)}/ack", {"note": note}) for id in targets(at, target)]
    if json_:
        emit(answers)
        return
    for answer in answers:
        alerts = "alert" if answer.get("count", 1) == 1 else "alerts"
        print(f"{clean(answer['id'])}: {answer.get('count', 1)} {alerts} taken on by {clean(answer['who'])}")


def targets(at: Node, target: str) -> list[str]:
    """The ids that `target` means: open alerts of the component so called, else itself as an id."""
    found = at.get("alerts", state="firing", limit=MOST)["alerts"]
    standing = [alert for alert in found if alert["component"] == target]
    if not standing:
        return [target]
    todo = [alert["id"] for alert in standing if not alert.get("acknowledged")]
    if not todo:
        raise Refused(f"{target} has been taken on already, by {standing[0]['acknowledged']}", 409)
    return todo
