"""What came back instead of answers: ICMP errors, read from the sockets' error queues.

The kernel hands over the datagram that the error is about (as much of it as the host that complained quoted)
and the error. A port that is unreachable was refused by the very host asked: nobody listens there. A host or
net that is unreachable is some router's opinion, no proof.
"""

from __future__ import annotations

import socket
import struct
from typing import NamedTuple

from gadfly.telemetry.frame import HEADER, MAGIC, Kind

_RECVERR = {socket.IPPROTO_IP: 11, socket.IPPROTO_IPV6: 25}
_EXTENDED = struct.Struct("=IBBBxII")
_ORIGIN_ICMP, _ORIGIN_ICMP6 = 2, 3
_PORT_UNREACHABLE = {(_ORIGIN_ICMP, 3, 3), (_ORIGIN_ICMP6, 1, 4)}
AT_ONCE = 4096
"""Errors read in one turn; the rest waits for the next."""


class Refusal(NamedTuple):
    """A port said to be closed: the component asked and the nonce of the enquiry that was quoted."""

    component: int
    nonce: int


def read(made: socket.socket) -> list[Refusal]:
    """The refusals that wait on a socket; other errors are taken from the queue and left aside."""
    refusals = []
    for _ in range(AT_ONCE):
        try:
            data, control, _, _ = made.recvmsg(HEADER, 512, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
        except BlockingIOError:
            break
        except OSError:
            continue
        for level, kind, raw in control:
            if _RECVERR.get(level) == kind and (found := parse(raw, data)) is not None:
                refusals.append(found)
    return refusals


def parse(extended: bytes, quoted: bytes) -> Refusal | None:
    """One error (struct sock_extended_err and the datagram quoted); None where it is no refusal of an
    enquiry."""
    if len(extended) < _EXTENDED.size:
        return None
    _, origin, kind, code, _, _ = _EXTENDED.unpack_from(extended)
    if (origin, kind, code) not in _PORT_UNREACHABLE or len(quoted) < 32:
        return None
    if quoted[:2] != MAGIC or quoted[3] != Kind.enquiry:
        return None
    component, _, nonce = struct.unpack_from("!QQQ", quoted, 8)
    return Refusal(component, nonce)
