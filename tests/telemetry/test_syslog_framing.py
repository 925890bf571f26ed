"""Messages in a stream: counted in octets, in lines, both, cut at any place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.telemetry.syslog_framing import LONGEST, Framing


def whole(data: bytes, longest: int = 1000) -> list[bytes]:
    framing = Framing(longest)
    found = list(framing.feed(data))
    rest = framing.end()
    return [*found, rest] if rest else found


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"<1>one\n<2>two\n", [b"<1>one", b"<2>two"]),
        (b"<1>one\r\n\r\n<2>two", [b"<1>one\r", b"<2>two"]),
        (b"<1>one\0<2>two\0", [b"<1>one", b"<2>two"]),
        (b"6 <1>one6 <2>two", [b"<1>one", b"<2>two"]),
        (b"8 <1>o\nne!6 <2>two\n<3>line\n6 <4>end", [b"<1>o\nne!", b"<2>two", b"<3>line", b"<4>end"]),
        (b"42 is not a count\n", [b"42 is not a count"]),
        (b"123456789 <1>too many digits\n", [b"123456789 <1>too many digits"]),
        (b"%d <1>x\n" % (LONGEST + 1), [b"%d <1>x" % (LONGEST + 1)]),
        (b"10 <1>cut", [b"<1>cut"]),
        (b"", []),
        (b"\n\n\n", []),
        (b"12", [b"12"]),
    ],
)
def test_messages_are_told_apart(data: bytes, expected: list[bytes]) -> None:
    assert whole(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"<1>a long line\n<2>b\n", [b"<1>a long ", b"<2>b"]),
        (b"14 <1>a long line4 <2>b", [b"<1>a long ", b"<2>b"]),
    ],
)
def test_what_is_too_long_is_cut_and_counted_and_the_next_is_whole(
    data: bytes, expected: list[bytes]
) -> None:
    framing = Framing(10)
    assert [one for byte in data for one in framing.feed(bytes([byte]))] == expected
    assert framing.cut == 1


def test_a_line_without_an_end_takes_no_memory() -> None:
    framing = Framing(100)
    found = [one for _ in range(100) for one in framing.feed(b"x" * 1000)]
    assert found == [b"x" * 100]
    assert len(framing.end()) == 0


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_where_the_stream_is_cut_does_not_matter(data: bytes, cuts: list[int]) -> None:
    framing, found, at = Framing(50), [], 0
    for cut in sorted(cuts):
        found += list(framing.feed(data[at:cut]))
        at = max(at, cut)
    found += list(framing.feed(data[at:]))
    once = Framing(50)
    assert found == list(once.feed(data))
    assert framing.cut == once.cut
    assert all(len(one) <= 50 for one in found)


@given(st.lists(st.binary(min_size=1, max_size=30).map(lambda b: b"<1>" + b.replace(b"\0", b"")), max_size=8))
def test_octet_counted_messages_come_through(messages: list[bytes]) -> None:
    assert whole(b"".join(b"%d %b" % (len(one), one) for one in messages)) == messages
