"""An entry is written with an earlier time than it has."""

from __future__ import annotations

import random
from pathlib import Path

from gadfly.ledger import receipt
from gadfly.ledger.entry import Entry
from scenario.attack import Attack, Found, Office, Watcher, transaction


def run(folder: Path, dice: random.Random) -> Found:
    tried = detected = 0
    control, words = True, ""
    for number, earlier in enumerate((3600.0, 86_400.0, 86_400.0 * dice.randrange(2, 300))):
        office = Office(folder / f"node-{number}.db")
        watcher = Watcher(folder / f"witness-{number}.db")
        office.write(30)
        control &= not watcher.ask(office)
        office.now += 60
        seen = {"witnesses": (watcher.verifier,), "needed": 1}
        control &= office.audit(**seen).clean
        entry = Entry(kind="approval", who="person:late", about=("intent:1",), at=office.now - earlier)
        with transaction(office.connection):
            office.log.append(office.connection, [entry])
            office.log.checkpoint(office.connection)
        watcher.ask(office)
        found = office.audit(**seen)
        tried += 1
        detected += not found.clean
        words = "; ".join(found.problems[:1])
    # A proof that an entry is there says nothing of when it came: alone it sees nothing wrong.
    text = str(receipt.make(office.connection, 30))
    alone = receipt.verify(text, office.log.verifier).entry == entry
    return Found(tried=tried, detected=detected, control=control, bare=1, unnoticed=alone, words=words)


ATTACK = Attack(
    name="L5",
    title="An entry is back-dated",
    by="the order of entries, and the times of witnesses on both sides of it",
    run=run,
)
