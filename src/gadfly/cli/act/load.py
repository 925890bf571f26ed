"""`gadfly act load`: how much each owner has to think of."""

from __future__ import annotations

from typing import Any

import click

from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean, colourful, columns, painter, table


@click.command()
@as_json
@asks_node
def load(json_: bool, node: str, token: str) -> int:
    """Show what each owner has to think of in a week, against its budget.

    The exit code is 1 where it is, or soon will be, too much for one.
    """
    answer = find(node, token).get("act/load")
    found = answer["load"]
    code = int(any(one["state"] != "fine" for one in found))
    if json_:
        emit(answer)
        return code
    if not found:
        print("no owner is declared")
        return code
    keys = [line["what"] for line in found[0]["lines"]]
    rows = [(one["owner"], *(_of(line) for line in one["lines"]), f"{one['share']:.0%}") for one in found]
    head = ("owner", *(key.replace("night", "at night") for key in keys), "load")
    paint = painter(colourful())
    out = table(rows, head, total=columns())
    print(paint(out[0], "dim"))
    print("\n".join(out[1:]))
    for one in found:
        if one["words"]:
            when = "too much" if one["state"] == "over" else "soon too much"
            print(paint(f"{when} for {clean(one['owner'])}: {clean(one['words'])}", "degraded"))
    return code


def _of(line: dict[str, Any]) -> str:
    return f"{line['used']:,}/{line['budget']:g}"
