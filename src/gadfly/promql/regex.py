"""Regular expressions of matchers and label_replace: RE2 itself, which takes the syntax of Go's engine and
takes time linear in the text, whatever the expression."""

from __future__ import annotations

import functools

import re2

LONGEST = 8192


@functools.lru_cache(maxsize=1024)
def compiled(pattern: str) -> re2._Regexp:
    """The expression; what it is for is `fullmatch`. Raises ValueError, which says what is wrong with it."""
    if len(pattern) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else "not an expression"
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from None
