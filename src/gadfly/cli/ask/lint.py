"""`gadfly ask lint`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from gadfly.cli.ask.told import MARGIN, wrapped
from gadfly.cli.options import emit
from gadfly.cli.terminal import clean

if TYPE_CHECKING:
    from gadfly.ask.lint.asked import Asked  # read when there is something to print

SHOWN = 5
"""Places of a question that are printed; with --all, every one."""
BROKEN = 2


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="github: annotations for its Actions, one for each question and file.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["any", "safety", "never"]),
    default="any",
    show_default=True,
    help="Of which questions the exit code is 1.",
)
@click.option("--all", "every", is_flag=True, help="Print every place of a question.")
def lint(files: tuple[Path, ...], form: str, fail_on: str, every: bool) -> int:
    """Ask what can be asked of FILES without data: a catalogue (TOML), or Prometheus' rule files (YAML).

    Of a folder, every rule file in it and beneath it is read; one that holds TOML is a catalogue. These are
    questions and no errors: that a rule looks so foretells little of how it does.

    The exit code is 0 where there is nothing to ask, 1 where there is, and 2 where a file cannot be read.
    """
    from gadfly.ask_facts.static import lint as linted

    found = linted(files, time.time())
    if form == "json":
        emit(msgspec.to_builtins(found._asdict()))
    else:
        for line in _github(found.asked) if form == "github" else _text(found.asked, every=every):
            print(line)
        if form == "text" and not found.asked and not found.problems:
            print(f"nothing to ask of {found.rules:,} rules in {found.files:,} files")
    for problem in found.problems:
        # In one line: a runner of Actions obeys a line that begins with `::`, on standard error, too.
        print(clean(problem), file=sys.stderr)
    if found.problems:
        return BROKEN
    return int(any(fail_on == "any" or (fail_on == "safety" and one.safety) for one in found.asked))


def _text(asked: list[Asked], *, every: bool) -> list[str]:
    out: list[str] = []
    for one in asked:
        out += ["", *wrapped(one.text, f"{one.kind}{' (safety)' if one.safety else ''}: ", MARGIN)]
        shown = one.places if every else one.places[:SHOWN]
        out += [f"{MARGIN}{clean(place.file)}:{place.line} {clean(place.name)}" for place in shown]
        if len(one.places) > len(shown):
            out.append(f"{MARGIN}and {len(one.places) - len(shown):,} more; --all prints them")
    return out[1:]


def _github(asked: list[Asked]) -> list[str]:
    out = []
    for one in asked:
        first = {place.file: place for place in reversed(one.places)}
        level = "warning" if one.safety else "notice"
        for file, place in sorted(first.items()):
            where = f"file={_escaped(file, ',:')},line={place.line},title={one.kind}"
            out.append(f"::{level} {where}::{_escaped(one.text)}")
    return out


def _escaped(text: str, more: str = "") -> str:
    """As workflow commands have it: percent, line ends, and in properties what parts them."""
    return "".join(f"%{ord(sign):02X}" if sign in f"%\r\n{more}" else sign for sign in text)
