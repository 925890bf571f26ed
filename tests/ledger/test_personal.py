"""Persons stand in the ledger as salted hashes."""

from __future__ import annotations

import pytest

from gadfly.ledger.entry import Entry
from gadfly.ledger.personal import Mask

MASK = Mask(bytes(range(32)))


def test_a_name_is_hashed_and_a_hash_is_left_alone() -> None:
    hashed = MASK.of("anna")
    assert hashed.startswith("~")
    assert "anna" not in hashed
    assert MASK.of(hashed) == hashed
    assert MASK.of("bo") != hashed
    assert Mask(bytes(32)).of("anna") != hashed


@pytest.mark.parametrize("subject", ["node", "token:anna", "owner:payments", "personal:anna"])
def test_only_persons_are_changed(subject: str) -> None:
    assert MASK.subject(subject) == subject


def test_an_entry_without_persons_is_the_same() -> None:
    entry = Entry(kind="flip", who="node", about=("component:a",), at=1.0)
    assert MASK.entry(entry) is entry


@pytest.mark.parametrize(
    ("who", "about"), [("person:anna", ("component:a",)), ("node", ("person:anna", "component:a"))]
)
def test_persons_in_an_entry_are_hashed(who: str, about: tuple[str, ...]) -> None:
    entry = Entry(kind="approval", who=who, about=about, body={"a": 1}, at=1.0)
    masked = MASK.entry(entry)
    assert "person:anna" not in (masked.who, *masked.about)
    assert f"person:{MASK.of('anna')}" in (masked.who, *masked.about)
    assert (masked.kind, masked.body, masked.at) == (entry.kind, entry.body, entry.at)


def test_who_knows_a_name_finds_it_again() -> None:
    assert MASK.names(["anna", "bo"]) == {MASK.of("anna"): "anna", MASK.of("bo"): "bo"}


def test_a_salt_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Mask(b"short")
