"""The order of frames in one run, and who is answered."""

from __future__ import annotations

import json

import pytest

from gadfly.instrument.pulse import Pulse
from gadfly.telemetry.frame import Frame, Kind, card, component_id, decode, encode, key_id

CARD = {"name": "checkout", "kind": "service"}
SECRET = b"correct horse"
KEYS = {key_id(SECRET): SECRET}


def make(secret: bytes | None = None, card: dict[str, object] | None = None) -> Pulse:
    return Pulse(card or CARD, 1.0, secret, incarnation=1000)


def read(data: bytes) -> Frame:
    return decode(data, {})


def test_announces_first_and_in_place_of_every_20th_beat() -> None:
    pulse = make()
    frames = [read(pulse.beat(n, "pass")) for n in range(41)]
    assert [n for n, frame in enumerate(frames) if frame.kind is Kind.announce] == [0, 20, 40]
    assert [frame.sequence for frame in frames] == list(range(1, 42))
    assert {frame.incarnation for frame in frames} == {1000}
    assert {frame.interval_ms for frame in frames} == {1000}
    assert [frame.sent for frame in frames] == list(range(41))


@pytest.mark.parametrize(("status", "reason"), [("warn", ""), ("pass", "why"), ("stalled", "no progress")])
def test_news_is_announced_once(status: str, reason: str) -> None:
    pulse = make()
    pulse.beat(0, "pass")
    assert not pulse.has_news("pass", "")
    assert pulse.has_news(status, reason)
    told = read(pulse.beat(0, status, reason))
    assert told.kind is Kind.announce
    assert card(told).get("reason", "") == reason
    assert not pulse.has_news(status, reason)
    assert read(pulse.beat(0, status, reason)).kind is Kind.beat


def test_more_is_announced() -> None:
    pulse = make()
    pulse.beat(0, "pass")
    pulse.tell({"pid": 7})
    assert pulse.has_news("pass", "")
    assert card(read(pulse.beat(0, "pass"))) == {**CARD, "pid": 7}


def test_goodbye_is_bare() -> None:
    frame = read(make().goodbye(5))
    assert (frame.kind, frame.status, frame.payload) == (Kind.goodbye, 4, b"")


def test_goodbye_of_a_job_carries_its_card() -> None:
    frame = read(make(card={**CARD, "job": {"exit": 1}}).goodbye(5, "fail", "exit code 1"))
    assert frame.status == 2
    assert card(frame) == {**CARD, "job": {"exit": 1}, "reason": "exit code 1"}


def enquiry(name: str = "checkout", secret: bytes | None = None) -> bytes:
    return encode(Frame(Kind.enquiry, component_id(name), sequence=2**63 + 5), secret)


@pytest.mark.parametrize(
    ("own", "datagram", "answered"),
    [
        (None, enquiry(), True),
        (SECRET, enquiry(secret=SECRET), True),
        (SECRET, enquiry(), False),
        (SECRET, enquiry(secret=b"another"), False),
        (None, enquiry("postgres"), False),
        (None, enquiry()[:63], False),
        (None, enquiry() + b"x", False),
        (None, b"", False),
        (None, enquiry()[:3] + b"\x01" + enquiry()[4:], False),
        (None, b"xx" + enquiry()[2:], False),
    ],
)
def test_who_is_answered(own: bytes | None, datagram: bytes, answered: bool) -> None:
    assert (make(own).asked(datagram) == 2**63 + 5) is answered


def test_reply_is_a_signed_announce_with_the_nonce() -> None:
    pulse = make(SECRET)
    frame = decode(pulse.reply(2**63 + 5, 9, "warn", "slow"), KEYS)
    assert (frame.kind, frame.status, frame.sequence) == (Kind.reply, 1, 1)
    assert json.loads(frame.payload) == {**CARD, "nonce": 2**63 + 5, "reason": "slow"}
