"""What a parsed expression is: a tree of these nodes. `pos` is where in the text a node begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gadfly.promql.source import Matcher

Kind = Literal["scalar", "vector", "matrix", "string"]
Anchor = int | Literal["start", "end"] | None
"""The @ modifier: ms since the epoch, the query's start or end, or none."""

NAMES: dict[Kind, str] = {
    "scalar": "scalar",
    "vector": "instant vector",
    "matrix": "range vector",
    "string": "string",
}


@dataclass(frozen=True, slots=True)
class Number:
    pos: int
    value: float


@dataclass(frozen=True, slots=True)
class String:
    pos: int
    value: str


@dataclass(frozen=True, slots=True)
class Paren:
    pos: int
    inner: Node


@dataclass(frozen=True, slots=True)
class Unary:
    pos: int
    op: str
    inner: Node


@dataclass(frozen=True, slots=True)
class Selector:
    """An instant selector; `offset` in ms, positive into the past."""

    pos: int
    matchers: tuple[Matcher, ...]
    offset: int = 0
    at: Anchor = None


@dataclass(frozen=True, slots=True)
class Window:
    """A range selector, `foo[5m]`; offset and @ stand in its selector. `span` in ms."""

    pos: int
    selector: Selector
    span: int


@dataclass(frozen=True, slots=True)
class Subquery:
    """`expr[span:step]`; all in ms; a step of None is the default one."""

    pos: int
    inner: Node
    span: int
    step: int | None
    offset: int = 0
    at: Anchor = None


@dataclass(frozen=True, slots=True)
class Call:
    pos: int
    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    pos: int
    op: str
    inner: Node
    param: Node | None
    labels: tuple[str, ...]
    without: bool


@dataclass(frozen=True, slots=True)
class Matching:
    """How the elements of two vectors find each other. `many` names the side of which several may match."""

    on: bool = False
    labels: tuple[str, ...] = ()
    many: Literal["left", "right"] | None = None
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    pos: int
    op: str
    left: Node
    right: Node
    returns_bool: bool
    matching: Matching


Node = Number | String | Paren | Unary | Selector | Window | Subquery | Call | Aggregate | Binary

COMPARISONS = frozenset(("==", "!=", "<=", "<", ">=", ">"))
SET_OPERATORS = frozenset(("and", "or", "unless"))
AGGREGATIONS = frozenset(
    (
        "sum",
        "min",
        "max",
        "avg",
        "group",
        "stddev",
        "stdvar",
        "count",
        "count_values",
        "bottomk",
        "topk",
        "quantile",
    )
)
PARAMETERISED = frozenset(("count_values", "bottomk", "topk", "quantile"))


def bare(node: Node) -> Node:
    """The node without the parentheses around it."""
    while isinstance(node, Paren):
        node = node.inner
    return node
