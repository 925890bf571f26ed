"""Striking secrets out of what comes back: as they are, and in the forms that servers give them. Pure."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = b"[secret]"
SHORTEST = 8
"""Bytes of a secret at least: a shorter one is guessed, and striking it out would damage ordinary words."""
_ESCAPE = re.compile(r"%[0-9A-F]{2}")


class Struck:
    """The secrets that were used so far, and what they look like."""

    def __init__(self) -> None:
        self._forms: list[bytes] = []

    def add(self, secret: bytes) -> None:
        """From now on it is struck out."""
        known = {*self._forms, *(form for form in forms(secret) if len(form) >= SHORTEST)}
        self._forms = sorted(known, key=len, reverse=True)

    @property
    def used(self) -> bool:
        """Whether there is anything to strike out."""
        return bool(self._forms)

    def data(self, data: bytes) -> bytes:
        """The data without any of them."""
        for form in self._forms:
            if form in data:
                data = data.replace(form, HIDDEN)
        return data

    def text(self, words: str) -> str:
        """The same of a text."""
        if not self._forms:
            return words
        return self.data(words.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def value(self, value: Any) -> Any:
        """The same of plain data: every string in it, keys too."""
        if not self._forms:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(str(key)): self.value(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(one) for one in value]
        return value


def forms(secret: bytes) -> Iterator[bytes]:
    """A secret as it may come back: itself, escaped for addresses, JSON and HTML, in hex, and in Base64
    wherever it begins in there."""
    yield secret
    text = secret.decode("latin-1")
    for quoted in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield quoted.encode()
        yield _ESCAPE.sub(lambda found: found[0].lower(), quoted).encode()
    yield json.dumps(text)[1:-1].encode()
    yield json.dumps(text)[1:-1].replace("/", "\\/").encode()
    yield html.escape(text).encode("latin-1")
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + secret)
        # The first and last letters hold bits of what stands beside it.
        inner = coded[(before * 8 + 5) // 6 : (before + len(secret)) * 8 // 6]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))
