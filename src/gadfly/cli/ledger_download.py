"""A live node's ledger, fetched over HTTP as any C2SP tlog-tiles client fetches one, into a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gadfly.errors import LedgerError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger import tiles
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.tiles import LEVELS

Fetch = Callable[[str], bytes]
"""Path from the server's root → what lies there."""
Told = Callable[[int, int], None]
"""How many of how many files are there."""


def download(fetch: Fetch, folder: Path, told: Told) -> Checkpoint:
    """Write what :mod:`gadfly.ledger.export` would; nothing is verified. LedgerError: it is not empty."""
    if folder.exists() and any(folder.iterdir()):
        raise LedgerError(f"{folder} is not empty: name a new folder.")
    text = fetch("/ledger/checkpoint").decode()
    head = checkpoints.parse(text)
    wanted = [tile for level in (None, *range(LEVELS)) for tile in tiles.wanted(level, head.size)]
    try:
        with _made(folder / "entries.jsonl").open("wb") as lines:
            for number, tile in enumerate(wanted):
                told(number, len(wanted))
                path = tiles.path(tile)
                data = fetch(f"/ledger/{path}")
                _made(folder / path).write_bytes(data)
                if tile.level is None:
                    lines.writelines(body + b"\n" for body in tiles.unbundle(data))
        (folder / "checkpoint").write_text(text)
        (folder / "checkpoints").write_text(f"{text}\n")
    except OSError as error:
        raise LedgerError(f"{error.filename or folder} cannot be written ({error.strerror}).") from None
    told(len(wanted), len(wanted))
    return head


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
