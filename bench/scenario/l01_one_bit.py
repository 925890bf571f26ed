"""One bit of anything stored is changed: an entry, a hash, a checkpoint, a cosignature, the index."""

from __future__ import annotations

import random
from pathlib import Path

from scenario.attack import Attack, Found, Office, Watcher, transaction

PLACES = (
    ("ledger_entry", "body"),
    ("ledger_about", "subject"),
    ("ledger_tile", "hashes"),
    ("ledger_tile", "middle"),
    ("ledger_checkpoint", "note"),
    ("ledger_checkpoint", "peaks"),
    ("ledger_cosignature", "line"),
)
EACH = 12


def flip(value: bytes | str, dice: random.Random) -> bytes | str:
    """The same with one bit changed; text stays text."""
    data = bytearray(value.encode() if isinstance(value, str) else value)
    place = dice.randrange(len(data))
    data[place] ^= 1 << dice.randrange(6 if isinstance(value, str) else 8)
    return data.decode("latin-1") if isinstance(value, str) else bytes(data)


def run(folder: Path, dice: random.Random) -> Found:
    office, watcher = Office(folder / "node.db"), Watcher(folder / "witness.db")
    office.write(600, every=50)
    watcher.ask(office)
    seen = {"witnesses": (watcher.verifier,), "needed": 1}
    control = office.audit(**seen).clean
    tried = detected = 0
    words = ""
    for table, column in PLACES:
        rows = [row for row in office.connection.execute(f"SELECT rowid, {column} FROM {table}") if row[1]]
        for _ in range(EACH):
            row, value = dice.choice(rows)
            with transaction(office.connection, keep=False):
                office.connection.execute(
                    f"UPDATE OR REPLACE {table} SET {column} = ? WHERE rowid = ?", (flip(value, dice), row)
                )
                found = office.audit(**seen)
            tried += 1
            detected += not found.clean
            words = found.problems[0] if found.problems else f"{table}.{column} was not noticed"
    return Found(tried=tried, detected=detected, control=control, returned=True, words=words)


ATTACK = Attack(
    name="L1", title="One bit of anything stored is changed", by="full replay, and any proof of it", run=run
)
