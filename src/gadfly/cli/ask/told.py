"""Questions as lines for a terminal or a sheet of paper."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from gadfly.cli.terminal import ago, clean

WIDTH = 100
"""Columns at most; sentences are read, not scanned."""
MARGIN = "     "
NAMES, NAME = 20, 80
"""Subjects that are named, and characters of each."""


def columns() -> int:
    """Of what is printed."""
    return min(WIDTH, shutil.get_terminal_size((80, 24)).columns) if sys.stdout.isatty() else WIDTH


def question(one: Mapping[str, Any], now: float) -> list[str]:
    """A heading, the sentence, what it rests on, and what happens next."""
    whom = f", now of {one['whom']}" if one["whom"] != one["owner"] else ""
    parts = [
        one["kind"],
        "safety" if one["safety"] else "",
        f"{one['minutes']:g} min",
        f"asked of {one['owner']} {ago(now - one['asked'])} ago{whom}",
    ]
    out = [clean(f"{one['id']:<4} {' · '.join(part for part in parts if part)}")]
    out += wrapped(one["text"])
    out += _fact("assumed", one["assumed"])
    if one["figures"]:
        out += _fact("numbers", figures(one["figures"]))
    names = one["subjects"]
    if len(names) > 1 or names[0] not in one["text"]:  # as of one that was answered apart
        out += _fact("about", about(names))
    given = one.get("answer")
    if given:
        said = f": {given['words']}" if given["words"] else ""
        out += _fact("answer", f"{given['answer']}{said} ({given['by']}, {ago(now - given['at'])} ago)")
    return out + _fact("then", one["then"])


def about(names: Sequence[str]) -> str:
    """Subjects in one line."""
    shown = [name if len(name) <= NAME else f"{name[: NAME - 1]}…" for name in names[:NAMES]]
    return ", ".join(shown) + (f" and {len(names) - NAMES:,} more" if len(names) > NAMES else "")


def figures(found: Mapping[str, Any]) -> str:
    """In one line."""
    from gadfly.ask.figure import number

    return ", ".join(
        f"{name} {value if isinstance(value, str) else number(value)}" for name, value in found.items()
    )


def section(title: str, questions: Sequence[Mapping[str, Any]], now: float) -> list[str]:
    """Its questions beneath a title, with an empty line before each; nothing where there are none."""
    out: list[str] = []
    for one in questions:
        out += ["", *question(one, now)]
    return ["", title, *out] if out else []


def _fact(name: str, words: str) -> list[str]:
    return wrapped(words, f"{MARGIN}{name:<8} ", f"{MARGIN}{'':<8} ")


def wrapped(words: str, first: str = MARGIN, then: str = MARGIN) -> list[str]:
    """Lines of what a person reads; `first` stands before the first, `then` before the others."""
    return textwrap.wrap(
        clean(words, 10_000), columns(), initial_indent=first, subsequent_indent=then, break_on_hyphens=False
    )
