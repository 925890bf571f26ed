"""`gadfly scorecard`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from gadfly.cli.options import as_json, asks_node, emit, find, seconds
from gadfly.cli.terminal import clean, colourful, columns, painter, table

HEAD = ("of", "resolved", "true", "Brier", "naive", "skill", "alarms", "right", "lead", "a week", "budget")
BAR = 20
"""Characters of a full bar in a reliability diagram."""


@click.command()
@click.option("--window", callback=seconds, metavar="DURATION", help="Of predictions made within 7d, 90d …")
@click.option(
    "--by",
    type=click.Choice(["predictor", "owner", "series"]),
    default="predictor",
    show_default=True,
    help="What gets a line each; series: the hundred least skilled.",
)
@click.option("--reliability", is_flag=True, help="How often was foretold what, and how often it happened.")
@as_json
@asks_node
def scorecard(window: float | None, by: str, reliability: bool, json_: bool, node: str, token: str) -> int:
    """How good predictions were, in numbers.

    The Brier score (0 is best), that of the naive guess, the skill, and how many alarms there were, how many
    of them were right, and how long before.

    Skill is 1 for who is always right and certain, 0 for who knows no more than how often it happens, and
    below 0 for who misleads: such a predictor falls silent by itself. The exit code is 1 where one is silent,
    else 0.
    """
    answer = find(node, token).get("scorecard", window=window)
    groups = {"predictor": "predictors", "owner": "owners", "series": "series"}
    found = answer[groups[by]]
    silent = [one for one in answer["predictors"] if one["silent"]]
    code = 1 if silent else 0
    if json_:
        emit(answer)
        return code
    if not found:
        print("no predictions were made")
        return code
    out = lines(found)
    paint = painter(colourful())
    print(paint(out[0], "dim"))
    print("\n".join(out[1:]))
    for one in silent:
        print(clean(f"{one['name']} is silent: {one['why']}"))
    if reliability:
        for one in found:
            print("\n".join(["", clean(one["name"]), *diagram(one["reliability"])]))
    return code


def lines(found: Iterable[dict[str, Any]]) -> list[str]:
    """A head and a line for each score."""
    rows = [
        (
            one["name"] or "–",
            f"{one['resolved']:,}",
            f"{one['came_true']:,}",
            _number(one["brier"]),
            _number(one["naive"]),
            _number(one["skill"]),
            f"{one['told']:,}",
            "–" if one["precision"] is None else f"{one['precision']:.0%}",
            _span(one["lead"]),
            f"{one['alarms_a_week']:.2g}",
            "–" if one["budget"] is None else f"{one['budget']:g}",
        )
        for one in found
    ]
    return table(rows, HEAD, total=columns()) if rows else []


def diagram(bins: Iterable[dict[str, Any]]) -> list[str]:
    """A line for each tenth of probability that was ever foretold: what was, and what happened."""
    out = []
    for one in bins:
        if one["count"]:
            happened = round(one["happened"] * BAR)
            bar = "█" * happened + "·" * (BAR - happened)
            shares = f"foretold {one['foretold']:4.0%}  happened {one['happened']:4.0%}"
            out.append(f"  {shares}  {bar}  of {one['count']:,}")
    return out or ["  nothing is resolved yet"]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _span(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value / 3600:.0f} h" if value >= 3600 else f"{value:.0f} s"
