"""Which values of a label a matcher means. Expressions run in RE2, in linear time, as in Prometheus.

Python's own `re` would follow a hostile expression for hours with the interpreter locked; RE2 cannot.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import re2

from gadfly.errors import LimitError
from gadfly.promql.source import Matcher

EXPRESSION = 8192
"""Characters of an expression: a dashboard's alternation of a few hundred names fits."""


def test(matcher: Matcher) -> Callable[[str], bool]:
    """Whether a value meets the matcher, negation included. LimitError: the expression cannot be used."""
    wanted = matcher.value
    match matcher.op:
        case "=":
            return lambda value: value == wanted
        case "!=":
            return lambda value: value != wanted
        case "=~":
            return expression(wanted)
        case "!~":
            meets = expression(wanted)
            return lambda value: not meets(value)


@functools.lru_cache(512)
def expression(text: str) -> Callable[[str], bool]:
    """Whether the whole value matches. What is only an alternation of plain words needs no automaton."""
    if text in (".*", ".+"):
        # A dot means no newline.
        return (
            (lambda value: "\n" not in value)
            if text == ".*"
            else lambda value: bool(value) and "\n" not in value
        )
    words = text.split("|")
    if all(_plain(word) for word in words):
        return frozenset(words).__contains__
    if len(text) > EXPRESSION:
        raise LimitError(
            f"The expression has {len(text)} characters, at most {EXPRESSION} are taken: shorten it."
        )
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(f"(?:{text})", options)
    except re2.error as error:
        raise LimitError(
            f"The expression {text!r} cannot be used: {error}. Write it in RE2's syntax."
        ) from error
    return lambda value: compiled.fullmatch(value) is not None


def _plain(word: str) -> bool:
    return not any(mark in word for mark in "\\.+*?()[]{}^$")
