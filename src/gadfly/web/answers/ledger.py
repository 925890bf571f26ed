"""The answers of the API that concern the ledger. Times are seconds since the epoch."""

from __future__ import annotations

from typing import Any

from gadfly.web.answers import Answer


class Entry(Answer, frozen=True, kw_only=True):
    """A line of the ledger."""

    index: int
    """Its place in the tree, from 0."""
    at: float
    kind: str
    who: str
    """The principal: `node`, `program:NAME`, `automation:NAME`, `person:HASH`."""
    by: str
    """The same as people say it."""
    about: list[str]
    """Subjects, as `component:checkout`."""
    sentence: str
    body: dict[str, Any]


class Entries(Answer, frozen=True, kw_only=True):
    """A page of the ledger, newest first."""

    entries: list[Entry]
    before: int | None = None
    """Where older ones begin; null: there are none. A page may be short, even empty, and have more behind."""


class WholeEntry(Entry, frozen=True, kw_only=True):
    """An entry with its bytes."""

    covered: bool
    """Whether a checkpoint covers it: then it can be proven."""
    canonical: str
    """RFC 8785 JSON: the bytes that are hashed into the tree."""
    components: tuple[str, ...] = ()
    """Of a burst: whom the history names. The digest in the body is that of these names."""


class Asked(Answer, frozen=True, kw_only=True):
    """A witness that this node asks."""

    name: str
    key: str
    """Its verifier key."""
    url: str
    standing: str
    """unasked, cosigned, behind, refused, ahead, contradicted or unreachable."""
    words: str = ""
    """What somebody must know or do."""
    size: int = 0
    """Entries of ours that it cosigned."""
    at: float = 0.0


class Witnessed(Answer, frozen=True, kw_only=True):
    """A ledger that this node witnesses."""

    origin: str
    size: int
    root: str
    at: float


class Conflict(Answer, frozen=True, kw_only=True):
    """A signed checkpoint that this node refused to cosign."""

    origin: str
    at: float
    why: str
    """forked: with the one that was kept it is proof by itself; unproved: no proof came with it."""
    kept: str
    note: str


class Standing(Answer, frozen=True, kw_only=True):
    """How the ledger stands."""

    origin: str
    key: str
    """The verifier key of this ledger."""
    witness_key: str
    """The verifier key under which this node cosigns other ledgers."""
    size: int
    root: str
    checkpoint: str
    trouble: str = ""
    """Why nothing is recorded or signed at the moment; empty: it is."""
    witnesses: tuple[Asked, ...] = ()
    witnessed: tuple[Witnessed, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
