"""A worker on asyncio: its loop is watched, and it tells of its progress.

python orders.py
"""

from __future__ import annotations

import asyncio
import contextlib

from gadfly import Heart


async def main() -> None:
    # A loop that does not turn for 5 s, or no progress for 10 s, and the beats say `stalled`: the process is
    # there, its work is not.
    async with Heart("orders", every=1.0, owner="sales", progress=10.0) as heart:
        while True:
            await asyncio.sleep(0.5)  # here the next order would be taken
            heart.progress()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
