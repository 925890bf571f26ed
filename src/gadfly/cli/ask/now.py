"""`gadfly ask now`."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from pathlib import Path

import click
import msgspec

from gadfly.cli.ask.chosen import chosen
from gadfly.cli.ask.moment import moment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean


@click.command()
@click.option(
    "--facts",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of files TABLE.csv, TABLE.jsonl or TABLE.parquet, as in docs/facts.md. Without it a node "
    "looks at its own data.",
)
@click.option(
    "--at",
    callback=moment,
    metavar="TIME",
    help="Ask as it was known at that time: 2026-03-01T08:00:00Z, or seconds since 1970. Without it, now.",
)
@click.option("--kind", "names", multiple=True, metavar="NAME", help="Ask this kind only; may be repeated.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Kinds of your own beside ours: NAME.toml.",
)
@as_json
@asks_node
def now(
    facts: Path | None,
    at: float | None,
    names: tuple[str, ...],
    folder: Path | None,
    json_: bool,
    node: str,
    token: str,
) -> int:
    """Ask every kind once of a folder of facts, and print all that is found.

    Nothing of it is weighed, bundled or kept: that is what a node does, and `gadfly ask replay`. The exit
    code is 1 when something was found, and 3 when a kind could not be asked. A kind that the facts lack
    something for is not asked, which is no error.

    Without --facts a node looks at its data now, as it does once a day; `gadfly ask` then lists what it asks.
    """
    if facts is None:
        if at is not None or names or folder is not None:
            raise click.UsageError("--at, --kind and --folder are for a folder of facts; give --facts")
        return look(node, token, json_)
    from gadfly.ask.text import fill
    from gadfly.ask.world import World
    from gadfly.askable import evaluated

    kinds = chosen(folder, names)
    with World(memory="2GB") as world:
        world.folder(facts)
        got = evaluated(world, kinds, time.time() if at is None else at)
    findings = sorted(got.findings, key=lambda one: (kinds[one.kind].number, -one.worse, one.subject))
    texts = [fill(kinds[one.kind].ask, one.values) for one in findings]
    if json_:
        told = [{**msgspec.to_builtins(one), "text": text} for one, text in zip(findings, texts, strict=True)]
        emit({"findings": told, "trouble": got.trouble, "lacking": got.lacking})
    else:
        for one, text in zip(findings, texts, strict=True):
            print(f"{clean(one.owner or '(nobody)')}  {one.kind}")
            print(f"    {clean(text)}")
        for name, words in got.trouble.items():
            print(f"{name} could not be asked: {clean(words)}")
        for line in left_out(got.lacking, names):
            print(line)
    return 3 if got.trouble else int(bool(findings))


def left_out(lacking: Mapping[str, str], names: Collection[str] = ()) -> list[str]:
    """What was not asked, as facts are lacking: with the reason where it was named, else all in one line."""
    if names:
        return [f"{name} was not asked: {clean(words)}" for name, words in lacking.items()]
    if not lacking:
        return []
    kinds = "1 kind was" if len(lacking) == 1 else f"{len(lacking)} kinds were"
    return [f"{kinds} not asked, as these facts lack what they need (--json says what): {', '.join(lacking)}"]


LOOKS = 600.0
"""Seconds that a look at a large node's data is waited for."""


def look(node: str, token: str, json_: bool) -> int:
    """Let a node look at its data; the exit code as of :func:`now`."""
    answer = find(node, token).patient(LOOKS).post("questions/now")
    if json_:
        emit(answer)
    else:
        print(f"looked in {answer['seconds']:.1f} s, found {answer['findings']:,}")
        for name, words in answer["trouble"].items():
            print(f"{clean(name)} could not be asked: {clean(words)}")
    return 3 if answer["trouble"] else int(bool(answer["findings"]))
