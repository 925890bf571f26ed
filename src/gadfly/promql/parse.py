"""From text to tree: the grammar of Prometheus 2.42, by operator precedence.

The parser is our own, so that every error has its place and no text, however nested, can do more than be
refused (docs/decisions/0015).
"""

from __future__ import annotations

import dataclasses
import functools

from gadfly.promql import lex
from gadfly.promql.check import check
from gadfly.promql.lex import Token
from gadfly.promql.postfix import postfix
from gadfly.promql.regex import compiled
from gadfly.promql.source import Matcher
from gadfly.promql.tree import (
    AGGREGATIONS,
    COMPARISONS,
    PARAMETERISED,
    Aggregate,
    Binary,
    Call,
    Matching,
    Node,
    Number,
    Paren,
    Selector,
    String,
    Unary,
)
from gadfly.promql.words import Words

LONGEST_TEXT = 65_536
DEEPEST = 150
_LEVELS = (
    ("or",),
    ("and", "unless"),
    tuple(COMPARISONS),
    ("+", "-"),
    ("*", "/", "%", "atan2"),
    ("^",),
)
PRECEDENCE = {op: level for level, ops in enumerate(_LEVELS) for op in ops}
_POWER = PRECEDENCE["^"]
# Keywords that the grammar does not let stand for a metric's name.
_NEVER_METRIC = frozenset(("bool", "on", "ignoring", "group_left", "group_right", "atan2"))


@functools.lru_cache(maxsize=1024)
def parse(text: str) -> Node:
    """The checked tree of an expression. Raises `QueryError` with line and column."""
    if len(text) > LONGEST_TEXT:
        lex.refuse(text, 0, f"longer than {LONGEST_TEXT} characters")
    parser = _Parser(text)
    if parser.peek().kind == "end":
        lex.refuse(text, 0, "no expression found in input")
    node = parser.expression(0, 0)
    if parser.peek().kind != "end":
        parser.unexpected("")
    check(node, text)
    return node


def parse_selector(text: str) -> tuple[Matcher, ...]:
    """The matchers of a plain selector, as `match[]` takes them. Raises `QueryError`."""
    node = parse(text)
    if not isinstance(node, Selector) or node.offset or node.at is not None:
        lex.refuse(text, 0, "expected a metric selector without modifiers")
    return node.matchers


