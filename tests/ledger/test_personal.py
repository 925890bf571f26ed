"""Persons stand in the ledger as salted hashes."""

from __future__ import annotations

import sqlite3

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gadfly.ledger.entry import Entry, encode
from gadfly.ledger.log import Log
from gadfly.ledger.personal import Mask, may_name
from gadfly.store.schema import migrate

MASK = Mask(bytes(range(32)))


def test_a_name_is_hashed_and_a_hash_is_left_alone() -> None:
    hashed = MASK.of("anna")
    assert hashed.startswith("~")
    assert "anna" not in hashed
    assert MASK.of(hashed) == hashed
    assert MASK.of("bo") != hashed
    assert Mask(bytes(32)).of("anna") != hashed


@pytest.mark.parametrize("subject", ["node", "program:anna", "owner:payments", "personal:anna"])
def test_only_persons_are_changed(subject: str) -> None:
    assert MASK.subject(subject) == subject


def test_an_entry_without_persons_is_the_same() -> None:
    entry = Entry(kind="flip", who="node", about=("component:a",), body={"a": [1, None, {"b": 2.5}]}, at=1.0)
    assert MASK.entry(entry) == entry
    assert not may_name(encode(entry))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("person:anna asked for it", "person:{anna} asked for it"),
        ("approved by person:anna, person:bo.", "approved by person:{anna}, person:{bo}."),
        ("ask anna@example.org (person:anna)", "ask {anna@example.org} (person:{anna})"),
        ("person:anna@example.org", "person:{anna@example.org}"),
        ("to person:* and personal:x, person:~ab", "to person:* and personal:x, person:~ab"),
        ("systemd:restart worker@w1.service", "systemd:restart worker@w1.service"),
        ("worker@{component}", "worker@{component}"),
    ],
)
def test_persons_in_free_text_are_hashed(text: str, masked: str) -> None:
    for name in ("anna@example.org", "anna", "bo"):
        masked = masked.replace("{" + name + "}", MASK.of(name))
    assert MASK.text(text) == masked
    assert MASK.text(masked) == masked
    body = {text: [text, {"why": (text,)}]}
    entry = MASK.entry(Entry(kind="approval", who="node", body=body, at=1.0))
    assert entry.body == {masked: [masked, {"why": [masked]}]}


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_address_and_no_principal_gets_into_a_log(before: str, behind: str) -> None:
    log = Log("gadfly/test", Ed25519PrivateKey.generate(), MASK)
    connection = sqlite3.connect(":memory:")
    migrate(connection)
    words = f"{before} anna@example.org person:zoe-of-ops {behind}"
    said = words.encode("utf-8", "replace").decode()
    entry = Entry(kind="review", who="person:zoe-of-ops", body={"words": said, "in": [{"it": said}]}, at=1.0)
    log.append(connection, [entry])
    written = connection.execute("SELECT body FROM ledger_entry").fetchone()[0]
    assert b"anna@example.org" not in written
    assert b"zoe-of-ops" not in written
    connection.close()


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


@pytest.mark.parametrize("subject", ["person:anna", "token:anna@example.org", "automation:x"])
def test_what_stands_hashed_is_found_by_its_name(subject: str) -> None:
    log = Log("gadfly/test", Ed25519PrivateKey.generate(), MASK)
    connection = sqlite3.connect(":memory:")
    migrate(connection)
    log.append(connection, [Entry(kind="token", who="node", about=(subject,), at=1.0)])
    assert [index for index, _, _ in log.about(connection, subject)] == [0]
    connection.close()
