"""Packets of collectd: what they say, and that damage costs no more than what is behind it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.telemetry.collectd import Name, Notification, Packet, Values, parse
from gadfly.telemetry.collectd_seal import Seal

OPEN = Seal({}, "none").open
LOAD = Name("web-1", "load", "", "load", "")


def test_values_belong_to_what_the_parts_before_say(packets: Any) -> None:
    data = packets.load() + packets.text(2, "cpu") + packets.text(3, "0") + packets.text(4, "cpu")
    data += packets.text(5, "idle") + packets.number(1, 1_700_000_005) + packets.number(7, 20)
    data += packets.values((2, 12345)) + packets.text(5, "user") + packets.values((2, -7))
    assert parse(data, OPEN) == Packet(
        [
            Values(LOAD, 1_700_000_000.0, 10.0, b"\1\1\1", (0.5, 0.25, 0.125)),
            Values(Name("web-1", "cpu", "0", "cpu", "idle"), 1_700_000_005.0, 20.0, b"\2", (12345.0,)),
            Values(Name("web-1", "cpu", "0", "cpu", "user"), 1_700_000_005.0, 20.0, b"\2", (-7.0,)),
        ],
        [],
        "",
    )


def test_every_kind_of_value(packets: Any) -> None:
    data = packets.text(0, "h") + packets.values((0, 2**64 - 1), (1, math.inf), (2, -(2**63)), (3, 7))
    (found,) = parse(data, OPEN).values
    assert found.values == (2.0**64, math.inf, -(2.0**63), 7.0)


def test_high_resolution_has_parts_of_a_second(packets: Any) -> None:
    data = packets.text(0, "h") + packets.number(8, (5 << 30) + (1 << 29)) + packets.values((1, 1))
    assert parse(data, OPEN).values[0].at == 5.5


def test_notifications(packets: Any) -> None:
    data = packets.text(0, "h") + packets.number(1, 9) + packets.number(0x101, 2) + packets.text(2, "df")
    data += packets.text(0x100, "the disk is full")
    found = Notification(Name("h", "df", "", "", ""), 9.0, 2, "the disk is full")
    assert parse(data, OPEN).notifications == [found]


def test_a_part_of_a_later_version_is_passed_over(packets: Any) -> None:
    found = parse(packets.part(0x7777, b"whatever") + packets.load(), OPEN)
    assert (len(found.values), found.wrong) == (1, "")


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (b"\0", "truncated"),
        (b"\0\0\0\3", "truncated"),
        (b"\0\0\0\x50abc", "truncated"),
        (b"\0\0\0\6ab", "text"),
        (b"\0\0\0\4", "text"),
        (b"\0\0\1\4" + b"a" * 255 + b"\0", "text"),
        (b"\0\1\0\6ab", "number"),
        (b"\0\6\0\4", "values"),
        (b"\0\6\0\6\0\0", "values"),
        (b"\0\6\0\6\0\5", "values"),
        (b"\0\6\0\x0f\0\1\7" + bytes(8), "kind"),
        (b"\0\0\0\5\0\0\6\0\x0f\0\1\1" + bytes(8), "host"),
    ],
)
def test_what_stands_before_the_damage_is_taken(packets: Any, tail: bytes, reason: str) -> None:
    found = parse(packets.load() + tail + packets.load(), OPEN)
    assert (len(found.values), found.wrong) == (1, reason)


@given(st.data())
def test_no_damage_does_harm(packets: Any, data: Any) -> None:
    whole = packets.load() + packets.load("web-2")
    broken = bytearray(whole)
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=8)):
        broken[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    found = parse(bytes(broken[:cut]), OPEN)
    assert len(found.values) <= 3


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    parse(data, OPEN)
    parse(data, Seal({"u": [b"p"]}, "encrypt").open)
    parse(b"\x02\x00" + data, Seal({"u": [b"p"]}, "sign").open)
    parse(b"\x02\x10" + data, Seal({"u": [b"p"]}, "sign").open)
