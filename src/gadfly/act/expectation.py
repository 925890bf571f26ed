"""What must hold after an act, as it is written in `expect`: ``component alive within 30s``."""

from __future__ import annotations

import re

import msgspec

from gadfly import duration
from gadfly.act.trigger import STATES

FORM = "component alive within 30s"
LONGEST = 3600.0
"""Seconds that an outcome is waited for at most: until then everything that the act used stays used."""

_FORM = re.compile(r"component ([a-z]+) within (\S+)")


class Expectation(msgspec.Struct, frozen=True):
    """Each target must be `state` (a word of the picture or of the ear) within so many seconds."""

    state: str
    within: float


def parse(text: str) -> Expectation:
    """ValueError, with a message for whoever wrote it, where nothing could be measured."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'"{text[:80]}" cannot be measured; write {FORM}')
    if found[1] not in STATES:
        raise ValueError(f'a component is never "{found[1][:40]}"; it is one of {", ".join(sorted(STATES))}')
    within = duration.parse(found[2])
    if not 0 < within <= LONGEST:
        raise ValueError(f"an outcome is measured within {duration.format(LONGEST)}; write a shorter time")
    return Expectation(found[1], within)
