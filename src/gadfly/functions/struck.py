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
_LINE = rb"(?:[\r\n]|\\{1,7}+[rn]){0,7}+"
_NAMES = {b"<": b"|lt", b">": b"|gt", b'"': b"|quot", b"'": b"|apos"}
_ESCAPE = re.compile(r"%[0-9A-F]{2}")


class Struck:
    """The secrets that were used so far, and what they look like."""

    def __init__(self) -> None:
        self._forms: list[bytes] = []
        self._escaped: list[re.Pattern[bytes]] = []

    def add(self, secret: bytes) -> None:
        """From now on it is struck out."""
        if secret in self._forms:
            return
        known = {*self._forms, *(form for form in forms(secret) if len(form) >= SHORTEST)}
        self._forms = sorted(known, key=len, reverse=True)
        self._escaped += [re.compile(one) for one in patterns(secret)]

    @property
    def used(self) -> bool:
        """Whether there is anything to strike out."""
        return bool(self._forms)

    def data(self, data: bytes) -> bytes:
        """The data without any of them."""
        for form in self._forms:
            if form in data:
                data = data.replace(form, HIDDEN)
        for pattern in self._escaped:
            data = pattern.sub(HIDDEN, data)
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
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield from _coded(secret)


def patterns(secret: bytes) -> Iterator[bytes]:
    """What finds it where each sign may be escaped in its own way, or twice (JSON within JSON, what templates
    do, a program's own notation), and where Base64 has line ends, as in letters."""
    # Only signs are escaped: one of letters and digits alone stands as it is, and is found as that.
    if re.search(rb"[^A-Za-z0-9]", secret):
        yield b"".join(_sign(one) for one in re.findall(rb"\\+|[\x00-\xff]", secret))
    for one in _coded(secret):
        if len(one) >= SHORTEST:
            yield _LINE.join(re.escape(bytes((letter,))) for letter in one)


def _coded(secret: bytes) -> Iterator[bytes]:
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + secret)
        # The first and last letters hold bits of what stands beside it.
        inner = coded[(before * 8 + 5) // 6 : (before + len(secret)) * 8 // 6]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


def _sign(sign: bytes) -> bytes:
    """One sign, or some backslashes, in every way that it is written. All is bounded: what is looked through
    comes from strangers."""
    if sign.isalnum():
        return re.escape(sign)
    if sign.startswith(b"\\"):
        count = len(sign)
        other = rb"%(?:25){0,7}+5[Cc]|&(?:amp;){0,7}+#(?:0{0,6}+92|[xX]0{0,6}+5[cC]);"
        return rb"(?:\\{%d,%d}+|(?:%b){%d})" % (count, 16 * count, other, count)
    number = sign[0]
    hexed = b"".join(
        b"[%c%c]" % (ord(one.upper()), ord(one)) if one.isalpha() else one.encode() for one in f"{number:02x}"
    )
    ways = [
        rb"\\{0,15}+" + re.escape(sign),
        rb"\\{1,15}+(?:u00|x)" + hexed,
        b"%(?:25){0,7}+" + hexed,
        b"&(?:amp;){0,7}+(?:#0{0,6}+%d|#[xX]0{0,6}+%b%b);" % (number, hexed, _NAMES.get(sign, b"")),
    ]
    longer = {b" ": [rb"\+"], b"&": [b"&(?:amp;){1,7}+"]}.get(sign, [])
    return b"(?:%b)" % b"|".join([*longer, *ways])
