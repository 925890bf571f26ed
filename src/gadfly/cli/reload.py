"""`gadfly reload`."""

from __future__ import annotations

import click

from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean


@click.command()
@as_json
@asks_node
def reload(json_: bool, node: str, token: str) -> None:
    """Let the node read its configuration again, without a gap. A bad one is refused whole: exit code 2."""
    answer = find(node, token).post("reload")
    if json_:
        emit(answer)
        return
    for change in answer["changes"]:
        print(clean(change))
    if not answer["changes"]:
        print("nothing has changed")
