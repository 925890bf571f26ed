"""The decoder of batches gives the answers that frame.decode gives, for every datagram."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gadfly.errors import FrameError
from gadfly.monitor.authenticate import Authenticator
from gadfly.monitor.counters import DROPPED, REASON
from gadfly.monitor.decode import WIRE, bare, examine, read_cards
from gadfly.telemetry.frame import HEADER, Frame, Kind, component_id, decode, encode, key_id

OLD, NEW, FOREIGN = b"o" * 16, b"n" * 70, b"f" * 16
KEYS = {key_id(NEW): NEW, key_id(OLD): OLD}


def bulk(datagrams: Sequence[bytes], keys: dict[int, bytes]) -> list[str]:
    """The reason for each datagram, empty where it is taken."""
    headers = b"".join(one[:HEADER].ljust(HEADER, b"\x5a") for one in datagrams)
    wire = np.frombuffer(headers, WIRE)
    lengths = np.array([min(len(one), 1201) for one in datagrams], np.uint32)
    view = memoryview(headers)
    heads = [view[at * HEADER : at * HEADER + 48] for at in range(len(datagrams))]

    def payload(place: int) -> bytes:
        return datagrams[place][HEADER:1201]

    reasons = examine(wire, lengths)
    Authenticator(keys).check(wire, lengths, reasons, heads, payload)
    bare(wire, lengths, reasons)
    cards = read_cards(wire, lengths, reasons, payload)
    taken = [at for at, reason in enumerate(reasons) if not reason and len(datagrams[at]) > HEADER]
    assert sorted(cards) == taken
    return ["" if not reason else DROPPED[reason - 1] for reason in reasons]


def one_by_one(datagrams: Sequence[bytes], keys: dict[int, bytes]) -> list[str]:
    """The same from frame.decode."""
    reasons = []
    for datagram in datagrams:
        try:
            decode(datagram, keys)
        except FrameError as error:
            reasons.append(str(error))
        else:
            reasons.append("")
    return reasons


def signed(kind: Kind, payload: bytes = b"", secret: bytes | None = None, name: str = "a") -> bytes:
    frame = Frame(kind, component_id(name), 5, 6, 7, 1000, 0)
    made = encode(frame._replace(payload=payload) if payload else frame._replace(kind=Kind.goodbye), secret)
    if payload or kind is Kind.goodbye:
        return made
    bald = made[:3] + bytes([kind]) + made[4:48]
    if secret is None:
        return bald + bytes(16)
    from gadfly.telemetry.frame import mac

    return bald + mac(bald, b"", secret)


CARDS = (
    b'{"name":"a"}',
    b' {"name":"a"} ',
    b'{"name":"a"} ',
    b'{"name":"b"}',
    b'{"name":"a","x":NaN}',
    b'{"name":"a","x":"\\ud800"}',
    b'{"name":"a","x":"\xed\xa0\x80"}',
    b'{"name":"a"}x',
    b'{"name":1}',
    b'{"name":" a"}',
    b'["a"]',
    b"{}",
    b'{"',
    b'{"name":"a"',
    b"\xff\xfe",
    '{"name":"a"}'.encode("utf-16"),
    b'\xef\xbb\xbf{"name":"a"}',
    b'{"x":' + b"[" * 1000,
    b'{"name":"' + b"n" * 201 + b'"}',
    json.dumps({"name": "a", "labels": {"ä": "ö"}}, ensure_ascii=False).encode(),
)


def test_a_table_of_frames_in_one_batch() -> None:
    datagrams = [b"", b"Gf", bytes(64), bytes(1201), b"x" * 3000]
    for kind in Kind:
        for secret in (None, OLD, NEW, FOREIGN):
            good = signed(kind, secret=secret)
            datagrams += [good, good + b"{}", good[:63], good[:-1] + bytes([good[-1] ^ 1])]
            datagrams += [
                good[:place] + b"\xee" + good[place + 1 :] for place in (0, 2, 3, 4, 44, 45, 46, 47)
            ]
    for card in CARDS:
        for kind in (Kind.announce, Kind.goodbye, Kind.reply):
            datagrams += [signed(kind, card, secret) for secret in (None, OLD, NEW)]
    for keys in ({}, KEYS):
        wanted = one_by_one(datagrams, keys)
        assert bulk(datagrams, keys) == wanted
        assert "" in wanted
    assert set(one_by_one(datagrams, KEYS)) | set(one_by_one(datagrams, {})) == {"", *DROPPED[:12]}


@st.composite
def datagram(draw: st.DrawFn) -> bytes:
    kind = draw(st.sampled_from(list(Kind)))
    secret = draw(st.sampled_from([None, OLD, NEW, FOREIGN]))
    card = draw(st.one_of(st.sampled_from(CARDS), st.binary(max_size=60)))
    made = signed(kind, card if kind in (Kind.announce, Kind.reply, Kind.goodbye) else b"", secret)
    change = draw(st.integers(0, 3))
    if change == 1:
        made = made[: draw(st.integers(0, len(made)))]
    elif change == 2:
        place = draw(st.integers(0, len(made) - 1))
        made = made[:place] + bytes([draw(st.integers(0, 255))]) + made[place + 1 :]
    elif change == 3:
        made += draw(st.binary(max_size=1300))
    return made


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(datagram(), st.binary(max_size=1300)), min_size=1, max_size=20), st.booleans())
@example([b""], True)
def test_any_batch(datagrams: list[bytes], keyed: bool) -> None:
    keys = KEYS if keyed else {}
    assert bulk(datagrams, keys) == one_by_one(datagrams, keys)


def test_a_card_already_held_is_left_out_but_never_a_reply() -> None:
    datagrams = [signed(kind, b'{"name":"a"}') for kind in (Kind.announce, Kind.reply)]
    wire = np.frombuffer(b"".join(one[:64] for one in datagrams), WIRE)
    lengths = np.array([len(one) for one in datagrams])
    reasons = examine(wire, lengths)
    cards = read_cards(wire, lengths, reasons, lambda place: datagrams[place][64:], lambda *_: True)
    assert list(cards) == [1]


@pytest.mark.parametrize("name", WIRE.names)
def test_the_columns_lie_where_the_frame_says(name: str) -> None:
    frame = Frame(Kind.beat, 2, 3, 4, 5, 6, 1)
    wire = np.frombuffer(encode(frame, OLD), WIRE)[0]
    known = {
        "magic": 0x4766,
        "version": 1,
        "kind": 1,
        "key": key_id(OLD),
        "component": 2,
        "incarnation": 3,
        "sequence": 4,
        "sent": 5,
        "interval": 6,
        "status": 1,
    }
    if name in known:
        assert int(wire[name]) == known[name]
    elif name == "mac":
        assert wire[name].tobytes() == encode(frame, OLD)[48:]
    else:
        assert not wire[name].any()
    assert REASON["short"] == 1
