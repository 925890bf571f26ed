"""Shares of a group or of the fleet, as people write them: ``"25%"``."""

from __future__ import annotations

import functools
import re

_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,4})?)%", re.ASCII)


@functools.lru_cache(maxsize=1024)
def parse(text: str) -> float:
    """0 to 1. ValueError, with a message for whoever wrote it, where it is not a share."""
    found = _SHARE.fullmatch(text)
    if found is None or float(found[1]) > 100:
        raise ValueError(f'"{text[:80]}" is not a share; write a percentage like 25%')
    return float(found[1]) / 100


def allowed(share: float, total: int) -> int:
    """How many of `total` are within `share`: rounded down, but one of any that are there (0 % is none)."""
    return max(int(share * total + 1e-9), 1 if share > 0 and total > 0 else 0)


def needed(share: float, total: int) -> int:
    """How many of `total` must be left so that `share` of them is kept: rounded up, but one may always go."""
    return min(-int(-(share * total - 1e-9) // 1), max(total - 1, 0)) if share < 1 else total
