"""The ear: the process that hears beats and decides who is late, suspect, silent. ``python -m
gadfly.monitor.ear``

Started by :class:`gadfly.monitor.hearing.Hearing` with three inherited descriptors: the members' memory, one
end of a socket pair, an eventfd by which the node is told that there are events. It ends when the node does.

One turn: wait (until something arrives or is due), look at the clocks, empty the sockets, do what the node
asked, read refusals, then judge. Judging comes last, so that nobody is late whose beat was already here.

A turn costs nearly the same for one beat as for a hundred, so where beats come often they collect in the
sockets for a moment first. What the node says and what is refused does not wait for that, nor do answers to
what was asked just now. A beat that collected counts from when it was read: its next deadline is so much
later, never earlier.
"""

from __future__ import annotations

import array
import contextlib
import gc
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable

import numpy as np

from gadfly.monitor import confine, doubt, orders, refusals, sockets, suspicion
from gadfly.monitor.asking import Asking, Group
from gadfly.monitor.control import DESCRIPTORS, HEAD, LARGEST, Say, Settings
from gadfly.monitor.journal import Journal
from gadfly.monitor.judge import Judge
from gadfly.monitor.listening import Listening
from gadfly.monitor.loss import Loss
from gadfly.monitor.members import NEVER, Members
from gadfly.monitor.register import Register
from gadfly.monitor.replies import Replies

IDLE = 1_000_000_000
"""Nanoseconds slept at most, so that clocks and kernel drops are looked at now and then."""
TICK = 2_000_000
"""Nanoseconds between two scans at least."""
SHARE = 50
"""A scan that takes t comes again after SHARE·t at the earliest: two hundredths of a core."""
OFTEN = 25.0
"""Beats a second from which on it pays to let them collect."""
BUSY = 2000.0
"""Beats a second from which on they collect whatever else is due: turns of few beats would not keep up."""
COLLECT = 10.0
"""Beats collect for this part of the shortest interval at most. What collected counts as so much later: four
mean deviations of that are just the least margin, so that deadlines are not wider for it."""
COLLECT_MOST = 100_000_000
"""Nanoseconds for which beats collect at most: ten turns a second, and what a page shows is late by no more
than that."""
ANSWERING = 50_000_000
"""Nanoseconds after an enquiry in which nothing collects, so that answers are timed by the network alone."""
COLLECTED = 700
"""Beats that fill a batch well enough."""
FEW = 100
"""So many that are due at once speak for themselves; with fewer it is looked whether more are missed."""
DROP_MEMORY = 2_000_000_000
"""Nanoseconds for which datagrams dropped by the kernel excuse missing beats."""


PRECEDENCE = -10
"""Where it is permitted the ear goes before ordinary work: a busy machine must not look like a silent
fleet."""


def clocks() -> doubt.Clocks:
    """The machine's three clocks."""
    return doubt.Clocks(time.monotonic_ns(), time.clock_gettime_ns(time.CLOCK_BOOTTIME), time.time_ns())


