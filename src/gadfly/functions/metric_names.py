"""Which metrics a query in PromQL reads. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from gadfly.promql.parse import parse
from gadfly.promql.tree import Selector

LONGEST = 8192
NAME = "__name__"


def metric_names(query: str) -> list[str]:
    """The names, each once, in their order. QueryError where it cannot be parsed; ValueError where some part
    of it reads series without saying of which metric."""
    if len(query) > LONGEST:
        raise ValueError(f"a query has at most {LONGEST} characters")
    found: list[str] = []
    for selector in _selectors(parse(query)):
        names = [one.value for one in selector.matchers if one.name == NAME and one.op == "="]
        if not names:
            raise ValueError("each part of the query must name its metric in whole, as queue_depth{…}")
        found += names
    return list(dict.fromkeys(found))


def _selectors(node: object) -> Iterator[Selector]:
    if isinstance(node, Selector):
        yield node
    elif isinstance(node, tuple):
        for one in node:
            yield from _selectors(one)
    elif dataclasses.is_dataclass(node):
        for field in dataclasses.fields(node):
            yield from _selectors(getattr(node, field.name))
