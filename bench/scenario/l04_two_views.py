"""Two views: the owner is shown one ledger, the auditor another."""

from __future__ import annotations

import random
from pathlib import Path

from scenario.attack import Attack, Found, Office, Watcher


def run(folder: Path, dice: random.Random) -> Found:
    office, watcher = Office(folder / "node.db"), Watcher(folder / "witness.db")
    office.write(dice.randrange(20, 80))
    control = not watcher.ask(office)
    office.connection.execute("VACUUM INTO ?", (str(folder / "second.db"),))
    second = Office(folder / "second.db", office.key)
    second.now = office.now
    office.write(30, word="for the owner")
    second.write(30, word="for the auditor")
    control &= not watcher.ask(office) and office.audit(witnesses=(watcher.verifier,), needed=1).clean
    refused = watcher.ask(second)
    # The footer of a notification holds the owner's newest checkpoint; the auditor compares.
    footer = office.head()
    compared = second.audit(known=[footer], witnesses=(watcher.verifier,))
    return Found(
        tried=2,
        detected=bool(refused) + (not compared.clean),
        control=control,
        bare=1,
        unnoticed=second.audit(witnesses=(watcher.verifier,)).clean,
        words=f"the witness: {refused}; the footer: {'; '.join(compared.problems[:1])}",
    )


ATTACK = Attack(
    name="L4",
    title="Two people are shown two ledgers",
    by="the witness, and the checkpoint in the footer of a notification",
    run=run,
)
