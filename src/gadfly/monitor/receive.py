"""recvmmsg and sendmmsg through ctypes: up to 1024 datagrams a call, into and out of numpy arrays.

Every datagram is scattered: its first 64 bytes into a dense array of headers, the rest into its own room.
Linux only; the structures are those of x86-64 and AArch64.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gadfly.monitor.decode import WIRE
from gadfly.telemetry.frame import HEADER, MAX

BATCH = 1024
ROOM = 1152
"""Bytes behind the header: one more than the longest payload shows that a datagram was too long; aligned."""

_IOVEC = np.dtype([("base", "u8"), ("length", "u8")])
_MMSGHDR = np.dtype(
    [
        ("name", "u8"),
        ("name_length", "u4"),
        ("pad0", "u4"),
        ("iov", "u8"),
        ("iov_count", "u8"),
        ("control", "u8"),
        ("control_length", "u8"),
        ("flags", "u4"),
        ("pad1", "u4"),
        ("length", "u4"),
        ("pad2", "u4"),
    ]
)
SOCKADDR = np.dtype(
    {
        "names": ["family", "port", "v4", "v6", "scope"],
        "formats": ["u2", ">u2", "V4", "V16", "u4"],
        "offsets": [0, 2, 4, 8, 24],
        "itemsize": 28,
    }
)
_ADDRESS = np.dtype([("zero", "V10"), ("ones", "u2"), ("v4", "V4")])
assert _MMSGHDR.itemsize == 64

_libc = ctypes.CDLL(None, use_errno=True)
_recvmmsg = _libc.recvmmsg
_recvmmsg.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p]
_sendmmsg = _libc.sendmmsg
_sendmmsg.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int]

PASSING = frozenset(
    {
        errno.EAGAIN,
        errno.EINTR,
        errno.ECONNREFUSED,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.EHOSTDOWN,
        errno.ENETDOWN,
        errno.ECONNRESET,
        errno.EPROTO,
        errno.EMSGSIZE,
        errno.EACCES,
        errno.ENOPROTOOPT,
        errno.EOPNOTSUPP,
        errno.EPERM,
        errno.ENOBUFS,
    }
)
"""What an earlier datagram's ICMP error may make a call on an unconnected socket return: no failure of the
socket."""


class Receiver:
    """The arrays that datagrams are received into. After :meth:`receive` the first n of each are this
    batch."""

    def __init__(self, batch: int = BATCH) -> None:
        self.batch = batch
        self.headers = np.zeros((batch, HEADER), np.uint8)
        self.wire: NDArray[Any] = self.headers.reshape(-1).view(WIRE)
        self._rooms = np.zeros((batch, ROOM), np.uint8)
        self._names = np.zeros(batch, SOCKADDR)
        self._vectors = np.zeros((batch, 2), _IOVEC)
        self._vectors["base"][:, 0] = self.headers.ctypes.data + np.arange(batch) * HEADER
        self._vectors["length"][:, 0] = HEADER
        self._vectors["base"][:, 1] = self._rooms.ctypes.data + np.arange(batch) * ROOM
        self._vectors["length"][:, 1] = MAX + 1 - HEADER
        self._messages = np.zeros(batch, _MMSGHDR)
        self._messages["name"] = self._names.ctypes.data + np.arange(batch) * SOCKADDR.itemsize
        self._messages["iov"] = self._vectors.ctypes.data + np.arange(batch) * 2 * _IOVEC.itemsize
        self._messages["iov_count"] = 2
        self._name_lengths = self._messages["name_length"]
        self._name_lengths[:] = SOCKADDR.itemsize
        self._lengths_received = self._messages["length"]
        self._address = self._messages.ctypes.data
        view = memoryview(self.headers.reshape(-1).data)
        self.heads = [view[at * HEADER : at * HEADER + 48] for at in range(batch)]
        self._room_views = memoryview(self._rooms.reshape(-1).data)
        self._lengths: list[int] = []

    def receive(self, descriptor: int) -> int:
        """Take what waits on a socket, without waiting; how many datagrams that were."""
        count = _recvmmsg(descriptor, self._address, self.batch, socket.MSG_DONTWAIT, None)
        if count < 0:
            number = ctypes.get_errno()
            if number in PASSING:
                return 0
            raise OSError(number, os.strerror(number))
        self._name_lengths[:count] = SOCKADDR.itemsize  # the kernel wrote what it used
        return int(count)

    def lengths(self, count: int) -> NDArray[np.uint32]:
        """Bytes of each datagram; MAX + 1 for any that was longer than MAX. To be read before the
        payloads."""
        lengths = self._lengths_received[:count].copy()
        self._lengths = lengths.tolist()
        return lengths

    def payload(self, place: int) -> bytes:
        """What stood behind the header of datagram `place`."""
        start = place * ROOM
        return bytes(self._room_views[start : start + max(0, self._lengths[place] - HEADER)])

    def sources(self, count: int) -> tuple[NDArray[np.void], NDArray[np.uint16], NDArray[np.uint32]]:
        """Address (16 bytes, IPv4 mapped), port and scope of each datagram's sender."""
        return unpack_names(self._names[:count])