class _Parser(Words):
    def expression(self, lowest: int, depth: int) -> Node:
        """An expression of operators that bind at least as tightly as `lowest`."""
        left = self._operand(depth)
        while (level := PRECEDENCE.get(self.peek().word, -1)) >= lowest:
            depth += 1
            op = self.take()
            returns_bool, matching = self._modifiers(op)
            right = self.expression(level if op.word == "^" else level + 1, depth + 1)
            left = Binary(left.pos, op.word, left, right, returns_bool, matching)
        return left

    def _modifiers(self, op: Token) -> tuple[bool, Matching]:
        returns_bool = self.peek().word == "bool"
        if returns_bool:
            self.take()
        matching = Matching()
        if self.peek().word in ("on", "ignoring"):
            on = self.take().word == "on"
            matching = Matching(on=on, labels=self.labels())
            if self.peek().word in ("group_left", "group_right"):
                many = self.take().word
                include = self.labels() if self.peek().word == "(" else ()
                matching = dataclasses.replace(
                    matching, many="left" if many == "group_left" else "right", include=include
                )
        if returns_bool and op.word not in COMPARISONS:
            self.refuse(op.pos, "bool modifier can only be used on comparison operators")
        return returns_bool, matching

    def _operand(self, depth: int) -> Node:
        if depth > DEEPEST:
            self.refuse(self.peek().pos, f"nested or chained more than {DEEPEST} deep")
        if self.peek().word in ("+", "-"):
            sign = self.take()
            inner = self.expression(_POWER, depth + 1)
            if isinstance(inner, Number):
                return Number(sign.pos, -inner.value if sign.text == "-" else inner.value)
            return Unary(sign.pos, sign.text, inner)
        node = self._primary(depth)
        while self.peek().word in ("[", "offset", "@"):
            node = postfix(self, node)
        return node

    def _primary(self, depth: int) -> Node:
        token = self.peek()
        if token.kind == "number":
            self.take()
            return Number(token.pos, lex.number(token, self.text))
        if token.kind == "string":
            self.take()
            return String(token.pos, lex.string(token, self.text))
        if token.word == "(":
            self.take()
            inner = self.expression(0, depth + 1)
            self.expect(")", "parenthesised expression")
            return Paren(token.pos, inner)
        if token.word == "{":
            return self._selector(None)
        if token.word in AGGREGATIONS and self.peek(1).word in ("(", "by", "without"):
            return self._aggregate(depth)
        if token.kind == "name" or (token.kind == "keyword" and token.word not in _NEVER_METRIC):
            self.take()
            if token.kind == "name" and ":" not in token.text and self.peek().word == "(":
                return Call(token.pos, token.text, self._arguments(depth))
            return self._selector(token)
        return self.unexpected("")

    def _arguments(self, depth: int) -> tuple[Node, ...]:
        self.expect("(", "call")
        args: list[Node] = []
        if self.peek().word != ")":
            args.append(self.expression(0, depth + 1))
            while self.peek().word == ",":
                self.take()
                if self.peek().word == ")":
                    self.unexpected("call: trailing commas not allowed")
                args.append(self.expression(0, depth + 1))
        self.expect(")", "call")
        return tuple(args)

    def _aggregate(self, depth: int) -> Node:
        op = self.take()
        without, labels, grouped = False, tuple[str, ...](), False
        if self.peek().word in ("by", "without"):
            without, labels, grouped = self.take().word == "without", self.labels(), True
        args = self._arguments(depth)
        if not grouped and self.peek().word in ("by", "without"):
            without, labels = self.take().word == "without", self.labels()
        wanted = 2 if op.word in PARAMETERISED else 1
        if len(args) != wanted:
            self.refuse(
                op.pos,
                f"wrong number of arguments for aggregate expression provided, expected {wanted}, "
                f"got {len(args)}",
            )
        return Aggregate(op.pos, op.word, args[-1], args[0] if wanted == 2 else None, labels, without)

    def _selector(self, name: Token | None) -> Selector:
        pos = name.pos if name else self.peek().pos
        matchers: list[Matcher] = []
        if self.peek().word == "{":
            self.take()
            while self.peek().word != "}":
                matchers.append(self._matcher())
                if self.peek().word != ",":
                    break
                self.take()
            self.expect("}", "label matching")
        if name:
            for matcher in matchers:
                if matcher.name == "__name__":
                    self.refuse(
                        pos,
                        f"metric name must not be set twice: {name.text!r} or {matcher.value!r}",
                    )
            matchers.append(Matcher("__name__", "=", name.text))
        if not any(_wants_something(matcher) for matcher in matchers):
            self.refuse(pos, "vector selector must contain at least one non-empty matcher")
        return Selector(pos, tuple(matchers))

    def _matcher(self) -> Matcher:
        name = self.label("label matching")
        if self.peek().word not in ("=", "!=", "=~", "!~"):
            self.unexpected("label matching", "label matching operator")
        op = self.take()
        if self.peek().kind != "string":
            self.unexpected("label matching", "string")
        token = self.take()
        value = lex.string(token, self.text)
        if op.text in ("=~", "!~"):
            try:
                compiled(value)
            except ValueError as error:
                self.refuse(token.pos, f"regular expression {value!r}: {error}")
        return Matcher(name, op.text, value)  # type: ignore[arg-type]  # one of the four, as seen above


def _wants_something(matcher: Matcher) -> bool:
    """Whether it does not hold for a label that is not there."""
    if matcher.op in ("=", "!="):
        return (matcher.value == "") == (matcher.op == "!=")
    empty = compiled(matcher.value).fullmatch("") is not None
    return empty == (matcher.op == "!~")
