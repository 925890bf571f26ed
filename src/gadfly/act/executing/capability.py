"""A capability: the gate's permission for one act in one cell, carried to one executor, for at most 30
seconds.

Signed with the node's Ed25519 key, so that the executor needs no question and no connection to know that the
gate meant exactly this. Pure; the text form is ``BODY.SIGNATURE`` in URL-safe base64 without padding, the
body being JSON.
"""

from __future__ import annotations

import base64
import binascii

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gadfly.errors import Refused

LASTS = 30.0
"""Seconds at most from the issue to the effect."""
SKEW = 5.0
"""Seconds that the executor's clock may be behind the gate's."""
LONGEST = 4096
ENDED = "This permission has ended: ask the gate for another."
_CONTEXT = b"gadfly capability v1\n"


class Capability(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is permitted. Times are wall seconds."""

    plan: str
    """The plan's hash."""
    intent: int
    """Where its intent stands in the ledger."""
    fence: int
    """The fencing number: the executor refuses one that is lower than it has seen."""
    cell: str
    """Only targets of this cell."""
    executor: str
    """Only this executor."""
    issued: float
    ends: float


def issue(key: Ed25519PrivateKey, capability: Capability) -> str:
    """The text that is carried. ValueError where it would last longer than :data:`LASTS`."""
    if not capability.issued < capability.ends <= capability.issued + LASTS:
        raise ValueError(f"a capability lasts up to {LASTS:.0f} s, not {capability.ends - capability.issued}")
    body = msgspec.json.encode(capability)
    return f"{_text(body)}.{_text(key.sign(_CONTEXT + body))}"


def verify(
    key: Ed25519PublicKey, text: str, *, plan: str, executor: str, cell: str, fence: int, now: float
) -> Capability:
    """What it permits, checked at the point of effect.

    `fence` is the highest number that the executor has seen for these targets, `now` its wall clock. Refused,
    with what is wrong, where it does not permit exactly this.
    """
    found = _open(key, text)
    if found.plan != plan:
        raise Refused("This permission is for another plan: what was allowed is not what would be done.")
    if found.executor != executor:
        raise Refused(f"This permission is for the executor {found.executor}, not for {executor}.")
    if found.cell != cell:
        raise Refused(f'This permission is for the cell "{found.cell}", not for "{cell}".')
    if found.fence < fence:
        raise Refused(f"A later intent ({fence}) has been here; this permission is number {found.fence}.")
    if now < found.issued - SKEW:
        raise Refused("This permission was issued in this clock's future: set the executor's clock.")
    if now >= found.ends or not found.ends - found.issued <= LASTS:
        raise Refused(ENDED)
    return found


def _open(key: Ed25519PublicKey, text: str) -> Capability:
    body, _, signature = text.partition(".")
    if len(text) > LONGEST:
        raise Refused(f"A permission has at most {LONGEST} characters.")
    try:
        data = _bytes(body)
        key.verify(_bytes(signature), _CONTEXT + data)
        return msgspec.json.decode(data, type=Capability)
    except (InvalidSignature, binascii.Error, ValueError, msgspec.MsgspecError):
        raise Refused("This is no permission that the gate signed.") from None


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
