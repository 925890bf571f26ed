"""Whatever is written is read back; whatever arrives is read or refused, and nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import FrameError
from gadfly.telemetry.frame import (
    MAX,
    NAME_LIMIT,
    PAYLOAD,
    STATUSES,
    Frame,
    Kind,
    card,
    component_id,
    decode,
    encode,
    key_id,
    mac,
    valid_name,
)

U64 = st.integers(0, 2**64 - 1)
NAMES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=40).filter(valid_name)
SECRETS = st.binary(min_size=1, max_size=100)
REASONS = {
    "taken",
    *("short", "long", "magic", "version", "kind", "reserved", "status"),
    *("unauthenticated", "key", "mac", "payload", "name"),
}


@st.composite
def frames(draw: st.DrawFn, key: int = 0) -> Frame:
    kind = draw(st.sampled_from(Kind))
    name = draw(NAMES)
    payload = b""
    if kind in (Kind.announce, Kind.reply) or (kind is Kind.goodbye and draw(st.booleans())):
        labels = draw(st.dictionaries(st.text(max_size=5), st.text(max_size=5) | st.integers(), max_size=4))
        payload = json.dumps({**labels, "name": name}, ensure_ascii=draw(st.booleans())).encode(
            "utf-8", "replace"
        )
    return Frame(
        kind,
        component_id(name),
        *(draw(U64), draw(U64), draw(U64)),
        draw(st.integers(0, 2**32 - 1)),
        draw(st.integers(0, len(STATUSES) - 1)),
        key,
        payload,
    )


@given(frames())
def test_without_a_key(frame: Frame) -> None:
    assert decode(encode(frame), {}) == frame


@given(frames(), SECRETS)
def test_with_a_key(frame: Frame, secret: bytes) -> None:
    signed = frame._replace(key_id=key_id(secret))
    data = encode(signed, secret)
    assert data == encode(frame, secret)
    assert decode(data, {key_id(secret): secret, 5: b"another"}) == signed


@given(frames(), SECRETS, st.data())
def test_any_flipped_bit_is_refused_under_a_key(frame: Frame, secret: bytes, data: st.DataObject) -> None:
    signed = bytearray(encode(frame, secret))
    bit = data.draw(st.integers(0, len(signed) * 8 - 1))
    signed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(FrameError):
        decode(bytes(signed), {key_id(secret): secret})


@given(
    st.binary(max_size=MAX + 10)
    | frames().map(encode).flatmap(lambda data: st.builds(_spoil, st.just(data), U64))
)
def test_anything_is_read_or_refused(data: bytes) -> None:
    for keys in ({}, {key_id(b"k"): b"k"}):
        assert _reason(decode, data, keys) in REASONS


def _spoil(data: bytes, seed: int) -> bytes:
    at = seed % len(data)
    return data[:at] + bytes([seed // len(data) % 256]) + data[at + 1 :]


@given(st.binary(max_size=PAYLOAD))
def test_any_payload_is_a_card_or_refused(payload: bytes) -> None:
    assert _reason(card, Frame(Kind.announce, component_id("x"), payload=payload)) in (
        "taken",
        "payload",
        "name",
    )


def _reason(read: Callable[..., Any], *args: Any) -> str:
    try:
        read(*args)
    except FrameError as refusal:
        return str(refusal)
    return "taken"


BEAT = Frame(Kind.beat, 1)


@pytest.mark.parametrize(
    ("frame", "secret", "message"),
    [
        (BEAT._replace(kind=Kind.announce, payload=b"{" + b" " * PAYLOAD), None, "1136 fit"),
        (BEAT._replace(payload=b"{}"), None, "beat carries no payload"),
        (BEAT._replace(kind=Kind.enquiry, payload=b"{}"), None, "enquiry carries no payload"),
        (BEAT._replace(kind=Kind.reply), None, "reply needs a payload"),
        (BEAT._replace(status=6), None, "6 is not a status"),
        (BEAT._replace(status=-1), None, "-1 is not a status"),
        (BEAT._replace(sequence=2**64), None, "out of its range"),
        (BEAT._replace(key_id=7), None, "needs its secret"),
        (BEAT, b"", "the secret is empty"),
    ],
)
def test_a_frame_nobody_would_take_is_not_written(frame: Frame, secret: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        encode(frame, secret)


def test_a_beat_has_no_card() -> None:
    with pytest.raises(FrameError, match="payload"):
        card(BEAT)


def test_a_long_secret_is_hashed_and_every_byte_of_it_counts() -> None:
    assert mac(b"x", b"", b"k" * 65) != mac(b"x", b"", b"k" * 66)
    assert mac(b"x", b"", b"k" * 64) != mac(b"x", b"", b"k" * 65)


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("checkout", True),
        ("eu/west/checkout-1", True),
        ("two words", True),
        ("é" * (NAME_LIMIT // 2), True),
        ("é" * (NAME_LIMIT // 2) + "x", False),
        ("", False),
        (" x", False),
        ("x ", False),
        ("a\nb", False),
        ("a\x00b", False),
        ("\ud800", False),
        ("a\u202eb", False),
    ],
)
def test_names(name: str, valid: bool) -> None:
    assert valid_name(name) is valid
