"""Writing to a terminal: colour where it is wanted, columns that fit, and nothing that could steer it.

Names and reasons come from the network. What could move the cursor, or show text in another order than it
has, is replaced before it is written.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TextIO

COLOURS = {
    "down": "31;1",
    "gray": "31",
    "zombie": "31",
    "missing": "31",
    "degraded": "33",
    "unknown": "35",
    "undeclared": "36",
    "left": "2",
    "healthy": "32",
    "dim": "2",
    "strong": "1",
    "link": "36",
}
"""SGR codes. Colour only for what is not well; the word is always there too, for those who see none."""

# Bidirectional controls, line and paragraph separators: they reorder or break the line they stand in.
_STEERING = frozenset("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: object, limit: int = 1000) -> str:
    """The text in one line, shortened, with every control character replaced."""
    out = str(text)[:limit].replace("\n", " ").replace("\t", " ").replace("\r", "")
    if out.isascii() and out.isprintable():
        return out
    return "".join("�" if c in _STEERING or unicodedata.category(c) in ("Cc", "Cs") else c for c in out)


def json_text(value: object, indent: int | None = None) -> str:
    """The value as JSON in which nothing steers a terminal: what is no letter or sign is escaped."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else _escape(c) for c in text)


def _escape(character: str) -> str:
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else json.dumps(character)[1:-1]


def colourful(stream: TextIO | None = None) -> bool:
    """Whether to colour: a terminal, and neither NO_COLOR nor a dumb TERM (https://no-color.org)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream or sys.stdout).isatty()


def painter(colour: bool) -> Callable[[str, str], str]:
    """A function ``paint(text, name of a colour)``; without colour it returns the text."""

    def paint(text: str, name: str) -> str:
        code = COLOURS.get(name)
        return f"\x1b[{code}m{text}\x1b[0m" if colour and code else text

    return paint


def columns() -> int:
    """The terminal's width; unlimited when written to a file or pipe."""
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 10_000


def width(text: str) -> int:
    """Cells the text takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def cut(text: str, cells: int) -> str:
    """The text in at most so many cells, with an ellipsis where something is missing."""
    if width(text) <= cells:
        return text
    out, used = [], 0
    for c in text:
        used += width(c)
        if used > cells - 1:
            break
        out.append(c)
    return "".join(out) + "…"


def pad(text: str, cells: int) -> str:
    """The text, cut or filled with blanks to exactly so many cells."""
    text = cut(text, cells)
    return text + " " * (cells - width(text))


def table(
    rows: Iterable[Sequence[object]],
    head: Sequence[str] = (),
    *,
    total: int = 10_000,
    colour: Callable[[int, int, str], str] | None = None,
    most: int = 40,
) -> list[str]:
    """Lines of aligned columns within ``total`` cells; the last column takes what is left.

    ``colour(row, column, text)`` paints a cell after its width is known. No column but the last grows
    beyond ``most`` cells.
    """
    cells = [[clean(cell) for cell in row] for row in rows]
    if not cells:
        return []
    count = len(cells[0])
    wide = [max(width(row[i]) for row in [*cells, *([list(head)] if head else [])]) for i in range(count)]
    wide = [min(w, most) for w in wide[:-1]] + wide[-1:]
    wide[-1] = max(8, min(wide[-1], total - sum(wide[:-1]) - 2 * (count - 1)))
    lines = []
    if head:
        lines.append("  ".join(pad(text, w) for text, w in zip(head, wide, strict=True)).rstrip())
    for number, row in enumerate(cells):
        texts = [pad(text, w) for text, w in zip(row, wide, strict=True)]
        texts[-1] = texts[-1].rstrip()
        if colour:
            texts = [colour(number, i, text) for i, text in enumerate(texts)]
        lines.append("  ".join(texts).rstrip())
    return lines


def ago(seconds: float) -> str:
    """A time past, in one unit or two: `4 s`, `3 min`, `2 h 5 min`, `3 d`."""
    seconds = max(0.0, seconds)
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    if seconds < 172_800:
        hours, minutes = divmod(round(seconds / 60), 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{seconds / 86_400:.0f} d"
