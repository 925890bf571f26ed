"""C2SP tlog-tiles: the paths under which a tree and its entries are served, and what lies there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from gadfly.errors import LedgerError

WIDTH = 256
"""Hashes in a full tile, entries in a full bundle."""
HEIGHT = 8
"""Levels of the tree that a tile spans."""
LEVELS = 8
"""Levels of tiles that 2^63 entries need."""

_PATH = re.compile(
    r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


class Tile(NamedTuple):
    """`level` is None for an entry bundle. `width` is 256 for a full one."""

    level: int | None
    number: int
    width: int = WIDTH


def path(tile: Tile) -> str:
    """Where `tile` is served, without a leading slash."""
    digits = f"{tile.number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    level = "entries" if tile.level is None else str(tile.level)
    return f"tile/{level}/{number}" + ("" if tile.width == WIDTH else f".p/{tile.width}")


def parse(text: str) -> Tile:
    """The tile at a path. LedgerError for what is no path of a tile, or another spelling of one."""
    match = _PATH.fullmatch(text)
    if match:
        level, number, width = match.groups()
        found = Tile(
            None if level == "entries" else int(level),
            int(number.replace("/", "").replace("x", "")),
            int(width or WIDTH),
        )
        if path(found) == text:
            return found
    raise LedgerError(f"{text[:200]!r} is not the path of a tile.")


def wanted(level: int | None, size: int) -> Iterable[Tile]:
    """The tiles (or, for None, the entry bundles) of one level for a tree of `size`; the last may be partial.

    Level n has tiles only where `size` reaches 256^n.
    """
    count = size >> (HEIGHT * (level or 0))
    for number in range(count // WIDTH):
        yield Tile(level, number)
    if count % WIDTH:
        yield Tile(level, count // WIDTH, count % WIDTH)


def bundle(entries: Iterable[bytes]) -> bytes:
    """Entries, each behind its length in 16 bits."""
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


def unbundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. LedgerError where it ends within one."""
    found, at = [], 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        at += 2 + length
        if at > len(data):
            raise LedgerError("The entry bundle is cut off.")
        found.append(data[at - length : at])
    return found
