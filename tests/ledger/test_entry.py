"""Entries: their bytes, and what is not taken."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.errors import LedgerError, LimitError
from gadfly.ledger.entry import (
    KINDS,
    LIMIT,
    NAME,
    SUBJECTS,
    Entry,
    decode,
    encode,
    rfc3339,
    seconds,
    subjects,
)

GOOD: dict[str, Any] = {"kind": "flip", "who": "node", "about": ("component:a",), "body": {"b": 1}, "at": 0.5}


def made(**changes: Any) -> Entry:
    return Entry(**{**GOOD, **changes})


def test_the_bytes_of_an_entry() -> None:
    assert encode(made()) == (
        b'{"about":["component:a"],"at":"1970-01-01T00:00:00.500000Z","body":{"b":1},"kind":"flip","v":1,'
        b'"who":"node"}'
    )


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"kind": "gossip"}, LedgerError, "no kind of entry"),
        ({"who": ""}, LedgerError, "nobody answers for"),
        ({"who": "x" * (NAME + 1)}, LimitError, "1 to 512 characters"),
        ({"about": ("",)}, LimitError, "1 to 512 characters"),
        ({"about": tuple(f"c{i}" for i in range(SUBJECTS + 1))}, LimitError, "256 subjects"),
        ({"body": {"a": 1 << 60}}, LedgerError, "beyond 2\\^53"),
        ({"body": {"a": float("nan")}}, LedgerError, "not a number"),
        ({"body": [1]}, LedgerError, "JSON object"),
        ({"body": {"a": "x" * LIMIT}}, LimitError, "65535 bytes at most"),
        ({"at": float("inf")}, LedgerError, "no canonical JSON"),
        ({"at": 1e18}, LedgerError, "no canonical JSON"),
        ({"about": ("\ud800",)}, LedgerError, "no canonical JSON"),
    ],
)
def test_what_is_not_taken(changes: dict[str, Any], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        encode(made(**changes))


def test_the_largest_entry_fits_a_bundle() -> None:
    room = LIMIT - len(encode(made(body={"a": ""})))
    assert len(encode(made(body={"a": "x" * room}))) == LIMIT == 0xFFFF


@given(
    st.sampled_from(sorted(KINDS)),
    st.text(min_size=1, max_size=20),
    st.lists(st.text(min_size=1, max_size=20), max_size=3),
    st.dictionaries(
        st.text(max_size=5), st.integers(-5, 5) | st.floats(0, 1) | st.text(max_size=5), max_size=3
    ),
    st.integers(0, 4_000_000_000_000_000),
)
def test_what_is_written_is_read_again(
    kind: str, who: str, about: list[str], body: dict[str, Any], micro: int
) -> None:
    given = Entry(kind=kind, who=who, about=tuple(about), body=body, at=micro / 1_000_000)
    text = encode(given)
    assert decode(text) == given
    assert encode(decode(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        encode(made()) + b" ",
        encode(made()).replace(b'"b":1', b'"b":1.0'),
        encode(made()).replace(b'"b":1', b'"b": 1'),
        encode(made()).replace(b'"v":1', b'"v":2'),
        encode(made()).replace(b"flip", b"flop"),
        encode(made()).replace(b".500000Z", b".5Z"),
        encode(made()).replace(b".500000Z", b"+00:00"),
        encode(made()).replace(b'"v":1', b'"v":1,"w":1'),
    ],
)
def test_other_bytes_are_no_entry(text: bytes) -> None:
    with pytest.raises(LedgerError):
        decode(text)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_words(text: bytes) -> None:
    with pytest.raises(LedgerError):
        decode(text)


@given(st.integers(-10_000_000_000_000, 250_000_000_000_000_000 // 1000))
def test_a_time_keeps_its_microseconds(micro: int) -> None:
    at = micro / 1_000_000
    assert seconds(rfc3339(at)) == at


@pytest.mark.parametrize(
    ("who", "about", "found"),
    [
        ("node", ("a",), ["a"]),
        ("node", (), []),
        ("node", ("a", "a", "b"), ["a", "b"]),
        ("automation:x", ("a",), ["a", "automation:x"]),
        ("automation:x", ("automation:x",), ["automation:x"]),
    ],
)
def test_an_entry_is_found_by_its_subjects_and_its_writer(
    who: str, about: tuple[str, ...], found: list[str]
) -> None:
    assert list(subjects(who, about)) == found


def test_every_kind_is_a_sentence() -> None:
    assert all(text.endswith(".") and kind.islower() for kind, text in KINDS.items())
