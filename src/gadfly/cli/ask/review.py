"""`gadfly ask review`: a team's dialogue as a page to go through together."""

from __future__ import annotations

from typing import Any

import click

from gadfly.ask.figure import date
from gadfly.cli.ask.told import section
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean


@click.command()
@click.argument("owner")
@click.option(
    "--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How far it looks back."
)
@as_json
@asks_node
def review(owner: str, days: int, json_: bool, node: str, token: str) -> None:
    """Print what OWNER is asked, has accepted and until when, and has learnt.

    For a review, or when the on-call is handed over: a page to go through together.
    """
    answer = find(node, token).get("questions/review", owner=owner, days=days)
    if json_:
        emit(answer)
        return
    print("\n".join(lines(answer)))


def lines(told: dict[str, Any]) -> list[str]:
    """The page."""
    now, since = told["at"], date(told["since"])
    minutes = sum(one["minutes"] for one in told["open"])
    heads = {
        "open": f"OPEN: {len(told['open'])}, about {minutes:.0f} min",
        "accepted": f"ACCEPTED: {len(told['accepted'])}, the next to end first",
        "learnt": f"LEARNT since {since}: {len(told['learnt'])}",
        "closed": f"WITHDRAWN OR WRONG since {since}: {len(told['closed'])}",
    }
    out = [clean(f"Questions of {told['owner']}, {date(now)}")]
    for name, title in heads.items():
        out += section(title, told[name], now)
    return out if len(out) > 1 else [*out, "", "Nothing is open, accepted or learnt."]
