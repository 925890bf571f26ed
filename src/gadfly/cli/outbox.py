"""`gadfly outbox`: the notifications that could not be delivered."""

from __future__ import annotations

import time

import click

from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import ago, clean, colourful, columns, painter, table
from gadfly.errors import Refused


@click.group(invoke_without_command=True)
@click.pass_context
@as_json
@asks_node
def outbox(context: click.Context, json_: bool, node: str, token: str) -> int:
    """List notifications that were given up.

    These are dead letters. Exit code 1 when there are some.
    """
    if context.invoked_subcommand:
        return 0
    answer = find(node, token).get("outbox")
    letters = answer["dead_letters"]
    if json_:
        emit(answer)
    elif not letters:
        print("no dead letters")
    else:
        now = time.time()
        rows = [
            (
                letter["id"],
                ago(now - letter["at"]),
                letter["to"],
                letter["attempts"],
                letter["subject"],
                letter.get("error", ""),
            )
            for letter in letters
        ]
        out = table(rows, ("id", "since", "to", "tries", "about", "error"), total=columns())
        print(painter(colourful())(out[0], "dim"))
        print("\n".join(out[1:]))
    return 1 if letters else 0


@outbox.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="Every dead letter.")
@as_json
@asks_node
def retry(ids: tuple[str, ...], everything: bool, json_: bool, node: str, token: str) -> None:
    """Try again to deliver dead letters."""
    if bool(ids) == everything:
        raise click.UsageError("name the dead letters by their ids, or say --all")
    at = find(node, token)
    todo = [str(letter["id"]) for letter in at.get("outbox")["dead_letters"]] if everything else list(ids)
    for id in todo:
        try:
            at.post(f"outbox/{segment(id)}/retry")
        except Refused as error:
            raise Refused(f"{clean(id)}: {error}", error.status) from None
        if not json_:
            print(f"{clean(id)}: will be tried again now")
    if json_:
        emit({"retried": todo})