class Ear:
    """Everything the process does, a :meth:`turn` at a time. `channel` is its end of the pair."""

    def __init__(
        self,
        members: Members,
        channel: socket.socket,
        tell: Callable[[], None],
        read_clocks: Callable[[], doubt.Clocks] = clocks,
    ) -> None:
        self.members = members
        self.ended = False
        self._channel = channel
        self._tell = tell
        self._clocks = read_clocks
        self._last = read_clocks()
        self.journal = Journal(members)
        self.journal.at(self._last.monotonic, self._last.wall)
        self.loss = Loss()
        self.register = Register(members, self.loss, self.journal, authenticated=False)
        self.replies = Replies(members, self.loss, self.journal, self.register)
        self.judge = Judge(members, self.loss, self.journal)
        self.asking = Asking(members, self.judge, self.journal, 2000)
        self.listening = Listening(members, self.register, self.replies, self._contest)
        self._sockets: list[socket.socket] = []
        self._drops: dict[int, int] = {}
        self._dropped_at = -DROP_MEMORY
        self._minded_at = 0
        self._next_due = 0
        self._next_scan = 0
        self._rate = 0.0
        self._fastest = suspicion.FASTEST
        self._enquiries = 0
        self._refusals: list[refusals.Refusal] = []
        self._asked_at = -ANSWERING
        self._backlog_since = 0
        self._poll = select.epoll()
        self._poll.register(channel.fileno(), select.EPOLLIN)
        self._urgent = select.epoll()
        self._urgent.register(channel.fileno(), select.EPOLLIN)
        members.recover()
        members.counters.add("ear_starts")

    def turn(self) -> None:
        """Wait as long as nothing has to be done, then do all that has."""
        meant, ready = self._wait()
        now = self._clocks()
        self.journal.at(now.monotonic, now.wall)
        gap = doubt.gap(self._last, now, meant)
        passed, self._last = now.monotonic - self._last.monotonic, now
        due = now.monotonic >= max(self._next_due, self._next_scan)
        empty = self._listen(
            passed, [made for made in self._sockets if due or ready.get(made.fileno(), 0) & select.EPOLLIN]
        )
        if self._channel.fileno() in ready:
            self._obey()
        for made in self._sockets:
            if ready.get(made.fileno(), 0) & select.EPOLLERR:
                self._refusals += refusals.read(made)
        self._mind(gap)
        self._next_due = min(self._next_due, self.register.earliest)
        self.register.earliest = NEVER
        if self._refusals:
            # A proof waits for the next scan, milliseconds away: who else went with the first that were
            # refused is known by then, and a large failure does not begin as a small one.
            self._next_due = now.monotonic
            due = now.monotonic >= self._next_scan
        if empty and due:
            self._judge()
        for strangers in self.register.strangers:
            self.asking.meet(strangers)
        self.register.strangers.clear()
        if self.asking.next_meeting() is not None:
            self.asking.keep_meetings()
        enquiries = self.members.counters.get("enquiries_sent")
        if enquiries != self._enquiries:
            self._enquiries, self._asked_at = enquiries, now.monotonic
        self.members.counters.add("turns")
        if self.journal.flush():
            self._tell()

    def _wait(self) -> tuple[int, dict[int, int]]:
        """Wait; returns the monotonic ns until which that was to take at most, and what is ready by
        descriptor."""
        moments = [self._last.monotonic + IDLE, max(self._next_due, self._next_scan)]
        meeting = self.asking.next_meeting()
        if meeting is not None:
            moments.append(max(meeting, self._last.monotonic + TICK))
        begun = self._clocks().monotonic
        wait = max(0, min(moments) - begun)
        left = wait
        collecting = self._collecting(begun, wait)
        if collecting:
            if self._rate > BUSY and not self._refusals:
                wait = collecting
            told = self._urgent.poll(collecting / 1e9)
            left = 0 if told else max(0, begun + wait - self._clocks().monotonic)
        return self._last.monotonic + wait, dict(self._poll.poll(left / 1e9))

    def _collecting(self, now: int, wait: int) -> int:
        """Nanoseconds for which beats may collect now, where something is due after `wait`."""
        if self._rate < OFTEN:
            return 0
        most = min(int(self._fastest * 1e9 / COLLECT), int(COLLECTED / self._rate * 1e9), COLLECT_MOST)
        if self._rate > BUSY and not self._refusals:
            return most
        return min(most, wait) if now - self._asked_at > ANSWERING else 0

    def _listen(self, passed: int, some: list[socket.socket]) -> bool:
        """Empty these sockets; False when they could not be within this turn."""
        total, empty = 0, True
        for made in some:
            count, drained = self.listening.drain(made)
            total += count
            empty &= drained
        present = total * 1e9 / max(passed, 1_000_000)
        self._rate += (present - self._rate) * (0.2 if passed < 50_000_000 else 1.0)
        now = self.journal.now
        if empty:
            self._backlog_since = 0
        elif not self._backlog_since:
            self._backlog_since = now
        # A flood must not keep everybody alive for ever.
        return empty or now - self._backlog_since > IDLE // 2

    def _mind(self, gap: doubt.Gap) -> None:
        """Doubt ourselves where the clocks or the kernel say so; once a second, forget old measurements."""
        counters = self.members.counters
        if gap.slept:
            counters.add("doubt_slept")
            self.judge.postpone((gap.slept + gap.late) / 1e9)
        elif gap.late:
            counters.add("doubt_late")
            self.judge.postpone(gap.late / 1e9)
        if gap.jumped:
            counters.add("wall_jumps")
        now = self.journal.now
        if now - self._minded_at >= IDLE // 4:
            self._minded_at = now
            self._look_for_drops()
            self.loss.forget(now / 1e9)
            self._fastest = self.register.fastest
            self.register.fastest = suspicion.SLOWEST

    def _look_for_drops(self) -> None:
        for made in self._sockets:
            count = sockets.drops(made)
            new = count - self._drops.get(made.fileno(), count)
            self._drops[made.fileno()] = count
            if new > 0:
                self._dropped_at = self.journal.now
                self.members.counters.add("kernel_drops", new)

    def _judge(self) -> None:
        begun = time.thread_time_ns()
        due = self.judge.due()
        self._next_due = due.next
        self.members.counters.add("scans")
        if len(due.slots):
            if len(due.slots) < FEW:
                self.members.hush[:] = self.judge.hushed(), self.journal.now
            self._look_for_drops()
            dropped = self.journal.now - self._dropped_at < DROP_MEMORY
            suspects = self.judge.decide(due.slots, dropped=dropped)
            took = time.thread_time_ns() - begun
            # Asking has a budget of its own; an enquiry to a group runs through the whole kernel.
            self.asking.ask(suspects)
            self._next_due = min(self._next_due, int(self.members.deadline[due.slots].min()))
        else:
            took = time.thread_time_ns() - begun
        self._next_scan = self.journal.now + max(TICK, SHARE * took)
        if self._refusals:
            self._believe_refusals()

    def _believe_refusals(self) -> None:
        slots = self.members.find(np.array([one.component for one in self._refusals], np.uint64))
        nonces = np.array([one.nonce for one in self._refusals], np.uint64)
        self._refusals.clear()
        known = slots >= 0
        self.judge.refused(slots[known], nonces[known])

    def _contest(self, component: int, incarnation: int, address: np.ndarray, port: int, scope: int) -> None:
        nonce = self.replies.challenge(component, incarnation) if self.judge.enquire else 0
        if nonce:
            self.asking.challenge(component, nonce, address, port, scope)

    def _obey(self) -> None:
        """Do what the node says; an empty message means that the node is gone."""
        size = array.array("i").itemsize
        while True:
            try:
                message, control, _, _ = self._channel.recvmsg(
                    LARGEST, socket.CMSG_SPACE(DESCRIPTORS * size), socket.MSG_DONTWAIT
                )
            except BlockingIOError:
                return
            except OSError:
                message, control = b"", []
            if not message:
                self.ended = True
                return
            number, tag = HEAD.unpack_from(message)
            body = message[HEAD.size :]
            handed = array.array("i")
            for _, _, raw in control:
                handed.frombytes(raw[: len(raw) - len(raw) % size])
            if number == Say.configure:
                self._configure(Settings.unpack(body), handed)
                answer: bytes | None = b""
            else:
                answer = orders.follow(self, Say(number), body)
                self._next_due = 0
            if answer is not None:
                self._channel.sendall(HEAD.pack(number, tag) + answer)

    def _configure(self, settings: Settings, handed: array.array[int]) -> None:
        """Work with these sockets and settings from now on; what waits in old sockets is taken first."""
        for made in self._sockets:
            self.listening.drain(made)
            self._poll.unregister(made.fileno())
            self._urgent.unregister(made.fileno())
        new = [socket.socket(fileno=number) for number in handed]
        for made in self._sockets:
            made.close()
        self._sockets = new
        self._drops.clear()
        for made in new:
            made.setblocking(False)
            self._poll.register(made.fileno(), select.EPOLLIN)
            self._urgent.register(made.fileno(), 0)  # errors, that is refusals, are told in any case
        self._look_for_drops()
        self.judge.enquire, self.judge.mistakes = settings.enquire, settings.mistakes
        self.listening.use_keys(settings.keys)
        unicast = {int(made.family): made for made, own in zip(new, settings.unicast, strict=True) if own}
        groups = [Group(host, port, tuple(indexes)) for host, port, indexes in settings.groups]
        self.asking.use(unicast, groups, settings.keys, settings.rate)


def main(arguments: list[str]) -> int:
    """`arguments`: the numbers of the descriptors of memory, channel and eventfd."""
    memory, channel_number, notice = (int(one) for one in arguments)
    members = Members(memory)
    channel = socket.socket(fileno=channel_number)
    np.unique(np.zeros(1))  # loads what numpy loads at first use, while there still is a right to read files
    with contextlib.suppress(PermissionError):
        os.nice(PRECEDENCE)
    for name, held in confine.lay_down().items():
        members.counters.set(name, int(held))
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Terminals and service managers signal the whole group; the node decides, by closing the channel.
        signal.signal(ending, signal.SIG_IGN)

    def tell() -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_write(notice, 1)

    with channel:
        ear = Ear(members, channel, tell)
        ear.judge.postpone(3600.0)
        gc.freeze()
        while not ear.ended:
            ear.turn()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
