"""`gadfly silence`: not to be told for a while, for a reason."""

from __future__ import annotations

import re
import time

import click

from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, emit, find, seconds
from gadfly.cli.story import clock
from gadfly.cli.terminal import ago, clean, colourful, columns, painter, table

_MATCHER = re.compile(r"([^=!~\s]+)(!~|!=|=~|=)(.+)")
_SIGNS = {"=": "", "!=": "!", "=~": "~", "!~": "!~"}


@click.group()
def silence() -> None:
    """Add, list and end silences. Silenced components are watched, but nobody is told."""


@silence.command()
@click.argument("matchers", nargs=-1, required=True, metavar="LABEL=VALUE...")
@click.option(
    "--for", "lasts", required=True, metavar="2h", callback=seconds, help="How long; silences always end."
)
@click.option("--because", required=True, metavar="TEXT", help="Why; the next one on duty will want to know.")
@as_json
@asks_node
def add(matchers: tuple[str, ...], lasts: float, because: str, json_: bool, node: str, token: str) -> None:
    """Silence what matches every LABEL=VALUE: component, kind, owner, group, host, verdict or its own labels.

    \b
    LABEL=VALUE    has exactly this value
    LABEL=~REGEX   matches the expression
    LABEL!=VALUE   has another value
    LABEL!~REGEX   does not match
    """
    wanted = {"match": matching(matchers), "reason": because, "lasts": lasts}
    made = find(node, token).post("silences", wanted)
    if json_:
        emit(made)
    else:
        print(f"{clean(made['id'])}: silent until {clock(made['ends'], time.time())}")


@silence.command("list")
@as_json
@asks_node
def list_(json_: bool, node: str, token: str) -> None:
    """List the silences that stand or are to come; the next to end first."""
    answer = find(node, token).get("silences")
    if json_:
        emit(answer)
        return
    if not answer["silences"]:
        print("no silences")
        return
    now = time.time()
    rows = [
        (s["id"], written(s["match"]), ago(s["ends"] - now), s["who"], s["reason"])
        for s in answer["silences"]
    ]
    out = table(rows, ("id", "what", "ends in", "by", "because"), total=columns())
    print(painter(colourful())(out[0], "dim"))
    print("\n".join(out[1:]))


@silence.command()
@click.argument("id")
@as_json
@asks_node
def end(id: str, json_: bool, node: str, token: str) -> None:
    """End a silence now."""
    find(node, token).delete(f"silences/{segment(id)}")
    if json_:
        emit({"id": id, "ended": True})
    else:
        print(f"{clean(id)}: ended")


def matching(matchers: tuple[str, ...]) -> dict[str, str]:
    """`("host=db1", "env!~test.*")` as the API takes it: `{"host": "db1", "env": "!~test.*"}`."""
    match: dict[str, str] = {}
    for matcher in matchers:
        found = _MATCHER.fullmatch(matcher)
        if found is None:
            raise click.BadParameter(f"{matcher!r} is no matcher; write component=checkout or host=~db.*")
        label, sign, value = found.groups()
        if label in match:
            raise click.BadParameter(
                f"{label!r} is matched twice; write one expression: {label}=~'one|other'"
            )
        match[label] = _SIGNS[sign] + value
    return match


def written(match: dict[str, str]) -> str:
    """The inverse of :func:`matching`, for reading."""
    return " ".join(
        f"{label}!~{value[2:]}"
        if value.startswith("!~")
        else f"{label}!={value[1:]}"
        if value.startswith("!")
        else f"{label}={value}"
        for label, value in match.items()
    )
