"""One run of a heart: the thread that beats, answers enquiries, and says goodbye.

All that may wait for the network happens here and never in the program's own threads; nothing that goes
wrong here leaves this thread.
"""

from __future__ import annotations

import atexit
import os
import socket
import threading
import time
from collections.abc import Mapping
from typing import Any

from gadfly.instrument import systemd
from gadfly.instrument.card import card
from gadfly.instrument.checking import Checking
from gadfly.instrument.datagram import DatagramLink, wait
from gadfly.instrument.destination import Destination, find
from gadfly.instrument.pace import Allowance, next_beat
from gadfly.instrument.pulse import Pulse
from gadfly.instrument.vitals import Vitals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gadfly.instrument.heart import Heart
    from gadfly.instrument.post import PostLink

    Link = DatagramLink | PostLink

LISTENED = 2000
"""Datagrams looked at in a second; of a flood the kernel drops the rest; the program need not bear it."""
ANSWERED = 20
"""Replies a second: a forged enquiry makes a reply go to somebody else."""
NEWS = 10
"""Changes of state told out of turn in a second."""
LOOK_AGAIN = 5.0
"""Seconds after which a heart that was not told where to send looks for the local node again."""
FAREWELLS = (0.0, 0.04, 0.06)
"""Pauses before the copies of a goodbye, against loss; receivers drop duplicates."""


def open_link(to: Destination, every: float) -> Link:
    """The way to a destination. By HTTP a step may take as long as an interval, within 0.5 to 5 seconds."""
    if to.way != "http":
        return DatagramLink(to)
    from gadfly.instrument.post import PostLink  # here, because few need it and it costs 10 ms

    return PostLink(to, min(5.0, max(0.5, every)))


