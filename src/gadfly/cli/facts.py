"""`gadfly facts`: what questions are asked of, and telling the node what it cannot know."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import click

from gadfly.cli.lazy import Lazy
from gadfly.cli.node import segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean, json_text
from gadfly.errors import FormatError, Refused

COMMANDS: dict[str, str] = {
    "list": "gadfly.cli.facts:list_",
    "put": "gadfly.cli.facts:put",
    "show": "gadfly.cli.facts:show",
    "delete": "gadfly.cli.facts:delete",
}
PIECE = 4_000_000
"""Bytes of one request at most; half of what the node takes."""
SECONDS = 60.0
"""For which a piece is waited for: the node writes it to disk."""


class Telling(Lazy):
    """Lists where no command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Telling, where=COMMANDS)
def facts() -> None:
    """Facts that questions are asked of, as tables.

    Without a command it lists them, and the kinds of questions that cannot be asked for want of some.
    """


@click.command("list")
@as_json
@asks_node
def list_(json_: bool, node: str, token: str) -> None:
    """List the tables, and the kinds that lack facts, with the reason."""
    answer = find(node, token).get("facts")
    if json_:
        emit(answer)
        return
    width = max(len(one["name"]) for one in answer["tables"])
    for one in answer["tables"]:
        rows = "-" if one["rows"] is None else f"{one['rows']:,}"
        given = f"  {one['given']:,} told" if one["given"] else ""
        print(f"{one['name']:<{width}}  {rows:>9}{given}")
    if answer["looked"] is None:
        print("\nNobody has looked at the data yet; gadfly ask now does.")
    for line in lacking(answer["kinds"]):
        print(line)
    for name, words in answer["trouble"].items():
        print(f"{clean(name)}: {clean(words)}")


def lacking(kinds: list[dict[str, Any]]) -> Iterator[str]:
    """The kinds that are not asked here, and why."""
    found = [one for one in kinds if one["lacks"] or one["muted"]]
    if found:
        yield f"\nNOT ASKED HERE: {len(found)} of {len(kinds)} kinds"
    for one in found:
        yield clean(one["name"])
        if one["muted"]:
            yield f"    muted: {clean(one['muted'])}"
        for words in one["lacks"]:
            yield f"    {clean(words)}"


@click.command()
@click.argument("table")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@as_json
@asks_node
def put(table: str, file: io.TextIOBase, json_: bool, node: str, token: str) -> None:
    """Tell the node rows of TABLE: the lines of FILE, one JSON object each; - is standard input.

    A row with the key of one that was told before replaces it. What is wrong is named with its line and
    column; then nothing of that piece of the file is taken.
    """
    there = find(node, token).patient(SECONDS)
    taken, answer = 0, {"table": table, "total": 0}
    for first, piece in pieces(file):
        try:
            answer = there.send(f"facts/{segment(table)}", piece, "application/x-ndjson")
        except Refused as error:
            if first == 1:
                raise
            raise Refused(f"{error} (line 1 of the body is line {first:,} of the file)") from None
        taken += answer["taken"]
    if json_:
        emit({**answer, "taken": taken})
    else:
        print(f"{taken:,} rows of {clean(table)} taken; {answer['total']:,} are kept in all")


def pieces(file: io.TextIOBase) -> Iterator[tuple[int, bytes]]:
    """The file in pieces of whole lines, each with the number of its first line. FormatError: no lines."""
    from gadfly.ask.reading import LONGEST_LINE

    piece, first, number = bytearray(), 1, 0
    for number, line in enumerate(file, 1):
        if len(line) > LONGEST_LINE:
            raise FormatError(f"line {number:,} has {len(line):,} characters; {LONGEST_LINE:,} are the most")
        data = line.encode()
        if piece and len(piece) + len(data) > PIECE:
            yield first, bytes(piece)
            piece, first = bytearray(), number
        piece += data
    if piece or not number:
        yield first, bytes(piece)


@click.command()
@click.argument("table")
@click.option("--limit", type=click.IntRange(1, 1_000), default=100, show_default=True)
@click.option("--after", default="", metavar="KEY", help="Only those behind this key.")
@as_json
@asks_node
def show(table: str, limit: int, after: str, json_: bool, node: str, token: str) -> None:
    """Print the rows of TABLE that were told, with their keys, one JSON object a line."""
    answer = find(node, token).get(f"facts/{segment(table)}", limit=limit, after=after)
    if json_:
        emit(answer)
        return
    for one in answer["rows"]:
        print(json_text(one, indent=None))


@click.command()
@click.argument("table")
@click.option("--key", default="", help="Only the row of this key, as `gadfly facts show` prints it.")
@click.option("--all", "every", is_flag=True, help="All rows of the table.")
@as_json
@asks_node
def delete(table: str, key: str, every: bool, json_: bool, node: str, token: str) -> None:
    """Forget rows of TABLE that were told: one, or all."""
    if bool(key) == every:
        raise click.UsageError("say which: --key KEY for one row, or --all")
    there = find(node, token)
    answer = there.delete(f"facts/{segment(table)}", key=key)
    if json_:
        emit(answer)
    else:
        print(f"{answer['gone']:,} rows of {clean(table)} forgotten")
