"""Patterns as people write them for lines: regular expressions of RE2, which never take long, and bounds."""

from __future__ import annotations

import re

import re2

from gadfly import duration
from gadfly.errors import QueryError

LONGEST = 1_000
"""Characters of a pattern."""
BYTES = 8 << 20
"""What a compiled pattern may take."""
MOST = 10_000
"""Lines that a bound may ask for."""
DAY = 86_400.0
_MORE_THAN = re.compile(r"(\d{1,5}) in (\S{1,20})", re.ASCII)


def compiled(pattern: str) -> re2._Regexp:
    """QueryError, in words for whoever wrote it, where it is none."""
    if len(pattern) > LONGEST:
        raise QueryError(f"a pattern has at most {LONGEST} characters", "bad_data")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = BYTES
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        words = error.args[0] if error.args else error
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
        raise QueryError(f"the pattern is not a regular expression of RE2: {text}", "bad_data") from None


def more_than(text: str) -> tuple[int, float]:
    """Lines and seconds of `5 in 10m`. ValueError, for whoever wrote it, where it is not that."""
    found = _MORE_THAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'"{text[:80]}" is no bound on lines; write "5 in 10m"')
    seconds = duration.parse(found[2])
    if not 1 <= int(found[1]) <= MOST or not 1 <= seconds <= DAY:
        raise ValueError(f"write 1 to {MOST:,} lines in 1s to 1d")
    return int(found[1]), seconds
