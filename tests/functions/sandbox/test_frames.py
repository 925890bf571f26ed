"""Messages between supervisor and call are read whole, however they come: in pieces, or several at once."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.functions.sandbox import channel, frames


def received(parts: Sequence[bytes]) -> object:
    """What a call reads where the kernel gives it these, one after the other."""
    left = list(parts)

    def receive(count: int) -> bytes:
        if not left:
            return b""
        part, rest = left[0][:count], left[0][count:]
        left[:1] = [rest] if rest else []
        return part

    return frames.read(receive)


@given(st.lists(st.text(max_size=20_000), max_size=3), st.lists(st.integers(1, 9_000), max_size=4))
def test_a_call_reads_one_in_pieces(said: list[str], sizes: list[int]) -> None:
    whole = frames.pack({"event": said})
    parts = []
    for size in sizes:
        parts.append(whole[:size])
        whole = whole[size:]
    assert received([part for part in (*parts, whole) if part]) == {"event": said}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        pytest.param(b"", EOFError, id="nothing"),
        pytest.param(b"\0\0", EOFError, id="half-of-a-length"),
        pytest.param(frames.pack([1, 2])[:-1], EOFError, id="all-but-the-end"),
        pytest.param(struct.pack("!I", frames.LARGEST + 1), ValueError, id="too-long"),
        pytest.param(struct.pack("!I", 3) + b"\xff[]", ValueError, id="no-text"),
        pytest.param(struct.pack("!I", 4) + b"[] 1", ValueError, id="more-behind-it"),
        pytest.param(frames.pack(1) + frames.pack(2), ValueError, id="two"),
    ],
)
def test_a_call_takes_nothing_else(data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        received([data] if data else [])


def heard(parts: Sequence[bytes], count: int, most: int = 10_000) -> list[bytes]:
    """What the supervisor reads of a call that writes these, and is gone then."""

    async def hear() -> list[bytes]:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        loop = asyncio.get_running_loop()
        with ours:
            spoken = channel.Frames(ours, most)
            reading = asyncio.ensure_future(_several(spoken, count))
            with theirs:
                for part in parts:
                    await loop.sock_sendall(theirs, part)
                    await asyncio.sleep(0)
            return await reading

    return asyncio.run(hear())


async def _several(spoken: channel.Frames, count: int) -> list[bytes]:
    return [await spoken.next() for _ in range(count)]


LONG = frames.pack("x" * 30_000)
BOTH = frames.pack([1]) + frames.pack({"a": "b"})


@pytest.mark.parametrize(
    ("parts", "bodies"),
    [
        pytest.param([BOTH], [b"[1]", b'{"a":"b"}'], id="two-at-once"),
        pytest.param([BOTH[:2], BOTH[2:9], BOTH[9:]], [b"[1]", b'{"a":"b"}'], id="cut-anywhere"),
        pytest.param([frames.pack(1) + LONG], [b"1", LONG[4:]], id="a-long-one-behind"),
    ],
)
def test_the_supervisor_reads_them_one_by_one(parts: list[bytes], bodies: list[bytes]) -> None:
    assert heard(parts, len(bodies), 40_000) == bodies


def test_the_supervisor_takes_none_that_is_too_long() -> None:
    with pytest.raises(ValueError, match="30002 bytes"):
        heard([LONG], 1)


@pytest.mark.parametrize("cut", [0, 3, 20_000])
def test_the_supervisor_sees_the_end(cut: int) -> None:
    with pytest.raises(EOFError):
        heard([LONG[:cut]], 1, 40_000)
