"""Matchers: labels and the values they must have. `~` makes a value a regular expression, `!` negates."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping

from gadfly.errors import LimitError, Refused
from gadfly.monitor.probe.expression import shape

LIMIT = 32
"""Labels in one matcher, and"""
LENGTH = 500
"""characters in one value, at most: an expression that is longer is a program. A label's value that is longer
fits no expression."""
STEPS = 25_000_000
"""Steps of the matcher that an expression may need at worst, by estimate: the time of all alerts waits."""


def check(match: Mapping[str, str]) -> None:
    """Refused or LimitError, in words, where `match` matches by mistake everything or cannot be used."""
    if not match:
        raise Refused("A matcher needs at least one label; without one it would match everything.", 400)
    if len(match) > LIMIT or any(len(text) > LENGTH for pair in match.items() for text in pair):
        raise LimitError(f"A matcher has at most {LIMIT} labels of at most {LENGTH} characters.")
    for label, value in match.items():
        try:
            _, pattern, _ = _compile(value)
        except (re.error, RecursionError, OverflowError) as error:
            raise Refused(f"{label}: {value!r} is not a regular expression: {error}.", 400) from error
        if pattern is not None and costly(pattern.pattern):
            raise Refused(
                f"{label}: {value!r} may take too long on some names. Repeat no group (as in (a+)+), and use "
                "at most three of * and +, or write several silences.",
                400,
            )


def costly(pattern: str) -> bool:
    """Whether matching could take long at worst. Python's matcher backtracks, and nothing can stop it.

    A repeated group or a back reference may cost exponentially much; every other repeat is a power of the
    text's length, every `?` may double the work, and every group with alternatives multiplies it.
    """
    repeated_group, repeats, _ = shape(pattern)
    if repeated_group:
        return True
    groups = max(1, pattern.count("("))
    optional = pattern.count("?") - pattern.count("(?")
    steps = (
        math.log(LENGTH) * repeats
        - math.lgamma(repeats + 1)
        + math.log(2) * optional
        + math.log(pattern.count("|") / groups + 1) * groups
    )
    return steps > math.log(STEPS)


def matches(match: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether every label of `match` fits, as a whole. A label that is not there is an empty value."""
    for label, wanted in match.items():
        value = labels.get(label, "")
        if wanted[:1] in ("~", "!"):
            negate, pattern, plain = _compile(wanted)
            if pattern is None:
                fits = value == plain
            else:
                fits = len(value) <= LENGTH and pattern.fullmatch(value) is not None
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
