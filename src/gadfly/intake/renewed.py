"""Work that begins anew when its configuration changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


async def renewed(changed: asyncio.Event, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run the work; end it and run it again whenever `changed` is set. Ends by being cancelled.

    Work that returns waits for the next change. What it raises is raised.
    """
    while True:
        changed.clear()
        doing = asyncio.ensure_future(work())
        waiting = asyncio.ensure_future(changed.wait())
        try:
            await asyncio.wait({doing, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                doing.result()
                await waiting
        finally:
            doing.cancel()
            waiting.cancel()
            await asyncio.wait({doing, waiting})
