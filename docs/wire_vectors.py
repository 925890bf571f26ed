"""Write wire-vectors.json: frames that must be read the same by every implementation, and frames to refuse.

Run it after a change of the format; a test compares its output with the file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gadfly.telemetry.frame import MAX, Frame, Kind, component_id, encode, key_id

FILE = Path(__file__).with_name("wire-vectors.json")
SECRETS = {"short": b"correct horse battery staple", "long": bytes(range(100))}
NAME = "checkout"
STARTED = 1_800_000_000_000_000_000
CARD = b'{"name":"checkout","kind":"service","host":"web1","pid":4711,"owner":"payments"}'


def frame(kind: Kind, **more: Any) -> Frame:
    """A frame of `checkout`, a quarter of a second into its run."""
    usual = {"incarnation": STARTED, "sequence": 1, "sent": STARTED + 250_000_000, "interval_ms": 1000}
    return Frame(kind, component_id(NAME), **{**usual, **more})


def changed(data: bytes, offset: int, new: bytes) -> bytes:
    """The bytes with some of them replaced."""
    return data[:offset] + new + data[offset + len(new) :]


def vectors() -> dict[str, Any]:
    """The content of the file."""
    beat, signed = encode(frame(Kind.beat)), encode(frame(Kind.beat), SECRETS["short"])
    announce = encode(frame(Kind.announce, payload=CARD))
    taken = [
        ("a beat", beat, None),
        (
            "a beat that warns, every 200 ms",
            encode(frame(Kind.beat, status=1, interval_ms=200, sequence=7)),
            None,
        ),
        ("a beat of a stalled program", encode(frame(Kind.beat, status=5)), None),
        ("the largest numbers", encode(frame(Kind.beat, sequence=2**64 - 1, interval_ms=2**32 - 1)), None),
        ("an announce", announce, None),
        ("an announce with a name beyond ASCII", _named("café ☕"), None),
        ("a goodbye", encode(frame(Kind.goodbye, status=4)), None),
        ("a goodbye of a job", encode(frame(Kind.goodbye, status=2, payload=_job())), None),
        ("an enquiry", encode(frame(Kind.enquiry, incarnation=0, sequence=81_985_529_216_486_895)), None),
        ("a reply", encode(frame(Kind.reply, payload=b'{"nonce":81985529216486895,' + CARD[1:])), None),
        ("a signed beat", signed, "short"),
        ("a signed announce", encode(frame(Kind.announce, payload=CARD), SECRETS["short"]), "short"),
        (
            "a beat signed with a secret longer than 64 bytes",
            encode(frame(Kind.beat), SECRETS["long"]),
            "long",
        ),
        ("a signed beat, to a receiver without keys", signed, None),
    ]
    refused = [
        ("63 bytes", beat[:63], None, "short"),
        ("1201 bytes", announce.ljust(MAX + 1), None, "long"),
        ("another magic", changed(beat, 0, b"GF"), None, "magic"),
        ("version 2", changed(beat, 2, b"\x02"), None, "version"),
        ("kind 0", changed(beat, 3, b"\x00"), None, "kind"),
        ("kind 6", changed(beat, 3, b"\x06"), None, "kind"),
        ("a reserved byte that is not zero", changed(beat, 47, b"\x01"), None, "reserved"),
        ("status 6", changed(beat, 44, b"\x06"), None, "status"),
        ("a MAC without a key id", changed(beat, 63, b"\x01"), None, "mac"),
        ("no key id, to a receiver with keys", beat, "short", "unauthenticated"),
        ("signed with another key", signed, "long", "key"),
        ("signed, then one bit of the sequence flipped", changed(signed, 31, b"\x00"), "short", "mac"),
        (
            "signed, then one bit of the MAC flipped",
            changed(signed, 48, bytes([signed[48] ^ 1])),
            "short",
            "mac",
        ),
        ("a beat with a payload", beat + CARD, None, "payload"),
        ("an announce without a payload", announce[:64], None, "payload"),
        ("an announce whose JSON ends early", announce[:-1], None, "payload"),
        ("an announce that is a list", announce[:64] + b'["checkout"]', None, "payload"),
        ("an announce that is no UTF-8", announce[:64] + b'{"name":"\xff"}', None, "payload"),
        ("an announce with NaN", announce[:64] + b'{"name":"checkout","load":NaN}', None, "payload"),
        (
            "an announce with half a surrogate pair",
            announce[:64] + b'{"name":"checkout","a":"\\ud800"}',
            None,
            "payload",
        ),
        ("an announce of 1,100 nested lists", announce[:64] + b'{"a":' + b"[" * 1100, None, "payload"),
        ("an announce without a name", announce[:64] + b'{"kind":"service"}', None, "name"),
        ("an announce with the name of another", announce[:64] + b'{"name":"postgres"}', None, "name"),
    ]
    return {
        "secrets": {
            name: {"hex": secret.hex(), "key_id": key_id(secret)} for name, secret in sorted(SECRETS.items())
        },
        "component_ids": {name: f"{component_id(name):016x}" for name in (NAME, "postgres", "café ☕")},
        "taken": [{"what": what, "hex": data.hex(), "key": key} for what, data, key in taken],
        "refused": [
            {"what": what, "hex": data.hex(), "key": key, "reason": why} for what, data, key, why in refused
        ],
    }


def _named(name: str) -> bytes:
    payload = json.dumps({"name": name}, ensure_ascii=False).encode()
    return encode(Frame(Kind.announce, component_id(name), incarnation=STARTED, sequence=1, payload=payload))


def _job() -> bytes:
    job = {"every": 3600.0, "state": "finished", "exit": 1, "seconds": 12.5, "output": "disk full"}
    return json.dumps({"name": NAME, "kind": "job", "job": job}).encode()


def text() -> str:
    """The file as text."""
    return json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
