"""What the grammar lets through and the types do not: Prometheus' rules for what may stand where."""

from __future__ import annotations

from typing import NoReturn

from gadfly.promql import lex
from gadfly.promql.signatures import SIGNATURES
from gadfly.promql.tree import (
    COMPARISONS,
    NAMES,
    SET_OPERATORS,
    Aggregate,
    Binary,
    Call,
    Kind,
    Node,
    Number,
    Paren,
    Selector,
    String,
    Subquery,
    Unary,
)


def check(node: Node, text: str) -> Kind:
    """The type of the expression. Raises `QueryError` with the place of the first thing that does not fit."""

    def refuse(problem: str, pos: int = node.pos) -> NoReturn:
        lex.refuse(text, pos, problem)

    def want(inner: Node, kind: Kind, where: str) -> None:
        got = check(inner, text)
        if got != kind:
            refuse(f"expected type {NAMES[kind]} in {where}, got {NAMES[got]}", inner.pos)

    match node:
        case Number():
            return "scalar"
        case String():
            return "string"
        case Selector():
            return "vector"
        case Paren():
            return check(node.inner, text)
        case Unary():
            kind = check(node.inner, text)
            if kind not in ("scalar", "vector"):
                refuse(
                    "unary expression only allowed on expressions of type scalar or instant vector, "
                    f"got {NAMES[kind]}"
                )
            return kind
        case Subquery():
            kind = check(node.inner, text)
            if kind != "vector":
                refuse(f"subquery is only allowed on instant vector, got {NAMES[kind]} instead")
            return "matrix"
        case Aggregate():
            want(node.inner, "vector", "aggregation expression")
            if node.param is not None:
                want(
                    node.param,
                    "string" if node.op == "count_values" else "scalar",
                    "aggregation parameter",
                )
            return "vector"
        case Call():
            return _call(node, text)
        case Binary():
            return _binary(node, text)
        case _:
            return "matrix"


def _call(node: Call, text: str) -> Kind:
    signature = SIGNATURES.get(node.name)
    if signature is None:
        lex.refuse(text, node.pos, f"unknown function with name {node.name!r}")
    wanted, given = len(signature.args), len(node.args)
    least = wanted - abs(signature.optional)
    if given < least or (given > wanted and signature.optional != -1):
        how = "exactly" if not signature.optional else "at least" if given < least else "at most"
        count = least if given < least else wanted
        lex.refuse(
            text,
            node.pos,
            f"expected {how} {count} argument(s) in call to {node.name!r}, got {given}",
        )
    for index, arg in enumerate(node.args):
        kind = signature.args[min(index, wanted - 1)]
        got = check(arg, text)
        if got != kind:
            lex.refuse(
                text,
                arg.pos,
                f"expected type {NAMES[kind]} in call to function {node.name!r}, got {NAMES[got]}",
            )
    return signature.gives


def _binary(node: Binary, text: str) -> Kind:
    def refuse(problem: str) -> NoReturn:
        lex.refuse(text, node.pos, problem)

    left, right = check(node.left, text), check(node.right, text)
    if not {left, right} <= {"scalar", "vector"}:
        refuse("binary expression must contain only scalar and instant vector types")
    scalars = (left == "scalar") + (right == "scalar")
    if scalars == 2 and node.op in COMPARISONS and not node.returns_bool:
        refuse("comparisons between scalars must use BOOL modifier")
    if scalars and node.op in SET_OPERATORS:
        refuse(f"set operator {node.op!r} not allowed in binary scalar expression")
    matching = node.matching
    if scalars and matching.labels:
        refuse("vector matching only allowed between instant vectors")
    if matching.many and not scalars and node.op in SET_OPERATORS:
        refuse(f"no grouping allowed for {node.op!r} operation")
    if matching.on:
        for label in matching.labels:
            if label in matching.include:
                refuse(f"label {label!r} must not occur in ON and GROUP clause at once")
    return "scalar" if scalars == 2 else "vector"
