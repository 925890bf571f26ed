"""Errors in words, and whose fault they are."""

import errno
import socket
import ssl

import pytest

from gadfly.monitor.probe.failure import Unable, explain, judge
from gadfly.monitor.probe.result import Outcome
from gadfly.monitor.probe.stopwatch import Stopwatch


def os_error(number: int) -> OSError:
    return OSError(number, "x")


@pytest.mark.parametrize(
    ("error", "phase", "outcome", "words", "refused"),
    [
        (os_error(errno.ECONNREFUSED), "connect", Outcome.fail, "connection refused", True),
        (os_error(errno.ECONNREFUSED), "first_byte", Outcome.fail, "connection refused", True),
        (os_error(errno.ECONNRESET), "connect", Outcome.fail, "connection reset", True),
        (os_error(errno.ECONNRESET), "body", Outcome.fail, "connection reset", False),
        (os_error(errno.EHOSTUNREACH), "connect", Outcome.fail, "no route to the host", False),
        (os_error(errno.ETIMEDOUT), "connect", Outcome.fail, "no connection: the kernel gave up", False),
        (os_error(errno.EPIPE), "first_byte", Outcome.fail, "closed while we were sending", False),
        (os_error(errno.ENETUNREACH), "connect", Outcome.unknown, "no route to that network", False),
        (os_error(errno.EADDRNOTAVAIL), "connect", Outcome.unknown, "this machine has no free port", False),
        (os_error(errno.EMFILE), "connect", Outcome.unknown, "file descriptors", False),
        (TimeoutError(), "dns", Outcome.fail, "the name was not resolved within 5 s", False),
        (TimeoutError(), "connect", Outcome.fail, "no connection within 5 s", False),
        (TimeoutError(), "tls", Outcome.fail, "the TLS handshake did not end within 5 s", False),
        (TimeoutError(), "first_byte", Outcome.fail, "no answer within 5 s", False),
        (TimeoutError(), "body", Outcome.fail, "the answer did not end within 5 s", False),
        (socket.gaierror(socket.EAI_NONAME, "x"), "dns", Outcome.fail, "the name does not exist", False),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "dns", Outcome.unknown, "resolver does not answer", False),
        (ssl.SSLEOFError(8, "x"), "tls", Outcome.fail, "closed during the TLS handshake", False),
        (ssl.SSLError(1, "odd"), "tls", Outcome.fail, "TLS:", False),
        (Unable("install it"), "dns", Outcome.unknown, "cannot be asked: install it", False),
        (ConnectionAbortedError("said nothing"), "body", Outcome.fail, "said nothing", False),
        (OSError(), "body", Outcome.fail, "OSError", False),
    ],
)  # fmt: skip
def test_judge(error: OSError, phase: str, outcome: Outcome, words: str, refused: bool) -> None:
    found = judge(error, phase, 5.0)
    assert found[0] is outcome
    assert words in found[1]
    assert found[2] is refused


def test_explain_names_the_target_and_ends_the_phases() -> None:
    times = iter((0.0, 1.0, 3.0))
    watch = Stopwatch(lambda: next(times), "dns")
    watch.start("connect")
    result = explain(os_error(errno.ECONNREFUSED), watch, 5.0, "db1:5432")
    assert result.reason == "db1:5432: connection refused"
    assert result.refused
    assert result.phases == {"dns": 1.0, "connect": 2.0}
    assert result.seconds == 3.0
