"""One exchange with a mail server, with one deadline for all of it.

A timeout for each step does not bound the whole: a server that answers each a little before it, or a byte at
a time, would take the mail long after it was given up, and get it again at every try.
"""

from __future__ import annotations

import contextlib
import io
import smtplib
import socket
import ssl
import time

VERDICT = 30.0
"""Seconds more for the answer to a mail that the server has whole: it looks for spam and viruses now, and to
give up would send the mail twice."""
FAREWELL = 1.0
"""Seconds at most for a goodbye; the mail is delivered already."""
END = b"\r\n.\r\n"


class Deadline:
    """`seconds` from now on, by a clock that does not jump."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, negative when it has passed."""
        return self._until - time.monotonic()

    def prolong(self, seconds: float) -> None:
        """By so many seconds."""
        self._until += seconds

    def within(self, seconds: float) -> None:
        """No longer than so many seconds from now."""
        self._until = min(self._until, time.monotonic() + seconds)


class Exchange(smtplib.SMTP):
    """Connected and greeted when it is made. `tls`: from the first byte on.

    Raises as :class:`smtplib.SMTP` does; SMTPServerDisconnected once the deadline has passed.
    """

    def __init__(self, host: str, port: int, deadline: Deadline, tls: ssl.SSLContext | None) -> None:
        self._deadline = deadline
        self._tls = tls
        super().__init__(host, port, timeout=deadline.left())

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        try:
            plain.settimeout(_positive(self._deadline))
            return self._tls.wrap_socket(plain, server_hostname=host) if self._tls else plain
        except BaseException:
            plain.close()
            raise

    def send(self, s: object) -> None:
        """Send it, unless it is too late."""
        if self.sock is not None:
            if self._deadline.left() <= 0:
                self.close()
                raise smtplib.SMTPServerDisconnected("the deadline has passed")
            self.sock.settimeout(_positive(self._deadline))
        super().send(s)  # type: ignore[arg-type]  # str or bytes, as smtplib itself calls it
        if isinstance(s, bytes) and s.endswith(END):
            self._deadline.prolong(VERDICT)

    def getreply(self) -> tuple[int, bytes]:
        """The server's next answer."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Answers(self.sock, self._deadline))
        reply = super().getreply()
        if self.sock is not None:  # a handshake may follow, which goes by the socket's own timeout
            self.sock.settimeout(_positive(self._deadline))
        return reply

    def farewell(self) -> None:
        """Say goodbye; whatever comes of that, the mail was taken."""
        self._deadline.within(FAREWELL)
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self.quit()


class _Answers(io.RawIOBase):
    """What the server sends, read with what is left of the deadline each time."""

    def __init__(self, source: socket.socket, deadline: Deadline) -> None:
        self._source = source
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        if self._deadline.left() <= 0:
            raise TimeoutError("the deadline has passed")
        self._source.settimeout(_positive(self._deadline))
        return self._source.recv_into(buffer)


def _positive(deadline: Deadline) -> float:
    """For a socket, to which zero means not to wait and to raise another error."""
    return max(0.001, deadline.left())
