"""Tokens: what they may do, and whose they are."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from gadfly.store.tokens import APPROVE, SCOPES
from gadfly.web.answers import Answer, Request

Scope = Annotated[str, Meta(pattern=f"^(?:(?:{'|'.join(SCOPES)})|{APPROVE}:[^\\s]{{1,200}})$")]


class StoredToken(Answer, frozen=True, kw_only=True):
    """A token as the node keeps it. Never given out."""

    id: int
    name: str
    scopes: list[str]
    digest: bytes
    expires: float | None = None
    created: float = 0.0
    person: str = ""


class Token(Answer, frozen=True, kw_only=True):
    id: int
    name: str
    scopes: list[str]
    created: float = 0.0
    expires: float | None = None
    person: str = ""
    """Whose it is; empty: a program's"""


class NewToken(Answer, frozen=True, kw_only=True):
    """Shown once; only a digest is kept."""

    token: str
    id: int
    name: str
    scopes: list[str]
    expires: float | None = None
    person: str = ""


class Tokens(Answer, frozen=True, kw_only=True):
    tokens: list[Token]


class Whoami(Answer, frozen=True, kw_only=True):
    """What the presented token may do, and as whom."""

    name: str
    scopes: list[str]
    principal: str = "nobody"
    """`person:NAME` or `program:NAME`"""


class Minting(Request, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=40)]
    lasts: Annotated[float, Meta(gt=0)] | None = None
    """Seconds; absent: until removed"""
    person: Annotated[str, Meta(max_length=100)] = ""
    """Whose it is, in lower case and as everywhere; empty: a program's, which approves and lifts nothing"""