class Beating:
    """The thread and its sockets. `about` goes into the announce beside the name."""

    def __init__(self, heart: Heart, vitals: Vitals, about: Mapping[str, Any]) -> None:
        self.pid = os.getpid()
        self.sent = 0
        self.stalled = False
        self._heart = heart
        self._vitals = vitals
        known = {
            key: about[key] for key in ("kind", "owner", "group", "needs", "health", "labels", "version")
        }
        more = {key: value for key, value in about.items() if key not in known}
        described = {**card(heart.name, started=time.time(), **known), **more}
        self.pulse = Pulse(described, heart.every, heart.secret, _new_incarnation())
        self._link = open_link(find(heart.to), heart.every)
        self._trouble = ""
        self._listened = Allowance(LISTENED, time.monotonic())
        self._answered = Allowance(ANSWERED, time.monotonic())
        self._stopping = False
        self._wakeup, self._waker = socket.socketpair()
        self._wakeup.setblocking(False)
        self._waker.setblocking(False)
        self._checking = (
            Checking(heart.check, vitals, max(1.0, heart.every), self.wake) if heart.check else None
        )
        self._supervisor = systemd.Supervisor() if heart.systemd else None
        self._thread = threading.Thread(target=self._run, name=f"gadfly-{heart.name}", daemon=True)

    @property
    def trouble(self) -> str:
        """Why the last frame could not leave, or what went wrong here; empty when all is well."""
        return self._trouble or self._link.trouble

    def start(self) -> None:
        """Start the thread; RuntimeError when there is none to be had."""
        try:
            self._thread.start()
        except RuntimeError:
            self.let_go()
            raise
        _RUNNING.add(self)

    def stop(
        self, seconds: float, said: tuple[str, str] | None = None, more: Mapping[str, Any] | None = None
    ) -> None:
        """Have the thread say goodbye; wait for it at most so long. In a forked child only lets go.

        `said` and `more` are told by the goodbye and by nothing before it.
        """
        self._stopping = True
        if said is not None:
            self._vitals.said = said
        if more:
            self.pulse.tell(more)
        _RUNNING.discard(self)
        if self.pid != os.getpid():
            return
        self.wake()
        if self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def wake(self) -> None:
        """Have the thread look at once. Never waits."""
        try:
            self._waker.send(b"!")
        except OSError:  # full: it is being woken already; closed: it is gone
            return

    def announce(self, more: Mapping[str, Any]) -> None:
        """Tell more about the component, at once."""
        self.pulse.tell(more)
        self.wake()

    def let_go(self) -> None:
        """In a forked child: close the copies of the sockets, or the parent's death would not be seen."""
        self._link.close()
        self._wakeup.close()
        self._waker.close()

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._beat_until_stopped()
            except Exception as error:  # must not end the beats: a defect here is no death of the program
                self._trouble = f"{type(error).__name__}: {error}"
                time.sleep(min(1.0, self._heart.every))
        try:
            self._farewell()
        except Exception as error:  # nobody is left to tell but whoever asks for `trouble`
            self._trouble = f"{type(error).__name__}: {error}"
        finally:
            if self.pid == os.getpid():
                self.let_go()

    def _beat_until_stopped(self) -> None:
        start = due = time.monotonic()
        look = start + LOOK_AGAIN
        news = Allowance(NEWS, start)
        failures = 0
        while not self._stopping:
            now = time.monotonic()
            if self._checking is not None:
                self._checking.turn(now)
            status, reason = self._vitals.state(now)
            self.stalled = status == "stalled"
            if self._supervisor is not None:
                self._supervisor.turn(now, status, reason)
            if now >= due or (self.pulse.has_news(status, reason) and failures == 0 and news.take(now)):
                failures = 0 if self._beat(status, reason) else failures + 1
                due = next_beat(start, self._heart.every, now)
                if failures:  # sooner than the next beat, but calmer each time
                    due = min(due, now + min(5.0, 0.1 * 2 ** min(failures, 6)))
            if now >= look:
                look = now + LOOK_AGAIN
                self._look_again()
            moments = [due, self._vitals.due(now)]
            moments += [part.due for part in (self._checking, self._supervisor) if part is not None]
            self._listen(min(moments))

    def _beat(self, status: str, reason: str) -> bool:
        """Send the next beat. One that could not leave is announced again: nobody has heard it."""
        try:
            left = self._link.send(self.pulse.beat(time.time_ns(), status, reason))
        except (OSError, ValueError, TypeError) as error:
            self._trouble = f"{type(error).__name__}: {error}"
            left = False
        else:
            self._trouble = ""
        if left:
            self.sent += 1
        else:
            self.pulse.tell({})
        return left

    def _listen(self, until: float) -> None:
        """Wait for enquiries, a change of state or the time; answer, within the limits."""
        sockets = self._link.sockets() if self._listened.take(time.monotonic()) else []
        if not sockets:  # also while a flood lasts: a nap long enough to let the allowance grow
            until = min(until, time.monotonic() + 0.05) if self._link.sockets() else until
        for readable in wait(sockets, self._wakeup, min(until - time.monotonic(), 60.0)):
            if readable is self._wakeup:
                self._drain()
            else:
                self._answer_all(readable)

    def _drain(self) -> None:
        try:
            self._wakeup.recv(4096)
        except OSError:
            return

    def _answer_all(self, readable: socket.socket) -> None:
        while self._listened.take(time.monotonic()):
            received = self._link.receive(readable)
            if received is None:
                return
            datagram, address = received
            nonce = self.pulse.asked(datagram)
            if nonce is not None and self._answered.take(time.monotonic()):
                status, reason = self._vitals.state(time.monotonic())
                self._link.answer(self.pulse.reply(nonce, time.time_ns(), status, reason), address)

    def _look_again(self) -> None:
        if self._heart.to or os.environ.get("GADFLY_TO"):
            return
        to = find(None)
        if self._heart.settle():
            self.pulse.beats_every(self._heart.every)
        if to != self._link.to:
            self._link.close()
            self._link = open_link(to, self._heart.every)
            self.pulse.tell({})

    def _farewell(self) -> None:
        if self._supervisor is not None:
            self._supervisor.stopping()
        status, reason = self._vitals.state(time.monotonic())
        told = status if status in ("warn", "fail", "stalled") else "stopping"
        if self.pulse.is_job:
            frames = [
                self.pulse.beat(time.time_ns(), status, reason),
                self.pulse.goodbye(time.time_ns(), status, reason),
            ]
        else:
            frames = [self.pulse.goodbye(time.time_ns(), told, reason)]
        for pause in FAREWELLS:
            time.sleep(pause)
            left = [self._link.send(frame) for frame in frames]
            if all(left) and self._link.to.way == "http":  # the node said that it has them
                return


_RUNNING: set[Beating] = set()
_last_incarnation = 0


def _new_incarnation() -> int:
    """Nanoseconds since the epoch, but always more than the last one of this process."""
    global _last_incarnation
    _last_incarnation = max(time.time_ns(), _last_incarnation + 1)
    return _last_incarnation


def _quiet_after_fork() -> None:
    for beating in _RUNNING:
        beating.let_go()
    _RUNNING.clear()


def _stop_at_exit() -> None:
    for beating in list(_RUNNING):
        beating.stop(1.0)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_quiet_after_fork)
atexit.register(_stop_at_exit)
