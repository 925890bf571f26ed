"""Signed and encrypted parts of collectd's protocol: HMAC-SHA-256, and AES-256 in output feedback.

The key of the cipher is SHA-256 of the password; the first 20 bytes of what was encrypted are SHA-1 of the
rest, by which a wrong password is seen. (SHA-1 is not a MAC: an attacker who may change packets can flip bits
of a known text. What must not be forged is signed, or travels in a tunnel.) Packets have no sequence, so one
that was recorded can be played again; the store takes no sample twice.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from gadfly.errors import FormatError
from gadfly.telemetry.collectd import Part

_HEAD = struct.Struct(">HH")
_MAC = 32
_IV = 16
_SHA1 = 20
LEVELS = ("none", "sign", "encrypt")


class Seal:
    """Opens what its senders sealed. Tells, of one packet at a time, by how much it is sealed."""

    def __init__(self, passwords: Mapping[str, Sequence[bytes]], level: str) -> None:
        """The passwords of each user; `level` is what a packet must at least be."""
        self._passwords = {user.encode(): tuple(words) for user, words in passwords.items()}
        self._keys = {
            user: tuple(hashlib.sha256(word).digest() for word in words)
            for user, words in self._passwords.items()
        }
        self._level = LEVELS.index(level)

    def open(self, part: int, data: bytes) -> bytes:
        """As :data:`gadfly.telemetry.collectd.Open`. FormatError with the word it is counted under."""
        if part == Part.signature:
            return self._signed(data)
        if part == Part.encryption:
            return self._encrypted(data)
        if self._level > 0:
            raise FormatError("unsealed")
        return b""

    def _signed(self, data: bytes) -> bytes:
        length = _HEAD.unpack_from(data)[1]
        user = data[_HEAD.size + _MAC : length]
        if length <= _HEAD.size + _MAC or length > len(data):
            raise FormatError("signature")
        if self._level > 1:
            raise FormatError("unsealed")
        words = self._passwords.get(user)
        if words is None:
            if self._level == 0 and not self._passwords:
                return data[length:]  # nobody's signature can be checked, and none is asked for
            raise FormatError("user")
        said, covered = data[_HEAD.size : _HEAD.size + _MAC], data[_HEAD.size + _MAC :]
        if not any(hmac.compare_digest(hmac.digest(word, covered, "sha256"), said) for word in words):
            raise FormatError("signature")
        return data[length:]

    def _encrypted(self, data: bytes) -> bytes:
        body = data[_HEAD.size :]
        length = int.from_bytes(body[:2], "big")
        start = 2 + length + _IV
        if not 0 < length <= 128 or len(body) < start + _SHA1:
            raise FormatError("encryption")
        user, vector, hidden = body[2 : 2 + length], body[2 + length : start], body[start:]
        if user not in self._keys:
            raise FormatError("user")
        for key in self._keys[user]:
            plain = feedback(key, vector, hidden)
            if hmac.compare_digest(
                hashlib.sha1(plain[_SHA1:], usedforsecurity=False).digest(), plain[:_SHA1]
            ):
                return plain[_SHA1:]
        raise FormatError("encryption")


def feedback(key: bytes, vector: bytes, data: bytes) -> bytes:
    """AES in output feedback, either way.

    Its stream is what chaining of blocks of zeros gives, which every library has.
    """
    blocks = -(-len(data) // _IV)
    stream = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor().update(bytes(blocks * _IV))
    mixed = int.from_bytes(data, "big") ^ int.from_bytes(stream[: len(data)], "big")
    return mixed.to_bytes(len(data), "big")


def auth_file(text: str) -> dict[str, tuple[bytes, ...]]:
    """Users and passwords of collectd's `AuthFile`: `user: password` a line; a user may stand there again.

    Lines that are none are passed over, as collectd does.
    """
    found: dict[str, tuple[bytes, ...]] = {}
    for line in text.splitlines():
        user, colon, word = line.partition(":")
        user, word = user.strip(), word.strip()
        if colon and user and word and not user.startswith("#"):
            found[user] = (*found.get(user, ()), word.encode())
    return found
