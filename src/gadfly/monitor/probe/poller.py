"""Sockets of all probes behind one epoll, their deadlines behind one timer.

The event loop watches a single file descriptor, our epoll. A probe's socket is registered once, edge
triggered, and forgotten by the kernel when it is closed: one ``epoll_ctl`` a probe instead of one for each
change of interest, no transport, no protocol, no buffer. A target that hangs costs a socket, a small
:class:`Link` and a suspended coroutine.

Deadlines are kept in buckets of :data:`TICK` seconds; one timer runs while there is any link. Before a
deadline is believed the sockets are looked at once more: when this process was stopped and goes on, the
answers that came meanwhile win.
"""

from __future__ import annotations

import asyncio
import errno
import os
import select
import socket
from typing import Any

TICK = 0.05
"""Seconds between two looks at the deadlines: a timeout is late by no more than this."""
_EVENTS = select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET
_READABLE = select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR
_WRITABLE = select.EPOLLOUT | select.EPOLLHUP | select.EPOLLERR
_ENDED = select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR
_IN_PROGRESS = (errno.EINPROGRESS, errno.EWOULDBLOCK)


class Link:
    """One non-blocking socket with a deadline. One reader or writer at a time.

    Every awaiting method raises :class:`TimeoutError` when the deadline has passed and :class:`OSError` as
    the kernel does.
    """

    __slots__ = (
        "_bucket",
        "_ended",
        "_poller",
        "_readable",
        "_spared",
        "_stream",
        "_waiter",
        "_writable",
        "expired",
        "sock",
    )

    def __init__(self, poller: Poller, sock: socket.socket, bucket: int) -> None:
        self.sock = sock
        self.expired = False
        self._poller = poller
        self._stream = sock.type == socket.SOCK_STREAM
        self._bucket = bucket
        self._readable = False
        self._writable = False
        self._ended = False
        self._spared = False
        self._waiter: asyncio.Future[None] | None = None

    async def connect(self, address: Any) -> None:
        """Connect to a numeric socket address."""
        error = self.sock.connect_ex(address)
        if error in _IN_PROGRESS:
            self._writable = False
            while not self._writable:
                await self._wait()
            error = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))
        self._writable = True

    async def receive(self, size: int) -> bytes:
        """At most ``size`` bytes; ``b""`` at the end of a stream. For datagram sockets one datagram."""
        while True:
            while not self._readable:
                await self._wait()
            if self.expired:
                raise TimeoutError
            try:
                data = self.sock.recv(size)
            except BlockingIOError:
                self._readable = False
                continue
            # A short read has drained a stream, so the next bytes bring a new edge; an end that was
            # announced already does not. Of datagrams another may be waiting behind this one.
            if self._stream and len(data) < size and not self._ended:
                self._readable = False
            return data

    async def send(self, data: bytes) -> None:
        """Hand all of ``data`` to the kernel."""
        view = memoryview(data)
        while view:
            if self.expired:
                raise TimeoutError
            try:
                sent = self.sock.send(view)
            except BlockingIOError:
                self._writable = False
                while not self._writable:
                    await self._wait()
                continue
            view = view[sent:]

    def idle(self) -> bool:
        """Whether a kept connection still looks usable: nothing unread, not closed by the other side."""
        self._poller.look()
        return not (self._readable or self._ended)

    def renew(self, deadline: float) -> None:
        """Count to another deadline, for a connection that is used again."""
        self._poller.move(self, deadline)

    def rest(self) -> None:
        """No deadline until :meth:`renew`, for a connection that is kept."""
        self._poller.move(self, None)

    def close(self) -> None:
        """Give the socket back. Safe to call twice."""
        self._poller.drop(self)

    async def _wait(self) -> None:
        if self.expired:
            raise TimeoutError
        waiter = self._waiter = self._poller.loop.create_future()
        try:
            await waiter
        finally:
            self._waiter = None
        if self.expired:
            raise TimeoutError

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _take(self, events: int) -> None:
        if events & _READABLE:
            self._readable = True
        if events & _WRITABLE:
            self._writable = True
        if events & _ENDED:
            self._ended = True
        self._wake()


class Poller:
    """All links of one event loop. Times are those of :meth:`asyncio.loop.time`."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._epoll = select.epoll()
        self._links: dict[int, Link] = {}
        self._buckets: dict[int, set[Link]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self.loop.add_reader(self._epoll.fileno(), self.look)

    def __len__(self) -> int:
        return len(self._links)

    def open(self, family: int, kind: int, deadline: float, protocol: int = 0) -> Link:
        """A new non-blocking socket. Raises :class:`OSError` where the machine has none left."""
        sock = socket.socket(family, kind | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, protocol)
        link = Link(self, sock, 0)
        try:
            self._epoll.register(sock.fileno(), _EVENTS)
        except OSError:
            sock.close()
            raise
        self._links[sock.fileno()] = link
        self._set(link, deadline)
        return link

    def drop(self, link: Link) -> None:
        number = link.sock.fileno()
        if number < 0:
            return
        self._links.pop(number, None)
        self._unset(link)
        link.sock.close()

    def move(self, link: Link, deadline: float | None) -> None:
        self._unset(link)
        link.expired = False
        if deadline is not None:
            self._set(link, deadline)

    def look(self) -> None:
        """Tell every link what the kernel has seen since the last look."""
        links = self._links
        for number, events in self._epoll.poll(0, 512):
            link = links.get(number)
            if link is not None:
                link._take(events)

    def close(self) -> None:
        """Close every socket. Whoever waits on one is told that its time is over."""
        if self._timer is not None:
            self._timer.cancel()
        for link in tuple(self._links.values()):
            link.expired = True
            link._wake()
            self.drop(link)
        if not self._epoll.closed:
            self.loop.remove_reader(self._epoll.fileno())
            self._epoll.close()

    def _set(self, link: Link, deadline: float) -> None:
        link._bucket = int(deadline / TICK) + 1
        link._spared = False
        self._buckets.setdefault(link._bucket, set()).add(link)
        if self._timer is None:
            self._timer = self.loop.call_later(TICK, self._tick)

    def _unset(self, link: Link) -> None:
        bucket = self._buckets.get(link._bucket)
        if bucket is not None:
            bucket.discard(link)

    def _tick(self) -> None:
        self.look()
        now = int(self.loop.time() / TICK)
        for number in [number for number in self._buckets if number <= now]:
            for link in self._buckets.pop(number):
                if not link._spared and link._waiter is not None and link._waiter.done():
                    # The look above brought it an answer, which it reads in the next pass of the loop. Once:
                    # who drips bytes is always just bringing one.
                    link._spared = True
                    link._bucket = now + 1
                    self._buckets.setdefault(now + 1, set()).add(link)
                    continue
                link.expired = True
                link._wake()
        self._timer = self.loop.call_later(TICK, self._tick) if self._buckets else None
