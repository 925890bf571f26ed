"""Matchers: labels and the values they must have. `~` makes a value a regular expression, `!` negates."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from gadfly.errors import LimitError, Refused

LIMIT = 32
"""Labels in one matcher, and"""
LENGTH = 500
"""characters in one value, at most: an expression that is longer is a program."""


def check(match: Mapping[str, str]) -> None:
    """Refused or LimitError, in words, where `match` matches by mistake everything or cannot be used."""
    if not match:
        raise Refused("A matcher needs at least one label; without one it would match everything.", 400)
    if len(match) > LIMIT or any(len(text) > LENGTH for pair in match.items() for text in pair):
        raise LimitError(f"A matcher has at most {LIMIT} labels of at most {LENGTH} characters.")
    for label, value in match.items():
        try:
            _compile(value)
        except re.error as error:
            raise Refused(f"{label}: {value!r} is not a regular expression: {error}.", 400) from error


def matches(match: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether every label of `match` fits, as a whole. A label that is not there is an empty value."""
    for label, wanted in match.items():
        value = labels.get(label, "")
        if wanted[:1] in ("~", "!"):
            negate, pattern, plain = _compile(wanted)
            fits = bool(pattern.fullmatch(value)) if pattern else value == plain
            if fits is negate:
                return False
        elif value != wanted:
            return False
    return True


@functools.lru_cache(maxsize=4096)
def _compile(text: str) -> tuple[bool, re.Pattern[str] | None, str]:
    negate = text.startswith("!")
    rest = text[1:] if negate else text
    return negate, re.compile(rest[1:], re.DOTALL) if rest.startswith("~") else None, rest
