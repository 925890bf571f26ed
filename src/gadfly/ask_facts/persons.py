"""Persons in facts: whoever tells of them writes their names, and no question sees more than pseudonyms.

What a node knows itself comes masked. What a folder or the API tells is masked on its way into the tables, so
that the person of a rota is the same as the one of a token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gadfly.ask.facts import TABLES
from gadfly.ask.table import Names
from gadfly.ask.world import World
from gadfly.ledger.personal import without_mail

PERSON = "person:"


class MaskedWorld(World):
    """A world that takes each person by the pseudonym."""

    def __init__(self, pseudonym: Callable[[str], str], *, memory: str, threads: int, spill: Path) -> None:
        super().__init__(memory=memory, threads=threads, spill=spill)
        self._pseudonym = pseudonym

    def add(self, table: str, columns: Mapping[str, Sequence[Any]], *, laid: bool = False) -> None:
        """As that of every world; a pseudonym stays as it is."""
        known = TABLES.get(table)
        named = {one.name: one.names for one in known.columns if one.names} if known else {}
        masked = {
            name: self._masked(values, named[name]) if name in named else values
            for name, values in columns.items()
        }
        super().add(table, masked, laid=laid)

    def _masked(self, values: Any, names: Names) -> list[Any]:
        # None where it is masked.
        plain = values.tolist() if isinstance(values, np.ma.MaskedArray) else values
        known: dict[Any, Any] = {}
        for one in plain:
            if one not in known:
                known[one] = masked(one, names, self._pseudonym) if isinstance(one, str) and one else one
        return [known[one] for one in plain]


def masked(text: str, names: Names, pseudonym: Callable[[str], str]) -> str:
    """A cell without the person's name. A person has one name, in whatever case it is written."""
    if names == "words":
        return without_mail(text, pseudonym)
    if names == "principal" and (not text.startswith(PERSON) or text.endswith("*")):
        return text
    found = pseudonym(text.removeprefix(PERSON).casefold())
    return PERSON + found if names == "principal" else found
