"""A small file beside the store, as a whole or as it was before."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from gadfly.store.series.journal import sync_folder


def write(path: Path, value: object) -> None:
    """As JSON; on disk when it returns. OSError where that refuses."""
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(value))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    sync_folder(path.parent)