def unpack_names(names: NDArray[Any]) -> tuple[NDArray[np.void], NDArray[np.uint16], NDArray[np.uint32]]:
    """From socket addresses as the kernel writes them to (address, port, scope)."""
    count = len(names)
    four = names["family"] == socket.AF_INET
    addresses = np.zeros(count, "V16")
    if four.all():
        parts = addresses.view(_ADDRESS)
        parts["ones"] = 0xFFFF
        parts["v4"] = names["v4"]
        return addresses, names["port"].astype(np.uint16), np.zeros(count, np.uint32)
    addresses[:] = names["v6"]
    parts = np.zeros(count, _ADDRESS)
    parts["ones"] = 0xFFFF
    parts["v4"] = names["v4"]
    addresses[four] = parts.view("V16")[four]
    return addresses, names["port"].astype(np.uint16), np.where(four, 0, names["scope"]).astype(np.uint32)


def pack_names(
    addresses: NDArray[np.void], ports: NDArray[Any], scopes: NDArray[Any], family: int
) -> NDArray[Any]:
    """The reverse of :func:`unpack_names`, for one family."""
    names = np.zeros(len(addresses), SOCKADDR)
    names["family"] = family
    names["port"] = ports
    if family == socket.AF_INET:
        names["v4"] = addresses.view(_ADDRESS)["v4"]
    else:
        names["v6"] = addresses
        names["scope"] = scopes
    return names


def send_many(descriptor: int, frames: NDArray[np.uint8], names: NDArray[Any]) -> NDArray[np.bool_]:
    """Send `frames` (n rows of bytes) to `names` (SOCKADDR); never waits.

    Returns which were handed to the network. A bad address is stepped over; a full queue ends it.
    """
    frames = np.ascontiguousarray(frames)
    count, size = frames.shape
    vectors = np.zeros(count, _IOVEC)
    vectors["base"] = frames.ctypes.data + np.arange(count) * size
    vectors["length"] = size
    messages = np.zeros(count, _MMSGHDR)
    messages["name"] = names.ctypes.data + np.arange(count) * SOCKADDR.itemsize
    messages["name_length"] = np.where(names["family"] == socket.AF_INET, 16, SOCKADDR.itemsize)
    messages["iov"] = vectors.ctypes.data + np.arange(count) * _IOVEC.itemsize
    messages["iov_count"] = 1
    sent = np.zeros(count, bool)
    at = repeated = 0
    while at < count:
        done = _sendmmsg(
            descriptor,
            messages.ctypes.data + at * _MMSGHDR.itemsize,
            min(BATCH, count - at),
            socket.MSG_DONTWAIT,
        )
        if done > 0:
            sent[at : at + done] = True
            at, repeated = at + done, 0
            continue
        number = ctypes.get_errno()
        if number in (errno.EAGAIN, errno.ENOBUFS):
            break
        if number not in PASSING:
            raise OSError(number, os.strerror(number))
        # The first failure may be an earlier datagram's ICMP error; only the second is about this one.
        repeated += 1
        if repeated > 1:
            at, repeated = at + 1, 0
    return sent
