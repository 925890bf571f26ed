"""Run a program; Nagios plugins work as they are.

No shell. The program gets a session of its own, so that on a timeout it is killed with everything it
started; of its output the first :data:`OUTPUT` bytes are kept, the rest is read and thrown away. It sees only
a few plain variables of our environment: the node's may hold secrets. What else it cannot is
:mod:`~gadfly.monitor.probe.program`'s.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from contextlib import suppress

from gadfly.config.probe import CommandProbe
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.program import MEMORY, Program
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.monitor.probe.stopwatch import Stopwatch
from gadfly.monitor.probe.wording import line

CHUNK = 65_536
OUTPUT = 4096
"""Bytes of output kept: what Nagios itself keeps."""
LINGER = 0.2
"""Seconds for the last words of a program that has ended, while a child of it holds the pipe."""
SHORT = re.compile(
    r"MemoryError|Cannot allocate memory|bad_alloc|can't start new thread|OutOfMemory|insufficient memory"
)
"""How programs say that they were given no more memory."""
VARIABLES = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")

_CODES = {0: Outcome.passing, 1: Outcome.warn, 2: Outcome.fail, 3: Outcome.unknown}


def judge(code: int, output: str) -> tuple[Outcome, str]:
    """What exit code and output mean to Nagios; the words are the first line, up to ``|``."""
    first = next((row for row in output.splitlines() if row.strip()), "")
    words = line(first.partition("|")[0], 160)
    if code in _CODES:
        return _CODES[code], words or f"exit code {code}, no output"
    if code < 0:
        with suppress(ValueError):
            return Outcome.fail, f"killed by {signal.Signals(-code).name}" + (f": {words}" if words else "")
    return Outcome.fail, f"exit code {code}" + (f": {words}" if words else "")


async def probe(spec: CommandProbe, context: Context) -> Result:
    """Ask once. The time in the queue before it may run does not count."""
    async with context.commands:
        return await _run(spec, context)


class Output:
    """The reading end of a program's output. The pipe is our own, because asyncio's process counts as running
    while anything holds its pipe, also what the program left behind.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._pipe, self.writing = os.pipe()
        os.set_blocking(self._pipe, False)
        self.kept = bytearray()
        self.ended = asyncio.Event()
        self._loop.add_reader(self._pipe, self._read)

    def _read(self) -> None:
        try:
            data = os.read(self._pipe, CHUNK)
        except BlockingIOError:
            return
        if data:
            self.kept += data[: OUTPUT - len(self.kept)]
        else:
            self._loop.remove_reader(self._pipe)
            self.ended.set()

    def started(self) -> None:
        """The program has its own copy of the writing end."""
        os.close(self.writing)
        self.writing = -1

    def close(self) -> None:
        self._loop.remove_reader(self._pipe)
        os.close(self._pipe)
        if self.writing >= 0:
            os.close(self.writing)


async def _run(spec: CommandProbe, context: Context) -> Result:
    watch = Stopwatch(context.now, "first_byte")
    name = line(os.path.basename(spec.run[0]) if spec.run else "")
    program: Program | None = None
    late = False
    output = Output()
    try:
        variables = {key: os.environ[key] for key in VARIABLES if key in os.environ}
        async with asyncio.timeout(spec.timeout):
            program = await context.programs.start(spec.run, output.writing, variables, setuid=spec.setuid)
            output.started()
            await program.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                await output.ended.wait()
    except TimeoutError:
        late = True
    except (OSError, ValueError, TypeError) as error:
        words = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        return Result(outcome=Outcome.unknown, reason=f"{name} cannot be run: {words}")
    finally:
        try:
            if program is not None:
                await _end(program, output)
        finally:
            output.close()
    if program is None:
        words = f"{name} could not be started within {spec.timeout:g} s; look at the disk that it is on"
        return Result(outcome=Outcome.unknown, reason=words)
    seconds = watch.stop()
    said = output.kept.decode("utf-8", "replace")
    if late:
        outcome, words = Outcome.fail, f"{name} did not end within {spec.timeout:g} s and was killed"
    else:
        outcome, words = judge(program.code or 0, said)
        if outcome is not Outcome.passing and SHORT.search(said):
            words += f" (a process of a probe may have {MEMORY >> 30} GiB of memory)"
    return Result(outcome=outcome, reason=words, seconds=seconds, phases=watch.phases, output=said)


async def _end(program: Program, output: Output) -> None:
    """Kill what is left of the group."""
    if program.code is None or not output.ended.is_set():
        program.kill()
    await program.wait()
