"""The fenced blocks of our pages, and how they are tried.

- ``toml`` is a configuration: it must load. With ``title="gadfly.toml"`` it is also saved under that name
  before the commands that follow it run; so is a block of any other language that has a title.
- ``console`` is a session: lines that begin with ``$ `` are commands, the lines behind them what they print.
  ``…`` stands for any text, alone on a line for any lines. A page is one session, in an empty folder, in a
  network of its own where only loopback exists, and all that it started ends with it.
- ``sh`` is shown and not run; its ``make`` targets must exist and its programs are looked at by nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^( *)```(\w*)([^\n]*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r'title="([\w./-]+)"')


class Block(NamedTuple):
    """One fenced block."""

    page: str
    line: int
    language: str
    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


class Step(NamedTuple):
    """A command, and the lines that it prints (empty: it must end with exit code 0 instead)."""

    command: str
    shown: tuple[str, ...]


def pages() -> list[Path]:
    """Every page that people read."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in their order."""
    text = page.read_text()
    found = []
    for match in _FENCE.finditer(text):
        indent, language, info, body = match.groups()
        title = _TITLE.search(info)
        body = re.sub(f"^{indent}", "", body, flags=re.MULTILINE)
        line = text.count("\n", 0, match.start()) + 1
        name = str(page.relative_to(ROOT))
        found.append(Block(name, line, language, title[1] if title else "", body))
    return found


def steps(session: str) -> Iterator[Step]:
    """The commands of a ``console`` block; one that ends with a backslash goes on in the next line."""
    command, shown = "", list[str]()
    lines = iter(session.splitlines())
    for line in lines:
        if not line.startswith("$ "):
            shown.append(line)
            continue
        if command:
            yield Step(command, tuple(shown))
        command, shown = line[2:], []
        while command.endswith("\\"):
            command = command[:-1] + next(lines).lstrip("> ")
    if command:
        yield Step(command, tuple(shown))


def matches(shown: tuple[str, ...], printed: str) -> bool:
    """Whether `printed` is what is `shown`; runs of blanks count as one, for columns move."""
    pattern = ""
    for line in shown:
        if line.strip() == "…":
            pattern += r"(?:[^\n]*\n)*?"
            continue
        words = [re.escape(part) for part in re.split("…", _narrow(line))]
        pattern += r"[^\n]*?".join(words) + "\n"
    text = "".join(_narrow(line) + "\n" for line in printed.splitlines())
    return re.fullmatch(pattern, text.rstrip("\n") + "\n" if text.strip() else "") is not None


def _narrow(line: str) -> str:
    return re.sub(r"\s+", " ", line).strip()
