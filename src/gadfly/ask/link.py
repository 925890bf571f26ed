"""A link that answers one question, once, in the name of the contact that it was sent to.

It is what it says, and an HMAC-SHA256 (RFC 2104) over that, in base64url (RFC 4648). It holds no address: the
contact stands in it as the outbox refers to it. That it was used is kept by :func:`mark`, which is the same
for every spelling of it; there is only one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

import msgspec

from gadfly.errors import Refused

LASTS = 14 * 86_400
"""Seconds that a link is good for; by then a question goes to somebody else."""
LONGEST = 1_000
"""Characters of a link that are looked at."""
_MAC = 32
_WHAT = b"gadfly question link 1\0"
"""So that nothing else that this key may sign one day is a link."""
_NONE = "This link is not whole, or is none of this node: open the letter again and copy all of it."


class Link(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What a link says."""

    question: int
    ends: int
    """Seconds since the epoch."""
    owner: str
    """Who is asked."""
    contact: str
    """A reference; see :mod:`gadfly.alert.escalate`."""


def sign(key: bytes, link: Link) -> str:
    """The link as text, for a path."""
    said = msgspec.msgpack.encode(link)
    return base64.urlsafe_b64encode(said + _mac(key, said)).decode().rstrip("=")


def read(key: bytes, text: str, now: float) -> Link:
    """What a link says. Refused: 404 where this key did not sign it, 410 where it has ended."""
    try:
        if len(text) > LONGEST:
            raise Refused(_NONE, 404)
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Refused(_NONE, 404) from None
    said, mac = data[:-_MAC], data[-_MAC:]
    if not hmac.compare_digest(mac, _mac(key, said)):
        raise Refused(_NONE, 404)
    link = msgspec.msgpack.decode(said, type=Link)  # it is ours
    if sign(key, link) != text:
        raise Refused(_NONE, 404)
    if now >= link.ends:
        raise Refused(
            "This link has ended: it is good for a fortnight. The question may be open still; it is answered "
            "on the page of questions, or with gadfly answer.",
            410,
        )
    return link


def mark(link: Link) -> bytes:
    """What is kept of a link that was used."""
    return hashlib.sha256(_WHAT + msgspec.msgpack.encode(link)).digest()


def _mac(key: bytes, said: bytes) -> bytes:
    return hmac.new(key, _WHAT + said, hashlib.sha256).digest()
