"""`gadfly act load`: how much each owner has to think of."""

from __future__ import annotations

import click

from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean, colourful, columns, painter, table


@click.command()
@as_json
@asks_node
def load(json_: bool, node: str, token: str) -> int:
    """Show what each owner has to think of in a week, against its budget.

    The exit code is 1 where it is too much for one.
    """
    answer = find(node, token).get("act/load")
    found = answer["load"]
    code = int(any(one["over"] for one in found))
    if json_:
        emit(answer)
        return code
    if not found:
        print("no owner is declared")
        return code
    keys = ("components", "rules", "automations", "pages", "night_pages", "approvals", "questions")
    rows = [
        (
            one["owner"],
            *(f"{one[key]:,}" for key in keys),
            f"{one['load'] / one['budget']:.0%}" if one["budget"] else f"{one['load']:.0f}",
        )
        for one in found
    ]
    head = ("owner", *(key.replace("night_pages", "at night") for key in keys), "load")
    paint = painter(colourful())
    out = table(rows, head, total=columns())
    print(paint(out[0], "dim"))
    print("\n".join(out[1:]))
    for one in found:
        if one["over"]:
            print(paint(f"too much for {clean(one['owner'])}: {clean(one['over'])}", "degraded"))
    return code
