"""What went wrong, in words, and whose fault it is: one table for all kinds of probe."""

from __future__ import annotations

import errno
import socket
import ssl

from gadfly.monitor.probe.result import Outcome, Result
from gadfly.monitor.probe.stopwatch import Stopwatch

LATE = {
    "dns": "the name was not resolved",
    "connect": "no connection",
    "tls": "the TLS handshake did not end",
    "first_byte": "no answer",
    "body": "the answer did not end",
}
"""What has not happened when time ran out in a phase."""

_REFUSED = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
}
_FAILED = {
    errno.EPIPE: "the connection was closed while we were sending",
    errno.EHOSTUNREACH: "no route to the host",
    errno.EHOSTDOWN: "the host is down",
    errno.ETIMEDOUT: "no connection: the kernel gave up",
    errno.ECONNABORTED: "connection aborted",
}
_UNABLE = {
    errno.EMFILE: "this node has no file descriptors left; raise its limit (LimitNOFILE)",
    errno.ENFILE: "this machine has no file descriptors left",
    errno.ENOBUFS: "this machine has no socket buffers left",
    errno.ENOMEM: "this machine has no memory left",
    errno.EADDRNOTAVAIL: "this machine has no free port for that address",
    errno.ENETUNREACH: "this machine has no route to that network",
    errno.ENETDOWN: "this machine's network is down",
    errno.EACCES: "the kernel does not permit it",
    errno.EPERM: "the kernel (or its firewall) does not permit it",
    errno.EAFNOSUPPORT: "this machine does not speak that address family",
}
"""What says something about the prober, not about the target."""


class Unable(OSError):
    """The prober itself cannot ask; the message says who must do what. Never the target's failure."""


def explain(error: BaseException, watch: Stopwatch, timeout: float, where: str) -> Result:
    """The result for an error met while asking ``where`` (``"db1:5432"``), in the phase the watch is in.

    :returns: a ``fail``, or ``unknown`` where the error is the prober's own.
    """
    seconds = watch.stop()
    outcome, words, refused = judge(error, watch.phase, timeout)
    return Result(
        outcome=outcome, reason=f"{where}: {words}", refused=refused, seconds=seconds, phases=watch.phases
    )


def judge(error: BaseException, phase: str, timeout: float) -> tuple[Outcome, str, bool]:
    """Outcome, words, and whether the target's host itself refused, for an error met in a phase."""
    if isinstance(error, Unable):
        return Outcome.unknown, f"cannot be asked: {error}", False
    if isinstance(error, TimeoutError) and not error.errno:
        return Outcome.fail, f"{LATE.get(phase, phase)} within {timeout:g} s", False
    if isinstance(error, ssl.SSLCertVerificationError):
        return Outcome.fail, f"the certificate is not trusted: {error.verify_message}", False
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return Outcome.fail, "the connection was closed during the TLS handshake", False
    if isinstance(error, ssl.SSLError):
        return (
            Outcome.fail,
            f"TLS: {(getattr(error, 'reason', None) or str(error)).replace('_', ' ').lower()}",
            False,
        )
    if isinstance(error, socket.gaierror):
        if error.errno in (socket.EAI_AGAIN, socket.EAI_SYSTEM, socket.EAI_MEMORY):
            return (
                Outcome.unknown,
                "the name could not be asked: this machine's resolver does not answer",
                False,
            )
        return Outcome.fail, "the name does not exist", False
    number = error.errno if isinstance(error, OSError) else None
    if number in _REFUSED:
        # A reset proves that nobody serves only while nothing was exchanged yet.
        return Outcome.fail, _REFUSED[number], number == errno.ECONNREFUSED or phase == "connect"
    if number in _UNABLE:
        return Outcome.unknown, _UNABLE[number], False
    if number in _FAILED:
        return Outcome.fail, _FAILED[number], False
    return Outcome.fail, str(error) or type(error).__name__, False
