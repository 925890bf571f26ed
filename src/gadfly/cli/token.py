"""`gadfly token`: who may do what with the API."""

from __future__ import annotations

import time
from typing import Any

import click

from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, emit, find, seconds
from gadfly.cli.terminal import ago, clean, colourful, columns, painter, table


def _scopes(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    from gadfly.store.tokens import APPROVE, SCOPES, known

    for scope in given:
        if not known(scope):
            raise click.BadParameter(
                f"{scope!r} is no scope; there are {', '.join(SCOPES)} and {APPROVE}:OWNER"
            )
    return given


@click.group()
def token() -> None:
    """Create, list and revoke tokens for the API."""


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    callback=_scopes,
    metavar="SCOPE",
    help="What it may do; may be given more than once: read, ack, silence, probe, act, approve (or "
    "approve:OWNER), stop, beat, ingest, reload, tokens; admin may do all.",
)
@click.option("--person", default="", metavar="WHO", help="Whose it is, as everywhere: each has one name.")
@click.option("--program", is_flag=True, help="It is a program's, which approves, lifts and reviews nothing.")
@click.option("--for", "lasts", metavar="90d", callback=seconds, help="How long. Without it: until revoked.")
@as_json
@asks_node
def create(
    name: str,
    scopes: tuple[str, ...],
    person: str,
    program: bool,
    lasts: float | None,
    json_: bool,
    node: str,
    token: str,
) -> None:
    """Make a token called NAME for a person or a program, and print it: it is shown this once."""
    if bool(person) == program:
        raise click.UsageError("Say whose it is: --person WHO, or --program.")
    wanted: dict[str, Any] = {"name": name, "scopes": list(scopes), "person": person}
    if lasts:
        wanted["lasts"] = lasts
    made = find(node, token).post("tokens", wanted)
    if json_:
        emit(made)
        return
    print(made["token"])
    ends = f"for {ago(made['expires'] - time.time())}" if made.get("expires") else "until revoked"
    whose = clean(person) if person else f"the program {clean(name)}"
    click.echo(f"token {made['id']} for {whose}: {', '.join(made['scopes'])}, {ends}", err=True)


@token.command("list")
@as_json
@asks_node
def list_(json_: bool, node: str, token: str) -> None:
    """List the tokens: whose, for what, until when. The secrets themselves are not kept."""
    answer = find(node, token).get("tokens")
    if json_:
        emit(answer)
        return
    now = time.time()
    rows = [
        (
            t["id"],
            t["name"],
            t.get("person") or "a program",
            ", ".join(t["scopes"]),
            ago(t["expires"] - now) if t.get("expires") else "never",
        )
        for t in answer["tokens"]
    ]
    if not rows:
        print("no tokens")
        return
    out = table(rows, ("id", "name", "of", "may", "ends in"), total=columns())
    print(painter(colourful())(out[0], "dim"))
    print("\n".join(out[1:]))


@token.command()
@click.argument("id")
@as_json
@asks_node
def revoke(id: str, json_: bool, node: str, token: str) -> None:
    """End a token, by its id as `token list` shows it."""
    find(node, token).delete(f"tokens/{segment(id)}")
    if json_:
        emit({"id": id, "revoked": True})
    else:
        print(f"token {clean(id)}: revoked")
