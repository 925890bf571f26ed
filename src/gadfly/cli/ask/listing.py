"""`gadfly ask list`, which `gadfly ask` alone is too."""

from __future__ import annotations

from typing import get_args

import click

from gadfly.ask.answers import Shown
from gadfly.cli.ask.told import question
from gadfly.cli.options import as_json, asks_node, emit, find

MOST = 1_000


@click.command("list")
@click.option("--owner", default="", metavar="OWNER", help="Only what this owner is asked.")
@click.option("--kind", default="", metavar="NAME", help="Only of this kind, as `unacted`.")
@click.option("--subject", default="", metavar="NAME", help="Only about this check, component, automation …")
@click.option(
    "--state",
    type=click.Choice([*get_args(Shown), "all"]),
    default="open",
    show_default=True,
    help="resting: nobody answered, it is an open assumption.",
)
@click.option(
    "--limit", type=click.IntRange(1, MOST), default=100, show_default=True, help="How many at most."
)
@as_json
@asks_node
def list_(
    owner: str, kind: str, subject: str, state: str, limit: int, json_: bool, node: str, token: str
) -> int:
    """List the questions that are open.

    `gadfly answer ID` answers one. The exit code is 1 where one is open.
    """
    answer = find(node, token).get(
        "questions",
        owner=owner,
        kind=kind,
        subject=subject,
        state="" if state == "all" else state,
        limit=limit,
    )
    found = answer["questions"]
    code = int(any(one["state"] == "open" for one in found))
    if json_:
        emit(answer)
        return code
    if not found:
        print("no question is open" if state == "open" else "there is none")
    for number, one in enumerate(found):
        if number:
            print()
        print("\n".join(question(one, answer["at"])))
    if answer["total"] > len(found):
        print(f"\n{answer['total'] - len(found):,} more; see --limit")
    return code
