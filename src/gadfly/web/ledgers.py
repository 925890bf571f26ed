"""Exactly what the web needs of the ledger, as :mod:`gadfly.web.node` has it for the rest.

Where a method returns ``object``, the thing has the fields of the struct of that name in
:mod:`gadfly.web.answers.ledger`.
"""

from __future__ import annotations

from typing import Protocol

from gadfly.ledger.checkpoint import Checkpoint


class Ledger(Protocol):
    """What happened and who answers for it, for readers, verifiers and other ledgers."""

    @property
    def newest(self) -> Checkpoint | None:
        """The newest checkpoint with its cosignatures; held in memory."""

    async def tile(self, path: str) -> tuple[bytes, bool]:
        """What lies at a path of tlog-tiles, and whether it is a full tile. Refused (404): nothing does."""

    async def entries(self, about: str, kind: str, who: str, before: int | None, limit: int) -> object:
        """:class:`Entries`, newest first; empty words match everything."""

    async def entry(self, index: int) -> object:
        """:class:`WholeEntry`. Refused (404): there is none."""

    async def receipt(self, index: int) -> str:
        """A C2SP tlog-proof. Refused (404): no checkpoint covers the entry."""

    async def cosign(self, body: bytes) -> str:
        """The answer to a C2SP tlog-witness request. :class:`gadfly.ledger.witness.Denied` otherwise."""

    async def standing(self) -> object:
        """:class:`Standing`: keys, sizes, and what witnesses say."""

    async def ask(self) -> object:
        """Ask every witness now; the :class:`Standing` after that."""
