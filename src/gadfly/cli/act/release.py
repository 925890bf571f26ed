"""`gadfly act release` and `review`: somebody has looked, and says what was found."""

from __future__ import annotations

import click

from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean


@click.command()
@click.argument("id")
@click.option("--reason", required=True, metavar="TEXT", help="What you found; it stands in the ledger.")
@as_json
@asks_node
def release(id: str, reason: str, json_: bool, node: str, token: str) -> None:
    """Release the brake ID of an automation that failed, as `act list` shows it, after having looked; or lift
    the freeze ID that somebody ordered."""
    find(node, token).post(f"act/freezes/{segment(id)}/release", {"reason": reason})
    if json_:
        emit({"id": id, "released": True})
    else:
        print(
            f"{clean(id)}: released"
            + ("" if id.startswith("w") else "; its next failure puts the brake on again")
        )


@click.command()
@click.argument("id")
@click.option("--found", required=True, metavar="TEXT", help="What you found; it stands in the ledger.")
@as_json
@asks_node
def review(id: str, found: str, json_: bool, node: str, token: str) -> None:
    """Close the open review ID with what was found."""
    find(node, token).post(f"act/reviews/{segment(id)}", {"words": found})
    if json_:
        emit({"id": id, "closed": True})
    else:
        print(f"{clean(id)}: closed")
