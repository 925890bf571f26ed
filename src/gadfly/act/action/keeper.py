"""The keeper: a small process that ends what an act's program started, when the node that ran it is gone.

The kernel tells a program that its parent ended, but not what the program has started in turn; and a node
that was killed tells nobody anything. So each program is registered here, by itself, before it becomes the
program; and when the node ends, all that is left of its session is ended: politely first, then for good. What
made a session of its own (a service that was to be started) is the effect of an act, and stays.

Run as a script by :mod:`gadfly.act.action.keeping`: ``keeper.py NODE_PID SOCKET``. Standard library only.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time

REST = 0.5
"""Seconds between the polite signal and the one that cannot be refused."""
PATIENCE = 10.0
"""Seconds after which it gives up on what the kernel itself does not end."""
MESSAGE = 64
GOODBYE = b"goodbye"
"""The node stops, and has ended what ran."""


def members(session: int) -> list[int]:
    """The processes of a session that live."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                # The name in parentheses may hold anything; state, parent, group and session come behind it.
                state, _, _, its = file.read().rpartition(b")")[2].split()[:4]
        except (OSError, ValueError):
            continue
        if int(its) == session and state not in (b"Z", b"X"):
            found.append(int(name))
    return found


def end(sessions: set[int]) -> None:
    """End all of these sessions."""
    number, until = signal.SIGTERM, time.monotonic() + PATIENCE
    while (left := [pid for one in sessions for pid in members(one)]) and time.monotonic() < until:
        for pid in left:
            try:
                os.kill(pid, number)
            except OSError:
                continue
        time.sleep(REST if number == signal.SIGTERM else 0.02)
        number = signal.SIGKILL


def keep(node: int, line: socket.socket) -> None:
    """Until the node says goodbye, or is gone; then what is registered is ended."""
    sessions: set[int] = set()
    poll = select.poll()
    poll.register(line, select.POLLIN)
    try:
        gone = os.pidfd_open(node)
    except ProcessLookupError:
        gone = -1
    if gone >= 0:
        poll.register(gone, select.POLLIN)
    alive = gone >= 0 and os.getppid() == node
    while alive:
        ready = {number for number, _ in poll.poll()}
        if line.fileno() in ready:
            said = line.recv(MESSAGE)
            if said == GOODBYE:
                return
            if said:
                note(sessions, said)
            alive = bool(said)  # a line that ended without goodbye is a node that did
        elif gone in ready:
            alive = False
    line.setblocking(False)
    try:
        while said := line.recv(MESSAGE):
            if said == GOODBYE:
                return
            note(sessions, said)
    except OSError:
        pass  # nothing more was said
    end(sessions)


def note(sessions: set[int], said: bytes) -> None:
    """`+PID`: this one began; `-PID`: it ended."""
    (sessions.add if said[:1] == b"+" else sessions.discard)(int(said[1:]))


if __name__ == "__main__":
    for ignored in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)  # a stop of all at once must not end it before the node
    keep(int(sys.argv[1]), socket.socket(fileno=int(sys.argv[2])))
