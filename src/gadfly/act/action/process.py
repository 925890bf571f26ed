"""A program run once: no shell, a session of its own, an end in time, and none of our environment.

It ends with the node, however that ends, for nobody could stop it any more: the kernel tells the program, by
SIGTERM, and the keeper (:mod:`gadfly.act.action.keeper`) ends all that it has started in its session.

Whether it had its effect is known only where it came to its end by itself. One that could not be started did
nothing; one that was killed, by us or by others, may have done all of it.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from gadfly.act.action.effect import Edge, Effect, State, tail, unstarted
from gadfly.act.action.leftover import FENCE
from gadfly.instrument.parent_death import ends_with_us
from gadfly.monitor.probe.command import LINGER, VARIABLES, Output

REST = 0.5
"""Seconds between the polite signal and the one that cannot be refused: a stop is over within one."""


async def run(
    words: Sequence[str], edge: Edge, variables: Mapping[str, str], secrets: Mapping[str, bytes]
) -> Effect:
    """Run it to its end. `secrets` are variables too; they are struck out of the output.

    Cancelled (a stop): the program and all that it started are ended before this returns.
    """
    name = os.path.basename(words[0])
    began = edge.monotonic()
    output = Output()
    process: asyncio.subprocess.Process | None = None
    late = False
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output.writing,
            stderr=output.writing,
            env={**_plain(), **variables, **{key: os.fsdecode(value) for key, value in secrets.items()}},
            start_new_session=True,
            # From the loop's thread, which is the main one of a node: its end is the node's.
            preexec_fn=_first(ends_with_us(), edge.keeping.register() if edge.keeping else None),
        )
        if edge.keeping is not None:
            edge.keeping.began(process.pid, int(variables.get(FENCE, 0)))
        output.started()
        async with asyncio.timeout(edge.time):
            await process.wait()
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER):
                await output.ended.wait()
    except TimeoutError:
        late = True
    except (OSError, ValueError, TypeError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        return unstarted(f"{name} cannot be run: {why}; check its path and mode")
    finally:
        try:
            if process is not None:
                await _end(process, output)
        finally:
            output.close()
            if process is not None and edge.keeping is not None:
                edge.keeping.ended(process.pid)
    assert process is not None
    said = tail(bytes(output.kept), secrets.values())
    seconds = edge.monotonic() - began
    code = process.returncode or 0
    if late:
        words_ = f"{name} did not end within {edge.time:g} s and was killed"
        return Effect(state=State.unknown, words=words_, output=said, seconds=seconds)
    if code < 0:
        return Effect(
            state=State.unknown, words=f"{name} was killed by signal {-code}", output=said, seconds=seconds
        )
    return Effect(
        state=State.finished, ok=code == 0, words=f"{name} ended with {code}", output=said, seconds=seconds
    )


def _first(*steps: Callable[[], None] | None) -> Callable[[], None]:
    """What the new process does before it becomes the program."""

    def do() -> None:
        for step in steps:
            if step is not None:
                step()

    return do


def _plain() -> dict[str, str]:
    return {key: os.environ[key] for key in VARIABLES if key in os.environ}


async def _end(process: asyncio.subprocess.Process, output: Output) -> None:
    """End what did not end by itself, politely first: half of an act is worse than its end.

    What a program left running when it ended (a service that it started) is its effect, and stays.
    """
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGTERM)
    lives = True
    with suppress(TimeoutError):
        async with asyncio.timeout(REST):
            await process.wait()
            lives = False
    # While anything of its group lives, and holds its output, the group's number cannot be another's.
    if lives or not output.ended.is_set():
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
