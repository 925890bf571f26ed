"""One bit of anything stored is changed: an entry, a hash, a checkpoint, a cosignature, the index."""

from __future__ import annotations

import random
from pathlib import Path

from gadfly.errors import GadflyError, LedgerError
from gadfly.ledger import receipt
from scenario.attack import Attack, Found, Office, Watcher, transaction

PLACES = (
    ("ledger_entry", "body", "id"),
    ("ledger_about", "subject", "subject, entry"),
    ("ledger_tile", "hashes", "level, number"),
    ("ledger_tile", "middle", "level, number"),
    ("ledger_checkpoint", "note", "size"),
    ("ledger_checkpoint", "peaks", "size"),
    ("ledger_cosignature", "line", "size, name"),
)
EACH = 12


def flip(value: bytes | str, dice: random.Random) -> bytes | str:
    """The same with one bit changed; text stays text."""
    data = bytearray(value.encode() if isinstance(value, str) else value)
    place = dice.randrange(len(data))
    data[place] ^= 1 << dice.randrange(6 if isinstance(value, str) else 8)
    return data.decode("latin-1") if isinstance(value, str) else bytes(data)


def readable(office: Office) -> bool:
    """Whether whoever only reads the entries, and verifies nothing, sees nothing wrong."""
    try:
        return len(office.log.read(office.connection, 0, 600)) == 600
    except LedgerError:
        return False


def proves(office: Office, place: int) -> bool:
    """Whether a receipt of this entry still holds."""
    try:
        return receipt.verify(str(receipt.make(office.connection, place)), office.log.verifier).index == place
    except GadflyError:
        return False


def run(folder: Path, dice: random.Random) -> Found:
    office, watcher = Office(folder / "node.db"), Watcher(folder / "witness.db")
    office.write(600, every=50)
    watcher.ask(office)
    seen = {"witnesses": (watcher.verifier,), "needed": 1}
    control = office.audit(**seen).clean
    tried = detected = unread = 0
    words = ""
    for table, column, key in PLACES:
        rows = [row for row in office.connection.execute(f"SELECT {column}, {key} FROM {table}") if row[0]]
        where = " AND ".join(f"{name} = ?" for name in key.split(", "))
        for _ in range(EACH):
            value, *place = dice.choice(rows)
            with transaction(office.connection, keep=False):
                office.connection.execute(
                    f"UPDATE OR REPLACE {table} SET {column} = ? WHERE {where}", (flip(value, dice), *place)
                )
                found = office.audit(**seen)
                unread += readable(office)
                proof = table != "ledger_entry" or not proves(office, place[0])
            tried += 1
            detected += not found.clean and proof
            words = found.problems[0] if found.problems else f"{table}.{column} was not noticed"
    return Found(tried=tried, detected=detected, control=control, bare=tried, unnoticed=unread, words=words)


ATTACK = Attack(
    name="L1", title="One bit of anything stored is changed", by="full replay, and any proof of it", run=run
)
