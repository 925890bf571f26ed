"""Persons stay outside the ledger, which forgets nothing: they stand in it as salted hashes.

The salt lies beside the key. With it, whoever knows a name finds its entries; without it the hashes tell
nothing, not even to one who guesses names. Erasing the salt forgets everybody, and no hash of the tree
changes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Any

from gadfly.ledger.entry import Entry

PREFIX = "person:"
MARK = "~"
"""Begins what is already a hash; no name of ours begins so."""
DIGEST = 12
"""Bytes; enough that no two persons of a billion share one."""
_MAIL = re.compile(r"[^\s@<>\"',;:()\[\]/→]{1,64}@[^\s@<>\"',;:()\[\]/→]+\.([A-Za-z][A-Za-z0-9-]*)")
_UNITS = frozenset({"service", "socket", "timer", "mount", "slice", "scope", "path", "swap"})
"""`worker@1.service` is a unit of systemd and no address: what was restarted must be told. None of these is
a top-level domain."""
_PERSON = re.compile(r"\bperson:([^\W_](?:[\w.@+-]*\w)?)")
"""A person's principal within a text."""


def without_mail(text: str, hashed: Callable[[str], str]) -> str:
    """The text with every mail address in it hashed."""
    if "@" not in text:
        return text
    return _MAIL.sub(lambda found: found.group() if found.group(1) in _UNITS else hashed(found.group()), text)


def may_name(text: bytes) -> bool:
    """Whether persons may be named in an entry's bytes. Cheap, so that it can be asked of every entry."""
    return b"@" in text or b"person:" in text


class Mask:
    """Replaces names by their hashes. `salt` has 32 random bytes."""

    def __init__(self, salt: bytes) -> None:
        if len(salt) != 32:
            raise ValueError("the salt has 32 bytes")
        self._salt = salt

    def of(self, name: str) -> str:
        """What stands in the ledger for `name` (a person's name, an address); harmless when repeated."""
        if name.startswith(MARK):
            return name
        return MARK + hashlib.blake2b(name.encode(), key=self._salt, digest_size=DIGEST).hexdigest()

    def subject(self, subject: str) -> str:
        """A principal or subject as it is written: persons and mail addresses are changed."""
        if subject.startswith(PREFIX):
            return PREFIX + self.of(subject[len(PREFIX) :])
        return without_mail(subject, self.of)

    def text(self, text: str) -> str:
        """Free text, with principals of persons and mail addresses hashed wherever they stand in it."""
        said = _PERSON.sub(lambda found: PREFIX + self.of(found.group(1)), text) if PREFIX in text else text
        return without_mail(said, self.of)

    def entry(self, entry: Entry) -> Entry:
        """`entry` without principals of persons and without mail addresses, in its body too.

        A name that somebody writes into a reason is a word like any other, and stays.
        """
        return Entry(
            kind=entry.kind,
            who=self.subject(entry.who),
            about=tuple([self.subject(one) for one in entry.about]),
            body={self.text(key): self._value(one) for key, one in entry.body.items()},
            at=entry.at,
        )

    def _value(self, value: Any) -> Any:
        match value:
            case str():
                return self.text(value)
            case dict():
                return {
                    self.text(key) if isinstance(key, str) else key: self._value(one)
                    for key, one in value.items()
                }
            case list() | tuple():
                return [self._value(one) for one in value]
        return value

    def names(self, known: Iterable[str]) -> dict[str, str]:
        """Hash → name for the names somebody knows, so that a person may read of persons again."""
        return {self.of(name): name for name in known}
