"""Who is believed, by the least that a packet must be and by the passwords that are known."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.telemetry.collectd import parse
from gadfly.telemetry.collectd_seal import Seal, auth_file, feedback

USERS = {"alice": (b"new", b"old"), "bob": (b"other",)}


def test_the_stream_is_that_of_nist() -> None:
    """SP 800-38A, F.4.5: OFB-AES256, the first two blocks."""
    key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    vector = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
    plain = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
    told = bytes.fromhex("dc7e84bfda79164b7ecd8486985d38604febdc6740d20b3ac88f6ad82a4fb08d")
    assert feedback(key, vector, plain) == told
    assert feedback(key, vector, told[:21]) == plain[:21]


@pytest.mark.parametrize(
    ("way", "user", "password", "level", "wrong"),
    [
        ("plain", "", "", "none", ""),
        ("plain", "", "", "sign", "unsealed"),
        ("plain", "", "", "encrypt", "unsealed"),
        ("signed", "alice", "new", "none", ""),
        ("signed", "alice", "old", "sign", ""),
        ("signed", "alice", "new", "encrypt", "unsealed"),
        ("signed", "alice", "other", "none", "signature"),
        ("signed", "mallory", "new", "sign", "user"),
        ("encrypted", "alice", "old", "none", ""),
        ("encrypted", "bob", "other", "encrypt", ""),
        ("encrypted", "bob", "new", "encrypt", "encryption"),
        ("encrypted", "mallory", "new", "encrypt", "user"),
    ],
)
def test_who_is_believed(packets: Any, way: str, user: str, password: str, level: str, wrong: str) -> None:
    data = packets.load()
    if way != "plain":
        data = getattr(packets, way)(data, user, password)
    found = parse(data, Seal(USERS, level).open)
    assert (found.wrong, len(found.values)) == (wrong, 0 if wrong else 1)


def test_where_nobody_has_a_password_a_signature_is_passed_over(packets: Any) -> None:
    assert parse(packets.signed(packets.load(), "x", "y"), Seal({}, "none").open).wrong == ""


def test_a_changed_byte_is_seen(packets: Any) -> None:
    for way in ("signed", "encrypted"):
        data = bytearray(getattr(packets, way)(packets.load(), "alice", "new"))
        data[-3] ^= 1
        assert not parse(bytes(data), Seal(USERS, "sign").open).values


def test_what_is_sealed_twice_is_not_opened(packets: Any) -> None:
    inner = packets.encrypted(packets.load(), "alice", "new")
    assert parse(packets.encrypted(inner, "alice", "new"), Seal(USERS, "none").open).wrong == "nested"


def test_plain_parts_behind_an_encrypted_one_are_not_believed(packets: Any) -> None:
    data = packets.encrypted(packets.load(), "alice", "new") + packets.load("forged")
    found = parse(data, Seal(USERS, "encrypt").open)
    assert [one.name.host for one in found.values] == ["web-1"]
    assert found.wrong == "unsealed"


def test_a_file_of_passwords() -> None:
    text = "# a comment\nalice: new\n alice:old \nbob : p:w\nnobody\n: x\ncarol:\n"
    assert auth_file(text) == {"alice": (b"new", b"old"), "bob": (b"p:w",)}
