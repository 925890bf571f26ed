"""What stands after an expression and says when it looks: a range, a subquery, an offset, an @."""

from __future__ import annotations

import dataclasses
import math

from gadfly.promql import lex
from gadfly.promql.lex import Token
from gadfly.promql.tree import Anchor, Node, Selector, Subquery, Window
from gadfly.promql.words import Words


def postfix(words: Words, node: Node) -> Node:
    """The node with the range, the offset or the @ that stands after it."""
    token = words.take()
    if token.word == "[":
        return _bracket(words, node, token)
    if token.word == "offset":
        return _shifted(words, node, token, offset=_signed_duration(words))
    return _shifted(words, node, token, at=_anchor(words))


def _bracket(words: Words, node: Node, token: Token) -> Node:
    span = words.duration("range")
    if words.peek().word == ":":
        words.take()
        step = words.duration("subquery selector") if words.peek().kind == "duration" else None
        words.expect("]", "subquery selector")
        if isinstance(node, Window | Subquery):
            words.refuse(
                token.pos,
                "subquery is only allowed on instant vector, got range vector instead",
            )
        return Subquery(node.pos, node, span, step)
    words.expect("]", "matrix selector")
    if not isinstance(node, Selector):
        words.refuse(token.pos, "ranges only allowed for vector selectors")
    if node.offset:
        words.refuse(token.pos, "no offset modifiers allowed before range")
    if node.at is not None:
        words.refuse(token.pos, "no @ modifiers allowed before range")
    return Window(node.pos, node, span)


def _signed_duration(words: Words) -> int:
    back = words.peek().word != "-"
    if not back:
        words.take()
    ms = words.duration("offset")
    return ms if back else -ms


def _anchor(words: Words) -> Anchor:
    if words.peek().word in ("start", "end"):
        word = words.take().word
        words.expect("(", "@")
        words.expect(")", "@")
        return "start" if word == "start" else "end"
    sign = words.take().text if words.peek().word in ("+", "-") else "+"
    if words.peek().kind != "number":
        words.unexpected("@", "timestamp")
    token = words.take()
    seconds = lex.number(token, words.text)
    if not math.isfinite(seconds) or abs(seconds) >= 2**63 / 1000:
        words.refuse(token.pos, f"timestamp out of bounds for @ modifier: {token.text}")
    return round_half_away((-seconds if sign == "-" else seconds) * 1000)


def _shifted(words: Words, node: Node, token: Token, *, offset: int | None = None, at: Anchor = None) -> Node:
    word = "offset" if offset is not None else "@"
    inner = node.selector if isinstance(node, Window) else node
    if not isinstance(inner, Selector | Subquery):
        words.refuse(
            token.pos,
            f"{word} modifier must be preceded by an instant vector selector or range vector selector "
            "or a subquery",
        )
    if inner.offset if offset is not None else inner.at is not None:
        words.refuse(token.pos, f"{word} may not be set multiple times")
    changed = (
        dataclasses.replace(inner, offset=offset) if offset is not None else dataclasses.replace(inner, at=at)
    )
    if isinstance(node, Window):
        assert isinstance(changed, Selector)
        return dataclasses.replace(node, selector=changed)
    return changed


def round_half_away(value: float) -> int:
    """To the nearest whole number, halves away from zero."""
    return math.floor(value + 0.5) if value >= 0 else -math.floor(0.5 - value)
