"""How often, as people write it: ``"5 a week"``, ``"2 a day"``, ``"1 an hour"``."""

from __future__ import annotations

import re

WEEK = 604_800.0
FORMS = '"5 a week", "2 a day" or "1 an hour"'

_SPANS = {"hour": 3_600.0, "day": 86_400.0, "week": WEEK}
_FORM = re.compile(r"(\d{1,9}) (?:an? |per )(hour|day|week)", re.ASCII)


def parse(text: str) -> float:
    """How often a week. ValueError, with a message for whoever wrote it, where it is not a rate."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'"{text[:80]}" is not a rate; write {FORMS}')
    return int(found[1]) * WEEK / _SPANS[found[2]]
