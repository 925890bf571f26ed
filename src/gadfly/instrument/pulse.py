"""What one incarnation of a component says on the wire, in order. No socket; times are passed in."""

from __future__ import annotations

from collections.abc import Mapping

from gadfly.errors import FrameError
from gadfly.instrument.card import fit
from gadfly.telemetry.frame import (
    ANNOUNCE_EVERY,
    HEADER,
    STATUSES,
    Frame,
    Kind,
    component_id,
    decode,
    encode,
    key_id,
)


class Pulse:
    """The frames of one run: an announce first and at every 20th beat, beats between, a goodbye at the end.

    `card` is what an announce tells; it may be changed with :meth:`tell`. `incarnation` is nanoseconds since
    the epoch at the start, `every` seconds (0: does not beat regularly).
    """

    def __init__(
        self, card: Mapping[str, object], every: float, secret: bytes | None, incarnation: int
    ) -> None:
        self.component = component_id(str(card["name"]))
        self._asked_for = self.component.to_bytes(8, "big")
        self.incarnation = incarnation
        self.sequence = 0
        self._card = dict(card)
        self._interval_ms = min(round(every * 1000), 0xFFFFFFFF)
        self._secret = secret or None
        self._key_id = key_id(secret) if secret else 0
        self._keys = {self._key_id: secret} if secret else {}
        self._beats = 0
        self._told: tuple[str, str] | None = None

    def beats_every(self, seconds: float) -> None:
        """From the next frame on, an announce, this is the interval."""
        self._interval_ms = min(round(seconds * 1000), 0xFFFFFFFF)
        self.tell({})

    def tell(self, more: Mapping[str, object]) -> None:
        """Add to the card, or replace in it; the next frame is an announce."""
        self._card = {**self._card, **more}  # a new one: another thread may be reading the old one
        self._told = None

    def beat(self, wall_ns: int, status: str, reason: str = "") -> bytes:
        """The next beat; an announce where one is due or where status or reason are news."""
        state = (status, reason)
        announce = state != self._told or self._beats % ANNOUNCE_EVERY == 0
        self._beats = 1 if announce else self._beats + 1
        self._told = state
        if announce:
            return self._next(Kind.announce, wall_ns, status, self._payload(reason))
        return self._next(Kind.beat, wall_ns, status)

    def goodbye(self, wall_ns: int, status: str = "stopping", reason: str = "") -> bytes:
        """The last frame. A job's carries its card, so that the outcome needs no other frame to arrive."""
        payload = self._payload(reason) if self.is_job else b""
        return self._next(Kind.goodbye, wall_ns, status, payload)

    def has_news(self, status: str, reason: str) -> bool:
        """Whether this was not told yet, so that the next beat should not wait for its time."""
        return (status, reason) != self._told

    @property
    def is_job(self) -> bool:
        """Whether the card tells of a job's run."""
        return "job" in self._card

    def asked(self, datagram: bytes) -> int | None:
        """The nonce of an enquiry; None where the datagram is none, is for somebody else or not authentic."""
        if len(datagram) != HEADER or datagram[3] != Kind.enquiry or datagram[8:16] != self._asked_for:
            return None
        try:
            return decode(datagram, self._keys).sequence
        except FrameError:
            return None

    def reply(self, nonce: int, wall_ns: int, status: str, reason: str = "") -> bytes:
        """The answer to an enquiry: a fresh announce with the enquiry's nonce."""
        return self._next(Kind.reply, wall_ns, status, self._payload(reason, nonce=nonce))

    def _payload(self, reason: str, **more: object) -> bytes:
        return fit({**more, **self._card, **({"reason": reason} if reason else {})})

    def _next(self, kind: Kind, wall_ns: int, status: str, payload: bytes = b"") -> bytes:
        self.sequence += 1
        frame = Frame(
            kind=kind,
            component=self.component,
            incarnation=self.incarnation,
            sequence=self.sequence,
            sent=max(wall_ns, 0),
            interval_ms=self._interval_ms,
            status=STATUSES.index(status),
            key_id=self._key_id,
            payload=payload,
        )
        return encode(frame, self._secret)
