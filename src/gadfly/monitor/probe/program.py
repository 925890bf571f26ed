"""A probe's program as a process: what it cannot gain, what it may take, and its end.

It talks to targets that we do not trust, so it can gain no rights (no_new_privs): what it starts that is
setuid or has capabilities of its own runs with the node's rights, or fails. The kernel keeps that of a thread
and gives it to what the thread starts, so threads of their own start programs: between fork and exec nothing
of ours has to run. Memory and core files are limited right behind the start; what it may have started by then
is limited by its time alone.

The kernel limits no process's real memory, only what it might write to, used or not: so that limit is wide,
and where the machine has no more the kernel ends these programs first.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import resource
import signal
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from gadfly.monitor import rights

MEMORY = 4 << 30
"""Bytes that each of its processes may write to: the stacks of a few hundred threads, and a runtime's heap on
a machine of 128 GB, though plugins use a hundredth of it."""
SACRIFICE = 1000
"""Its oom_score_adj, the most there is: it is ended before whatever else the machine runs."""
THREADS = 4
"""Programs that are being started at once; a folder that hangs holds up no more than these."""
DECIDE = "setuid = true in its table lets it, false runs it without"
_PR_SET_NO_NEW_PRIVS = 38
_libc = ctypes.CDLL(None, use_errno=True)


class Program:
    """A running one, the first of a session and a group of its own."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def code(self) -> int | None:
        """How it ended, negative for a signal; None: it was not yet seen to end."""
        return self._process.returncode

    async def wait(self) -> None:
        """Until it has ended."""
        if self._process.returncode is not None:
            return
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        descriptor = os.pidfd_open(self._process.pid)
        loop.add_reader(descriptor, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)
        self._process.wait()

    def kill(self) -> None:
        """End it with all of its group. While anything of that lives its number cannot be another's."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


class Programs:
    """Starts them, for one node. Threads come with the first program."""

    def __init__(self) -> None:
        self._threads: dict[bool, ThreadPoolExecutor] = {}
        """By whether what they start may gain rights."""

    async def start(
        self, run: Sequence[str], output: int, variables: Mapping[str, str], *, setuid: bool | None
    ) -> Program:
        """`output`: where it writes, a descriptor; `setuid`: whether it may gain rights, None: that
        was not said.

        OSError, ValueError: there is no such program, or it cannot be run.
        """
        if not run:
            raise ValueError("no program is named")
        threads = self._threads.get(bool(setuid))
        if threads is None:
            threads = self._threads[bool(setuid)] = ThreadPoolExecutor(THREADS, "gadfly-probe-program")
        # Of its own, as whoever is cancelled closes theirs while the thread is still at it.
        writing = os.dup(output)
        starting = threads.submit(_start, run, writing, variables, setuid)
        try:
            return Program(await asyncio.shield(asyncio.wrap_future(starting)))
        except asyncio.CancelledError:
            if starting.cancel():
                os.close(writing)  # no thread came to it
            else:
                starting.add_done_callback(_unwanted)
            raise

    def close(self) -> None:
        """Let the threads go."""
        for threads in self._threads.values():
            threads.shutdown(wait=False)
        self._threads.clear()


def _give_up() -> None:
    """This thread, and whatever it starts, gains no rights from now on."""
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs is not to be had")


def _start(
    run: Sequence[str], writing: int, variables: Mapping[str, str], setuid: bool | None
) -> subprocess.Popen[bytes]:
    try:
        if not setuid:
            # To root's programs nothing is missing.
            where = variables.get("PATH", os.defpath)
            if setuid is None and os.geteuid() and (why := rights.own(run[0], where)):
                raise ValueError(f"{why}, and may gain no rights; {DECIDE}")
            _give_up()
        process = subprocess.Popen(  # noqa: S603 - what the operator wrote down
            list(run),
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            env=dict(variables),
            start_new_session=True,
        )
    finally:
        os.close(writing)
    for which, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_DATA, MEMORY)):
        # It may have ended, or be another user's by now.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            _, hard = resource.prlimit(process.pid, which)
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.prlimit(process.pid, which, (most, most))
    with contextlib.suppress(OSError):
        Path(f"/proc/{process.pid}/oom_score_adj").write_text(str(SACRIFICE))
    return process


def _unwanted(starting: Future[subprocess.Popen[bytes]]) -> None:
    """Whoever asked for it went away before it had started."""
    if not starting.cancelled() and starting.exception() is None:
        process = starting.result()
        Program(process).kill()
        process.wait()
