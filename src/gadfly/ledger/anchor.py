"""The node's own copy of its newest checkpoint, outside the database.

A database that was restored from an older copy, or cut, does not fit it, and the node says so at its start.
Who can replace both files is not stopped by this; a witness's copy, or the footer of a notification, is.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from gadfly.errors import LedgerError
from gadfly.ledger import checkpoint as checkpoints
from gadfly.ledger.checkpoint import Checkpoint
from gadfly.ledger.note import Verifier
from gadfly.ledger.tree import Tree, covered

NAME = "ledger.checkpoint"


def keep(folder: Path, checkpoint: Checkpoint) -> None:
    """Replace the copy, whole, also where the power goes: half a copy would look like an attack."""
    partial = folder / f"{NAME}.{os.getpid()}"
    try:
        with partial.open("w") as file:
            file.write(str(checkpoint))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(folder / NAME)
    except OSError as error:
        raise LedgerError(
            f"{folder / NAME} cannot be written ({error.strerror}): check the folder."
        ) from error


def kept(folder: Path, key: Verifier) -> Checkpoint | None:
    """The copy, verified; None where there is none. LedgerError where it is not of this key."""
    try:
        text = (folder / NAME).read_text()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError(f"{folder / NAME} cannot be read: check its owner and mode.") from error
    return checkpoints.verify(text, key)


def follow(connection: sqlite3.Connection, known: Checkpoint) -> None:
    """LedgerError, with what it means, unless the stored ledger continues the checkpoint `known`."""
    size = covered(connection)
    if known.size > size:
        raise LedgerError(
            f"The ledger was cut: a checkpoint of {known.size} entries was signed, and {size} are here. The "
            "state was restored from an older copy, or entries were taken away: restore the newest copy."
        )
    if Tree(connection, known.size).root() != known.root:
        raise LedgerError(
            f"The history was rewritten: the first {known.size} entries are not those that were signed "
            "before. Keep this file and the checkpoint as evidence, and find out who had the key."
        )
