"""`gadfly ask now`."""

from __future__ import annotations

import time
from pathlib import Path

import click
import msgspec

from gadfly.cli.ask.moment import moment
from gadfly.cli.options import as_json, emit
from gadfly.cli.terminal import clean


@click.command()
@click.option(
    "--facts",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of files TABLE.csv, TABLE.jsonl or TABLE.parquet, as in docs/facts.md.",
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
def now(facts: Path, at: float | None, names: tuple[str, ...], folder: Path | None, json_: bool) -> int:
    """Ask every kind once of a folder of facts, and print all that is found.

    Nothing is weighed, bundled or kept: that is what a node does, and `gadfly ask replay`. The exit code is 1
    when something was found, and 3 when a kind could not be asked.
    """
    from gadfly.ask.evaluate import evaluate
    from gadfly.ask.kinds import load
    from gadfly.ask.reading import nearest
    from gadfly.ask.text import fill
    from gadfly.ask.world import World

    kinds = load(folder)
    for name in names:
        if name not in kinds:
            raise click.UsageError(f"there is no kind {name!r}{nearest(name, kinds)}")
    chosen = {name: kind for name, kind in kinds.items() if not names or name in names}
    with World() as world:
        world.folder(facts)
        got = evaluate(world, chosen, time.time() if at is None else at)
    findings = sorted(got.findings, key=lambda one: (chosen[one.kind].number, -one.worse, one.subject))
    texts = [fill(chosen[one.kind].ask, one.values) for one in findings]
    if json_:
        told = [{**msgspec.to_builtins(one), "text": text} for one, text in zip(findings, texts, strict=True)]
        emit({"findings": told, "trouble": got.trouble})
    else:
        for one, text in zip(findings, texts, strict=True):
            print(f"{clean(one.owner or '(nobody)')}  {one.kind}")
            print(f"    {clean(text)}")
        for name, words in got.trouble.items():
            print(f"{name} could not be asked: {clean(words)}")
    return 3 if got.trouble else int(bool(findings))
