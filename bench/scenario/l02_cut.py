"""The last entries are cut off, or the database is restored from an older copy."""

from __future__ import annotations

import random
from pathlib import Path

from gadfly.errors import LedgerError
from gadfly.ledger import anchor
from scenario.attack import Attack, Found, Office, Watcher


def run(folder: Path, dice: random.Random) -> Found:
    tried = detected = unnoticed = 0
    control, words = True, ""
    for number in range(5):
        office = Office(folder / f"node-{number}.db")
        watcher = Watcher(folder / f"witness-{number}.db")
        office.write(40)
        older = folder / f"older-{number}.db"
        office.connection.execute("VACUUM INTO ?", (str(older),))
        office.write(dice.randrange(1, 60))
        control &= not watcher.ask(office)
        anchor.keep(folder, office.head())
        own = anchor.kept(folder, office.log.verifier)
        assert own is not None
        control &= office.audit(known=[own], witnesses=(watcher.verifier,), needed=1).clean
        restored = Office(older, office.key)
        restored.now = office.now
        unnoticed += restored.audit().clean
        restored.write(100)
        said = watcher.ask(restored)
        tried += 3
        detected += bool(said)
        detected += not restored.audit(known=[own]).clean
        try:
            anchor.follow(Office(older, office.key).connection, own)
        except LedgerError as error:
            detected += 1
            words = str(error)
    return Found(tried=tried, detected=detected, control=control, bare=5, unnoticed=unnoticed, words=words)


ATTACK = Attack(
    name="L2",
    title="The end is cut off, or an older copy restored and continued",
    by="own copy of a later checkpoint, and the witness",
    run=run,
)
