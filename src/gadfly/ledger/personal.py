"""Persons stay outside the ledger, which forgets nothing: they stand in it as salted hashes.

The salt lies beside the key. With it, whoever knows a name finds its entries; without it the hashes tell
nothing, not even to one who guesses names. Erasing the salt forgets everybody, and no hash of the tree
changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from gadfly.ledger.entry import Entry

PREFIX = "person:"
MARK = "~"
"""Begins what is already a hash; no name of ours begins so."""
DIGEST = 12
"""Bytes; enough that no two persons of a billion share one."""


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
        """A principal or subject as it is written: only persons are changed."""
        if subject.startswith(PREFIX):
            return PREFIX + self.of(subject[len(PREFIX) :])
        return subject

    def entry(self, entry: Entry) -> Entry:
        """`entry` without the names of persons in `who` and `about`. Its body is the writer's to mind."""
        if not entry.who.startswith(PREFIX) and not any(one.startswith(PREFIX) for one in entry.about):
            return entry
        return Entry(
            kind=entry.kind,
            who=self.subject(entry.who),
            about=tuple([self.subject(one) for one in entry.about]),
            body=entry.body,
            at=entry.at,
        )

    def names(self, known: Iterable[str]) -> dict[str, str]:
        """Hash → name for the names somebody knows, so that a person may read of persons again."""
        return {self.of(name): name for name in known}
