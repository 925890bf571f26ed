"""Run a program; Nagios plugins work as they are.

No shell. The program gets a session of its own, so that on a timeout it is killed with everything it
started; of its output the first :data:`OUTPUT` bytes are kept, the rest is read and thrown away. It sees only
a few plain variables of our environment: the node's may hold secrets.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress

from gadfly.config import CommandProbe
from gadfly.monitor.probe.context import Context
from gadfly.monitor.probe.result import Outcome, Result
from gadfly.monitor.probe.stopwatch import Stopwatch
from gadfly.monitor.probe.wording import line

OUTPUT = 4096
"""Bytes of output kept: what Nagios itself keeps."""
LINGER = 0.2
"""Seconds for the last words of a program that has ended, while a child of it holds the pipe."""
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


async def _run(spec: CommandProbe, context: Context) -> Result:
    watch = Stopwatch(context.now, "first_byte")
    name = line(os.path.basename(spec.run[0]) if spec.run else "")
    kept = bytearray()
    process: asyncio.subprocess.Process | None = None
    reader: asyncio.Task[None] | None = None
    late = False
    try:
        process = await asyncio.create_subprocess_exec(
            *spec.run,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={key: os.environ[key] for key in VARIABLES if key in os.environ},
            start_new_session=True,
            limit=OUTPUT,
        )
        assert process.stdout is not None
        reader = asyncio.create_task(_read(process.stdout, kept))
        async with asyncio.timeout(spec.timeout):
            await process.wait()
        await asyncio.wait((reader,), timeout=LINGER)
    except TimeoutError:
        late = True
    except (OSError, ValueError, IndexError, TypeError) as error:
        words = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        return Result(outcome=Outcome.unknown, reason=f"{name} cannot be run: {words}")
    finally:
        if process is not None:
            await _end(process, reader)
    seconds = watch.stop()
    output = kept.decode("utf-8", "replace")
    assert process is not None
    if late:
        outcome, words = Outcome.fail, f"{name} did not end within {spec.timeout:g} s and was killed"
    else:
        outcome, words = judge(process.returncode or 0, output)
    return Result(outcome=outcome, reason=words, seconds=seconds, phases=watch.phases, output=output)


async def _read(stream: asyncio.StreamReader, kept: bytearray) -> None:
    while data := await stream.read(OUTPUT):
        kept += data[: OUTPUT - len(kept)]


async def _end(process: asyncio.subprocess.Process, reader: asyncio.Task[None] | None) -> None:
    """Kill what is left of the group. While anything holds the pipe its number cannot be another's."""
    if process.returncode is None or (reader is not None and not reader.done()):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    if reader is not None:
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
    await process.wait()
    process._transport.close()  # type: ignore[attr-defined]  # else it is closed when the loop is gone
