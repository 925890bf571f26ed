"""`gadfly predictions`."""

from __future__ import annotations

import time
from typing import Any

import click

from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import ago, clean, colourful, columns, painter, table

MOST = 5_000
"""Predictions that a node gives in one answer."""
AGES = 1000 * 365 * 86_400.0
"""Seconds; what is later is not counted in days."""


@click.command()
@click.option("--predictor", default="", metavar="NAME", help="Only of this one.")
@click.option("--owner", default="", metavar="OWNER", help="Only what this owner answers for.")
@click.option("--made", is_flag=True, help="Those that were made, and what became of them; the newest first.")
@click.option("--told", is_flag=True, help="With --made: only those of which somebody was told.")
@click.option(
    "--limit", type=click.IntRange(1, MOST), default=100, show_default=True, help="How many at most."
)
@as_json
@asks_node
def predictions(
    predictor: str, owner: str, made: bool, told: bool, limit: int, json_: bool, node: str, token: str
) -> int:
    """List what is foreseen: how probable, until when, and why.

    The most probable stand first. The exit code is 1 where an alarm stands, else 0.
    """
    asked = find(node, token)
    if told and not made:
        raise click.UsageError("--told is for --made")
    if made:
        answer = asked.get(
            "predictions/history",
            predictor=predictor,
            owner=owner,
            told="true" if told else None,
            limit=limit,
        )
        if json_:
            emit(answer)
        else:
            print("\n".join(_made(answer["predictions"])))
        return 0
    answer = asked.get("predictions", predictor=predictor, owner=owner, limit=limit)
    code = 1 if any(one["state"] == "told" for one in answer["standing"]) else 0
    if json_:
        emit(answer)
        return code
    print("\n".join(_standing(answer)))
    return code


def _standing(answer: dict[str, Any]) -> list[str]:
    if not answer["predictors"]:
        return ["no prediction is declared; see docs/predictions.md"]
    rows = [
        (
            one["predictor"],
            one["state"],
            "–" if one["probability"] is None else f"{one['probability']:.0%}",
            _in(one["within"].get("0.5")),
            one["owner"] or "–",
            one["series"],
            one["why"],
        )
        for one in answer["standing"]
    ]
    paint = painter(colourful())
    head = ("", "", "chance", "full in", "owner", "series", "why")
    out = table(
        rows,
        head,
        total=columns(),
        colour=lambda r, c, text: paint(text, "degraded") if c == 1 and rows[r][1] == "told" else text,
    )
    if out:
        out[0] = paint(out[0], "dim")
    else:
        out = ["nothing is foreseen yet"]
    if answer["total"] > len(rows):
        out.append(f"{answer['total'] - len(rows):,} more; see --limit")
    for one in answer["predictors"]:
        if one["trouble"]:
            out.append(clean(f"{one['name']} cannot be made: {one['trouble']}"))
        if one["left_out"]:
            out.append(clean(f"{one['name']} has {one['left_out']}"))
        if one["silent"]:
            out.append(clean(f"{one['name']} is silent: {one['why']}"))
    return out


def _made(found: list[dict[str, Any]]) -> list[str]:
    now = time.time()
    rows = [
        (
            f"{one['id']}",
            ago(now - one["made"]),
            one["predictor"],
            f"{one['probability']:.0%}",
            "told" if one["told"] else "",
            one["outcome"] or f"open for {_in(one['deadline'] - now)}",
            one["series"],
        )
        for one in found
    ]
    return table(rows, ("id", "made", "", "chance", "", "became", "series"), total=columns()) or [
        "none was made"
    ]


def _in(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if seconds <= 0:
        return "now"
    if seconds > AGES:
        return "ages"
    for size, word in ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {word}"
    return f"{max(0.0, seconds):.0f} s"
