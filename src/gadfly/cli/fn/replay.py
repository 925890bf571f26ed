"""`gadfly fn replay`: make calls again."""

from __future__ import annotations

import click

from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.errors import Refused


@click.command()
@click.argument("ids", nargs=-1, type=click.IntRange(1), metavar="[ID]...")
@click.option("--dead", metavar="NAME", default="", help="Every dead letter of this function.")
@as_json
@asks_node
def replay(ids: tuple[int, ...], dead: str, json_: bool, node: str, token: str) -> None:
    """Make calls again, with the events that they had: dead letters, or any that are over.

    `gadfly fn list --state dead` lists dead letters.
    """
    if bool(ids) == bool(dead):
        raise click.UsageError("name calls by their ids, or say --dead FUNCTION")
    at = find(node, token)
    todo = list(ids)
    if dead:
        todo = [
            one["id"] for one in at.get("invocations", function=dead, state="dead", limit=500)["invocations"]
        ]
    made: dict[int, int] = {}
    for number in reversed(todo) if dead else todo:
        try:
            made[number] = at.post(f"invocations/{number}/replay")["invocation"]
        except Refused as error:
            raise Refused(f"{number}: {error}", error.status) from None
        if not json_:
            print(f"{number}: is made again" + (f", as {made[number]}" if made[number] != number else ""))
    if json_:
        emit({"replayed": [{"of": one, "as": other} for one, other in made.items()]})
    elif not made:
        print("there are no dead letters of it")
