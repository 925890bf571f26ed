"""Which expressions do not depend on the time of the step, so that one evaluation serves all."""

from __future__ import annotations

from gadfly.promql.signatures import DATES
from gadfly.promql.tree import (
    Aggregate,
    Binary,
    Call,
    Node,
    Number,
    Paren,
    Selector,
    String,
    Subquery,
    Unary,
    Window,
)

_TELLS_TIME = frozenset((*DATES, "predict_linear", "time", "timestamp"))


def is_fixed(node: Node) -> bool:
    """Whether it comes to the same at every step: everything in it is fixed by @ or is a literal."""
    match node:
        case Number() | String():
            return True
        case Selector() | Subquery():
            return node.at is not None
        case Window():
            return node.selector.at is not None
        case Paren() | Unary() | Aggregate():
            # Prometheus asks only what is aggregated: a parameter that moves counts as at the first step.
            return is_fixed(node.inner)
        case Binary():
            return is_fixed(node.left) and is_fixed(node.right)
        case Call():
            return node.name not in _TELLS_TIME and all(is_fixed(arg) for arg in node.args)
