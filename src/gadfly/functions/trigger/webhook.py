"""Deliveries of webhooks: who signed them, when, and whether they were here before. Pure.

| kind | signed | known by |
|---|---|---|
| GitHub (`X-Hub-Signature-256`) | the body | a digest of its signature |
| Standard Webhooks (`webhook-id`, `-timestamp`, `-signature`) | id, time and body | its id |

GitHub's delivery id is not signed, so it proves nothing: whoever has seen one delivery could send it again
under any other. Two bodies that are the same are therefore the same delivery. It names no time either; a
delivery is known for as long as the queue keeps it.

Sources: GitHub, "Validating webhook deliveries"; Standard Webhooks specification 1.0 (symmetric, `v1`).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from gadfly.errors import ConfigError

WINDOW = 300.0
"""Seconds that a signed time may be away, either way: five minutes, as Standard Webhooks has it."""
SIGNED = {
    "github": ("x-hub-signature-256",),
    "standard": ("webhook-id", "webhook-timestamp", "webhook-signature"),
}
"""Headers without which a delivery of the kind is not looked at any further, nor its body waited for."""
_ID = 256
_SHIFTED = re.compile(rb"[0-9]+\.")
_SIGNATURES = 16
"""Signatures of one delivery that are looked at: a sender that changes its key sends two."""


class Accepted(NamedTuple):
    """`key`: two deliveries with the same are one."""

    key: str


class Denied(NamedTuple):
    """The HTTP status, and why, for the sender. Nothing in it helps to guess a signature."""

    status: int
    reason: str


def verify(
    kind: Literal["github", "standard"],
    secrets: Sequence[bytes],
    headers: Mapping[str, str],
    body: bytes,
    now: float,
) -> Accepted | Denied:
    """Whether the delivery is what one of the secrets signed, at about `now` (wall).

    `headers` with names in lower case. `secrets` as :func:`key` made them.
    """
    if kind == "github":
        return _github(secrets, headers, body)
    return _standard(secrets, headers, body, now)


def key(kind: Literal["github", "standard"], secret: bytes) -> bytes:
    """The bytes that sign. ConfigError where the secret is none of that kind; never with the secret in it."""
    if kind == "github":
        return secret
    text = secret.removeprefix(b"whsec_")
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ConfigError(
            "a secret of Standard Webhooks is base64, with or without whsec_ before it"
        ) from None
    if not 16 <= len(found) <= 128:
        raise ConfigError(f"a secret of Standard Webhooks has 16 to 128 bytes; this one has {len(found)}")
    return found


def _github(secrets: Sequence[bytes], headers: Mapping[str, str], body: bytes) -> Accepted | Denied:
    sent = headers.get("x-hub-signature-256", "")
    if not sent.startswith("sha256=") or len(sent) != 71:
        return Denied(401, "no X-Hub-Signature-256: set the same secret at GitHub as here")
    given = sent.removeprefix("sha256=").lower().encode("utf-8", "replace")
    if not _signed([hmac.new(one, body, hashlib.sha256).hexdigest().encode() for one in secrets], [given]):
        return Denied(401, "the signature is not of this body and secret")
    # The key is shown to whoever may look; the signature itself would let them send.
    return Accepted(f"sha256:{hashlib.sha256(given).hexdigest()}")


def _standard(
    secrets: Sequence[bytes], headers: Mapping[str, str], body: bytes, now: float
) -> Accepted | Denied:
    name, at, sent = (headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature"))
    if not name or not at or not sent:
        return Denied(401, "webhook-id, webhook-timestamp and webhook-signature are needed")
    if len(name) > _ID or not name.isprintable() or not name.isascii():
        return Denied(400, f"webhook-id has at most {_ID} printable characters")
    if not (at.isascii() and at.isdigit() and len(at) <= 15):
        return Denied(400, "webhook-timestamp is whole seconds since the epoch")
    # What is signed is joined by dots. Only where it comes apart in one way, it is what the sender meant.
    if "." in name or _SHIFTED.match(body):
        return Denied(400, "webhook-id has no dot in it, and a body does not begin as a time and a dot do")
    signed = f"{name}.{at}.".encode() + body
    wanted = [base64.b64encode(hmac.new(one, signed, hashlib.sha256).digest()) for one in secrets]
    given = [
        part.removeprefix("v1,").encode("utf-8", "replace")
        for part in sent.split(" ")[:_SIGNATURES]
        if part.startswith("v1,")
    ]
    if not _signed(wanted, given):
        return Denied(401, "no signature of version v1 is of this id, time, body and secret")
    # Only who signed learns that the clocks differ.
    if abs(now - int(at)) > WINDOW:
        late = "older" if now > int(at) else "newer"
        return Denied(
            401, f"signed more than {WINDOW:.0f} s {late} than now: set the clocks, or sign it again"
        )
    return Accepted(name)


def _signed(wanted: Sequence[bytes], given: Sequence[bytes]) -> bool:
    """Every pair is compared, each in constant time."""
    found = False
    for one in wanted:
        for other in given:
            found |= hmac.compare_digest(one, other)
    return found
