"""The whole history is written anew, with the right key."""

from __future__ import annotations

import random
from pathlib import Path

from scenario.attack import Attack, Found, Office, Watcher


def run(folder: Path, dice: random.Random) -> Found:
    office, watcher = Office(folder / "node.db"), Watcher(folder / "witness.db")
    office.write(dice.randrange(50, 300))
    control = not watcher.ask(office)
    control &= office.audit(witnesses=(watcher.verifier,), needed=1).clean
    forged = Office(folder / "forged.db", office.key)
    forged.write(300, word="never happened")
    refused = watcher.ask(forged)
    found = forged.audit(witnesses=(watcher.verifier,), needed=1)
    return Found(
        tried=2,
        detected=bool(refused) + (not found.clean),
        control=control,
        bare=1,
        unnoticed=forged.audit().clean,
        words="without a witness this is not detectable; with one: " + "; ".join(found.problems[:1]),
    )


ATTACK = Attack(
    name="L3",
    title="The whole history is rewritten with the right key",
    by="a witness's cosignatures (without a witness: not detectable)",
    run=run,
)
