"""`gadfly ask replay`."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from gadfly.cli.ask.chosen import chosen
from gadfly.cli.ask.moment import day
from gadfly.cli.ask.now import left_out
from gadfly.cli.options import as_json, emit
from gadfly.cli.terminal import clean

MOST_DAYS = 3_660


@click.command()
@click.argument("facts", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--from", "first", callback=day, required=True, metavar="DAY", help="The first day: 2026-01-01."
)
@click.option("--to", "last", callback=day, required=True, metavar="DAY", help="Last day, it too.")
@click.option("--kind", "names", multiple=True, metavar="NAME", help="Ask this kind only; may be repeated.")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Kinds of your own beside ours: NAME.toml.",
)
@as_json
def replay(
    facts: Path, first: int, last: int, names: tuple[str, ...], folder: Path | None, json_: bool
) -> int:
    """Go through past days of a folder of facts as a node would have, and print what it would have asked.

    Each day knows only what was known when it began. Two sightings, quiet times, budgets and the order are
    those of a node, and so is which kinds are left out, as the facts lack what they need; nobody answers. The
    exit code is 3 when a kind could not be asked.
    """
    if not 0 <= last - first < MOST_DAYS:
        raise click.UsageError(f"--to must lie after --from, and within {MOST_DAYS:,} days of it")
    from gadfly.ask.figure import date
    from gadfly.ask.life import Book
    from gadfly.ask.replay import replay as days
    from gadfly.ask.world import World
    from gadfly.askable import evaluated

    kinds = chosen(folder, names)
    book = Book()
    trouble: dict[str, str] = {}
    lacking = None
    with World(memory="2GB") as world:
        world.folder(facts)
        for one in days(world, kinds, first, last, book=book, look=evaluated):
            trouble |= one.evaluation.trouble
            # What there was on one day at least was asked.
            here = one.evaluation.lacking
            lacking = here if lacking is None else {name: here[name] for name in lacking if name in here}
            for steps in one.steps:
                trouble |= steps.trouble
    asked = [book.questions[id] for id in sorted(book.questions)]
    if json_:
        shown = [msgspec.to_builtins(one) for one in asked]
        emit({"questions": shown, "trouble": trouble, "lacking": lacking or {}})
    else:
        for question in asked:
            end = f", {question.state} {date(question.closed)}" if question.closed is not None else ""
            print(f"{date(question.asked)}  {clean(question.owner or '(nobody)')}  {question.kind}{end}")
            print(f"    {clean(question.text)}")
        for name, words in trouble.items():
            print(f"{name} could not be asked: {clean(words)}")
        for line in left_out(lacking or {}, names):
            print(line)
    return 3 if trouble else 0
