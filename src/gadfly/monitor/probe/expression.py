"""What a regular expression may cost on hostile text, estimated before it is run.

Python's matcher backtracks: ``(a+)+$`` on thirty letters runs for minutes, and nothing in the process can
stop it. So an expression is run here only if its worst case is small for a text of that length; otherwise
:mod:`~gadfly.monitor.probe.judge` runs it in a process that can be killed.
"""

from __future__ import annotations

import re
from functools import lru_cache

AFFORDABLE = 1_000_000
"""Steps of the matcher that may be spent in the node's own process: some ten milliseconds."""

_ESCAPE = re.compile(r"\\(\d)|\\.", re.DOTALL)
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
_REPEAT = re.compile(r"[*+]|\{\d*,?\d*\}")
_GROUP_REPEAT = re.compile(r"\)(?:[*+]|\{\d*,?\d*\})")


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """:raises re.error: if this is not a regular expression."""
    return re.compile(pattern)


@lru_cache(maxsize=1024)
def shape(pattern: str) -> tuple[bool, int, int]:
    """``(nested, repeats, branches)``: a repeat over a group or a back reference may cost exponentially
    much; each other repeat adds a power of the text's length; each branch may double the work.
    """
    if any(found[1] for found in _ESCAPE.finditer(pattern)) or "(?P=" in pattern:
        return True, 0, 0
    plain = _CLASS.sub("x", _ESCAPE.sub("x", pattern))
    plain = plain.replace("(?", "(")
    return (
        _GROUP_REPEAT.search(plain) is not None,
        len(_REPEAT.findall(plain)),
        plain.count("?") + plain.count("|"),
    )


def affordable(pattern: str, length: int) -> bool:
    """Whether searching a text of so many characters is quick even at worst."""
    nested, repeats, branches = shape(pattern)
    if nested or repeats > 8 or branches > 16:
        return False
    return int(len(pattern) * max(1, length) ** (repeats + 1) * 2**branches) <= AFFORDABLE * max(
        1, len(pattern) if not repeats and not branches else 1
    )
