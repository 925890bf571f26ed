"""Where senders are, in a file beside the store."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

import msgspec

from gadfly.store.logs.beside import write as write_beside

log = logging.getLogger("gadfly.logs")

MARKS = 10_000
"""Places of senders that are remembered; the oldest are forgotten first."""
_NAME = "marks.json"


def join(known: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Those that hold from now on. An empty mark is one that is no longer needed."""
    found = dict(known)
    for name, mark in new.items():
        found.pop(name, None)
        if mark:
            found[name] = mark
    while len(found) > MARKS:
        del found[next(iter(found))]
    return found


def read(folder: Path) -> dict[str, str]:
    """Those that outlived their segments."""
    try:
        return msgspec.json.decode((folder / _NAME).read_bytes(), type=dict[str, str])
    except FileNotFoundError:
        return {}
    except msgspec.MsgspecError as error:
        log.error("%s is damaged (%s): files are followed from where a journal says", folder, error)
        return {}


def write(folder: Path, marks: Mapping[str, str]) -> None:
    """On disk when it returns. OSError where that refuses."""
    write_beside(folder / _NAME, marks)
