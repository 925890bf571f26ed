"""Matches expressions against what targets said; the costly ones in a process that can be killed."""

from __future__ import annotations

import asyncio
import struct
import sys
from contextlib import suppress
from pathlib import Path

from gadfly.monitor.probe.expression import affordable, compiled

LIMIT = 0.5
"""Seconds for one expression on one text; a useful one needs a thousandth of it."""
QUEUE = 2.0
"""Seconds to wait for the judge while it is busy with others."""
REST = 30.0
"""Seconds without a question after which the process ends."""

_PROGRAM = str(Path(__file__).with_name("judge_process.py"))


class Judge:
    """One for a node; its process runs only while costly expressions are asked."""

    def __init__(self) -> None:
        self._busy = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._rest: asyncio.TimerHandle | None = None

    async def matches(self, pattern: str, text: str) -> bool | None:
        """Whether ``pattern`` is found in ``text``; None if that could not be told within :data:`LIMIT`.

        :raises re.error: if this is not a regular expression.
        """
        if affordable(pattern, len(text)):
            return compiled(pattern).search(text) is not None
        compiled(pattern)
        try:
            async with asyncio.timeout(QUEUE):
                await self._busy.acquire()
        except TimeoutError:
            return None
        try:
            return await self._ask(pattern.encode(), text.encode("utf-8", "replace"))
        finally:
            self._busy.release()

    async def close(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            # The pipe's transport ends with the loop otherwise, and warns.
            process._transport.close()  # type: ignore[attr-defined]

    async def _ask(self, pattern: bytes, text: bytes) -> bool | None:
        answer = b""
        try:
            process = await self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(struct.pack("!II", len(pattern), len(text)) + pattern + text)
            async with asyncio.timeout(LIMIT):
                await process.stdin.drain()
                answer = await process.stdout.read(1)
        except (TimeoutError, OSError):
            pass
        except BaseException:
            await self.close()
            raise
        if answer not in (b"0", b"1"):
            await self.close()
            return None
        self._rest = asyncio.get_running_loop().call_later(REST, self._dismiss)
        return answer == b"1"

    async def _running(self) -> asyncio.subprocess.Process:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        if self._process is None or self._process.returncode is not None:
            pipe = asyncio.subprocess.PIPE
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-S", _PROGRAM, stdin=pipe, stdout=pipe,
                stderr=asyncio.subprocess.DEVNULL, env={}, close_fds=True,
            )  # fmt: skip
            assert self._process.stdout is not None
            await self._process.stdout.readexactly(1)
        return self._process

    def _dismiss(self) -> None:
        """End the process by the end of its input; it is reaped by the loop's watcher."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
