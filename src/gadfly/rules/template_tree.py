"""What a parsed template is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Call:
    """Words of one command: the first may be a function, with the others as arguments."""

    words: list[Any]


@dataclass(slots=True)
class Pipe:
    commands: list[Call]
    names: tuple[str, ...] = ()
    declares: bool = True


@dataclass(slots=True)
class Path:
    """`$x.A.B`, `.A`, `(pipe).A`: a root and fields."""

    root: Any
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class Block:
    kind: str
    pipe: Pipe
    body: list[Any] = field(default_factory=list)
    otherwise: list[Any] = field(default_factory=list)


class Dot:
    pass


DOT = Dot()


@dataclass(slots=True)
class Variable:
    name: str


@dataclass(slots=True)
class Named:
    name: str
