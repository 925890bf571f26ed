"""A process that appends until it is killed: `python writer.py FOLDER`. Each acknowledged index is printed.

It writes as a node does: through the store, several tasks at once, checkpoints on the way, an own copy kept.
"""

from __future__ import annotations

import asyncio
import functools
import sys
import time
from pathlib import Path

from gadfly.ledger import anchor
from gadfly.ledger.entry import Entry
from gadfly.ledger.key import identity
from gadfly.ledger.log import Log
from gadfly.store.sqlite import Database


async def main(folder: Path) -> None:
    """Append for ever."""
    who = identity(folder, "writer")
    log = Log(who.origin, who.key)
    database = Database(folder / "gadfly.db")
    known = anchor.kept(folder, log.verifier)
    if known is not None:
        await database.read(functools.partial(anchor.follow, known=known))

    async def write(task: int) -> None:
        number = 0
        while True:
            lot = [
                Entry(kind="flip", who="node", about=(f"component:{task}",), body={"n": n}, at=time.time())
                for n in range(number, number + 1 + (number + task) % 40)
            ]
            number += len(lot)
            done = await database.write(functools.partial(log.append, entries=lot))
            print(done.start, done.stop, flush=True)

    async def sign() -> None:
        while True:
            made = await database.write(log.checkpoint)
            if made is not None:
                anchor.keep(folder, made)
            await asyncio.sleep(0.01)

    await asyncio.gather(sign(), *(write(task) for task in range(6)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
