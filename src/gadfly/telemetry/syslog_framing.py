"""How messages of syslog stand in a stream (RFC 6587): counted in octets, or ended by a newline or NUL."""

from __future__ import annotations

from collections.abc import Iterator

LONGEST = 1 << 20
"""Bytes that a count may announce; a greater number is taken for text."""


class Framing:
    """A TCP stream of syslog as messages: octet-counted, or ended by newline or NUL; each may be either.

    `longest` bytes of a message are kept; the rest of it is passed over and counted in `cut`.
    """

    def __init__(self, longest: int) -> None:
        self.cut = 0
        """Messages that lost their end."""
        self._longest = longest
        self._held = bytearray()
        self._skip = 0
        """Bytes of an octet-counted message still to be passed over."""
        self._passing = False
        """Whether the rest of a line is passed over."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that are whole now. To be exhausted before the next call."""
        held = self._held
        held += data.replace(b"\0", b"\n")  # as many end a message with NUL; nobody means one within
        at = 0
        while at < len(held):
            if self._skip:
                gone = min(self._skip, len(held) - at)
                self._skip -= gone
                at += gone
                continue
            if self._passing:
                end = held.find(b"\n", at)
                if end < 0:
                    at = len(held)
                    break
                self._passing = False
                at = end + 1
                continue
            if held[at] in b"\r\n ":
                at += 1  # between two messages
                continue
            count, begin = _octets(held, at)
            if begin < 0:
                break  # the count is not whole yet
            if begin:
                kept = min(count, self._longest)
                if len(held) - begin < kept:
                    break
                yield bytes(held[begin : begin + kept])
                at = begin + kept
                self._skip = count - kept
                self.cut += count > kept
                continue
            end = held.find(b"\n", at)
            if end < 0 and len(held) - at <= self._longest:
                break
            if end < 0 or end - at > self._longest:
                yield bytes(held[at : at + self._longest])
                self.cut += 1
                self._passing = True
                at += self._longest
                continue
            yield bytes(held[at:end])
            at = end + 1
        del held[:at]

    def end(self) -> bytes:
        """What was begun when the stream ended; a last line may lack its newline."""
        held = bytes(self._held)
        self._held.clear()
        _, begin = _octets(held, 0) if held else (0, 0)
        return held[max(begin, 0) :]


def _octets(held: bytes | bytearray, at: int) -> tuple[int, int]:
    """A count of octets and where they begin; (0, 0): there is none; (0, -1): it is not to be told yet."""
    if not 0x31 <= held[at] <= 0x39:
        return 0, 0
    end = at
    while end < len(held) and end - at < 8 and 0x30 <= held[end] <= 0x39:
        end += 1
    if end == len(held):
        return 0, -1
    if held[end] != 0x20 or end - at >= 8:
        return 0, 0
    if end + 1 == len(held):
        return 0, -1
    count = int(held[at:end])
    if held[end + 1] != 0x3C or count > LONGEST:
        return 0, 0  # a line that begins with a number
    return count, end + 1
