"""`gadfly predict report`."""

from __future__ import annotations

import click

from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean


@click.command()
@click.option("--owner", default="", metavar="OWNER", help="Only what this owner answers for.")
@as_json
@asks_node
def report(owner: str, json_: bool, node: str, token: str) -> int:
    """What fills in the weeks to come, and when.

    And what it would take. The same goes to each owner once a week (`predict.report` says when). The exit
    code is 0 where nothing is foreseen to be full within 60 days, else 1.
    """
    answer = find(node, token).get("predictions/report", owner=owner)
    if json_:
        emit(answer)
    else:
        print("\n".join(clean(line) for line in answer["text"].rstrip("\n").split("\n")))
    return 1 if answer["items"] else 0
