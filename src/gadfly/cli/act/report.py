"""`gadfly act report`: what automations did, saved and broke."""

from __future__ import annotations

import click

from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean, colourful, columns, painter, table

KEYS = ("runs", "targets", "verified", "failed", "refused")


@click.command()
@click.argument("owner", default="")
@click.option("--days", type=float, default=7.0, show_default=True, help="How far back.")
@as_json
@asks_node
def report(owner: str, days: float, json_: bool, node: str, token: str) -> None:
    """Tell what OWNER's automations (or everybody's) did, and who was woken for what."""
    answer = find(node, token).get("act/report", owner=owner, days=days)
    if json_:
        emit(answer)
        return
    paint = painter(colourful())
    told = [one for one in answer["reports"] if one["lines"] or one["woken"]]
    if not told:
        print("nothing acted, and nobody was woken")
    for one in told:
        print(paint(clean(one["owner"]) or "nobody", "strong"))
        rows = [
            (f"  {line['automation']}", *(f"{line[key]:,}" for key in KEYS), line["words"])
            for line in one["lines"]
        ]
        head = ("  automation", *KEYS, "")
        for line in [*table(rows, head, total=columns()), *(f"  {clean(words)}" for words in one["woken"])]:
            print(line)
