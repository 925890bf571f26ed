"""The node's side of the keeper: started with the first program that an act runs, and told of each."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gadfly.act.action import keeper, leftover

log = logging.getLogger("gadfly.act")

PATIENCE = 1.0
"""Seconds that the keeper is waited for when the node stops."""


class Keeping:
    """One for a node. `folder`: where it is noted what runs (see :mod:`gadfly.act.action.leftover`).

    No keeper runs before :meth:`register` is asked for the first time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._running: set[int] = set()

    def register(self) -> Callable[[], None] | None:
        """What a new process does before it becomes the program, so that its session is known to the keeper
        before it can start anything. None where there is no keeper: then only the program itself ends with
        the node."""
        if self._process is None or self._process.poll() is not None:
            self._start()
        line = self._line
        if line is None:
            return None

        def say() -> None:
            with suppress(OSError):  # the keeper is gone: the program runs all the same
                line.send(b"+%d" % os.getpid(), socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)

        return say

    def began(self, pid: int, fence: int) -> None:
        """It runs, for the act of this number: a keeper that is started anew must know of it."""
        self._running.add(pid)
        leftover.note(self._folder, pid, fence)

    def ended(self, pid: int) -> None:
        """It ended, and what it left running is its effect."""
        self._running.discard(pid)
        leftover.forget(self._folder, pid)
        if self._line is not None:
            with suppress(OSError):
                self._line.send(b"-%d" % pid, socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)

    def close(self) -> None:
        """The node stops, and has ended what ran. Harmless when repeated."""
        line, process, self._line, self._process = self._line, self._process, None, None
        if line is not None:
            with suppress(OSError):
                line.send(keeper.GOODBYE, socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)
            line.close()
        if process is not None:
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self) -> None:
        self.close()
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own script
                [sys.executable, "-I", "-S", keeper.__file__, str(os.getpid()), str(its.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[its.fileno()],
                env={},
                start_new_session=True,
            )
        except OSError as error:
            log.error("what acts start in turn would outlive a node that is killed: no keeper, %s", error)
            ours.close()
            return
        finally:
            its.close()
        self._line = ours
        for pid in self._running:
            ours.send(b"+%d" % pid)
