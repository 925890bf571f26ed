"""A link is good for what it was signed for, and for nothing else."""

from __future__ import annotations

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.ask.link import LASTS, LONGEST, Link, mark, read, sign
from gadfly.errors import Refused

KEY, NOW = b"k" * 32, 1_790_000_000.0
LINK = Link(question=12, ends=int(NOW) + LASTS, owner="payments", contact="owner:payments#0a1b2c3d4e5f")
TEXT = sign(KEY, LINK)


def refusal(text: str, key: bytes = KEY, now: float = NOW) -> int:
    with pytest.raises(Refused) as caught:
        read(key, text, now)
    assert str(caught.value).endswith(".")
    return caught.value.status


def test_it_is_read_as_it_was_signed() -> None:
    assert read(KEY, TEXT, NOW) == LINK
    assert TEXT.replace("-", "").replace("_", "").isalnum()
    assert len(TEXT) < 150


def test_it_ends() -> None:
    assert read(KEY, TEXT, LINK.ends - 1) == LINK
    assert refusal(TEXT, now=LINK.ends) == 410
    assert refusal(TEXT, now=LINK.ends + 1e9) == 410


def test_no_other_byte_will_do() -> None:
    data = base64.urlsafe_b64decode(TEXT + "=" * (-len(TEXT) % 4))
    for place in range(len(data)):
        for change in (1, 128):
            other = bytearray(data)
            other[place] ^= change
            assert refusal(base64.urlsafe_b64encode(other).decode().rstrip("=")) == 404


@pytest.mark.parametrize(
    "change",
    [
        {"question": 13},
        {"ends": LINK.ends + 86_400},
        {"owner": "search"},
        {"contact": "owner:search#0a1b2c3d4e5f"},
    ],
    ids=["question", "end", "owner", "contact"],
)
def test_it_is_no_other_link(change: dict[str, object]) -> None:
    other = msgspec.structs.replace(LINK, **change)
    mac = base64.urlsafe_b64decode(TEXT + "=" * (-len(TEXT) % 4))[-32:]
    forged = base64.urlsafe_b64encode(msgspec.msgpack.encode(other) + mac).decode().rstrip("=")
    assert refusal(forged) == 404
    assert refusal(sign(b"x" * 32, other)) == 404
    assert mark(other) != mark(LINK)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "=",
        TEXT[:-1],
        TEXT + "A",
        TEXT + "=",
        TEXT + "==",
        TEXT[::-1],
        " " + TEXT,
        TEXT + "\n",
        "ä",
        "A" * 5000,
    ],
    ids=range(11),
)
def test_what_is_not_whole(text: str) -> None:
    assert refusal(text) == 404


def test_it_has_one_spelling() -> None:
    """Else a link that was used would be another one."""
    for padding in range(3):
        owner = "p" * (8 + padding)  # every remainder of the length
        text = sign(KEY, Link(question=1, ends=LINK.ends, owner=owner, contact="receiver:x"))
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        for last in alphabet:
            other = text[:-1] + last
            if other != text:
                assert refusal(other) == 404
        assert refusal(text.replace("-", "+").replace("_", "/") + "=") == 404


@given(
    st.text(max_size=LONGEST + 10)
    | st.binary(max_size=600).map(lambda data: base64.urlsafe_b64encode(data).decode())
)
def test_whatever_comes_is_refused(text: str) -> None:
    assert refusal(text) == 404
