"""A capability permits exactly what the gate meant, to one executor, for a few seconds."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gadfly.act.executing.capability import Capability, issue, verify
from gadfly.errors import Refused

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOW = 1_800_000_000.0
FINE = Capability(plan="ab" * 32, intent=7, fence=3, cell="eu", executor="north", issued=NOW, ends=NOW + 30)
WANTED: dict[str, Any] = {"plan": "ab" * 32, "executor": "north", "cell": "eu", "fence": 3, "now": NOW + 1}


def test_what_was_issued_is_verified() -> None:
    assert verify(KEY.public_key(), issue(KEY, FINE), **WANTED) == FINE


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"plan": "cd" * 32}, "for another plan"),
        ({"executor": "south"}, "for the executor north"),
        ({"cell": "us"}, 'for the cell "eu"'),
        ({"fence": 4}, r"A later intent \(4\)"),
        ({"now": NOW + 30}, "has ended"),
        ({"now": NOW - 5.1}, "clock's future"),
    ],
)
def test_what_was_not_meant_is_refused(about: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        verify(KEY.public_key(), issue(KEY, FINE), **{**WANTED, **about})


@pytest.mark.parametrize("about", [{"now": NOW + 29.9}, {"now": NOW - 5}, {"fence": 2}])
def test_the_edges_are_permitted(about: dict[str, Any]) -> None:
    verify(KEY.public_key(), issue(KEY, FINE), **{**WANTED, **about})


@pytest.mark.parametrize("ends", [NOW + 30.1, NOW, NOW - 1])
def test_none_is_issued_for_longer_than_thirty_seconds(ends: float) -> None:
    with pytest.raises(ValueError, match="lasts up to 30 s"):
        issue(KEY, msgspec.structs.replace(FINE, ends=ends))


def test_another_key_is_no_gate() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(Refused, match="no permission that the gate signed"):
        verify(KEY.public_key(), issue(other, FINE), **WANTED)


@given(st.integers(min_value=0), st.sampled_from("Ax9-_. é"))
def test_a_changed_character_is_no_permission(place: int, letter: str) -> None:
    text = issue(KEY, FINE)
    place %= len(text)
    changed = text[:place] + letter + text[place + 1 :]
    if changed == text:
        return
    try:
        found = verify(KEY.public_key(), changed, **WANTED)
    except Refused:
        return
    assert found == FINE  # base64's unused last bits may differ; what is permitted may not


@given(st.text(max_size=300))
def test_any_other_text_is_no_permission(text: str) -> None:
    with pytest.raises(Refused):
        verify(KEY.public_key(), text, **WANTED)


def test_a_long_text_is_not_looked_at() -> None:
    with pytest.raises(Refused, match="at most 4096"):
        verify(KEY.public_key(), "A" * 5000, **WANTED)
