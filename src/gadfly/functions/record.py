"""Record mode: a function is run on sample events, and what it needed is the grant it gets.

What was asked for is a first list. Then each line is taken away once: where every sample still comes to its
end, the line is not needed and is left out, with a word about it. Scratch, which nobody asks for, is found by
trying. How a run is done is handed in; :mod:`gadfly.functions.rehearsal` does it in the sandbox.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from gadfly.errors import GadflyError
from gadfly.functions import grant
from gadfly.functions.function import Function

ALIKE = 4
"""Addresses in one folder, asked in one way, from which on the folder is granted: they are numbers or names
of things that come and go, and the next event has others."""
SCRATCH = tuple(f"scratch:{size}MiB" for size in (1, 8, 64, 512))
"""Tried in this order where a function does not come to its end without."""
SAMPLES = 100
"""Events at most."""


class RecordError(GadflyError):
    """A sample on which the function fails whatever it is granted: its owner must mend it, or the sample."""


class Sample(NamedTuple):
    """An event, and what the world answers where it is not as :mod:`gadfly.functions.rehearsal` has it."""

    name: str
    event: Any
    answers: Mapping[str, Any] = {}
    """By grant line: ``http:GET https://files.example/list`` → the answer."""


class Ran(NamedTuple):
    """`failed`: how it ended, empty where it came to its end. `used`: by grant line."""

    failed: str
    used: Mapping[str, int]


class Recorded(NamedTuple):
    """`grants`: the lines; `notes`: what there is to know about them, a sentence each."""

    grants: tuple[str, ...]
    notes: tuple[str, ...]


Run = Callable[[Function, Sample, bool], Awaitable[Ran]]
"""Run it once; with True nothing is denied, and what is asked for is in `used`."""


async def record(function: Function, samples: Sequence[Sample], run: Run) -> Recorded:
    """The minimal grants for these samples. RecordError where one fails whatever is granted."""
    if not samples or len(samples) > SAMPLES:
        raise RecordError(f"give 1 to {SAMPLES} sample events; there are {len(samples)}")
    scratch, used = await _asked(function, samples, run)
    lines, notes = together(used)
    lines = [*lines, *scratch]
    kept = list(lines)
    for line in lines:
        rest = [one for one in kept if one != line]
        if not await _fails(granted(function, rest), samples, run):
            kept = rest
            notes.append(
                f"{line} is left out: it was asked for, and every sample comes to its end without it"
            )
    return Recorded(tuple(kept), tuple(notes))


async def needed(function: Function, lines: Sequence[str], samples: Sequence[Sample], run: Run) -> list[str]:
    """The lines without which a sample fails, each taken away alone."""
    return [
        line
        for line in lines
        if await _fails(granted(function, [one for one in lines if one != line]), samples, run)
    ]


def granted(function: Function, lines: Iterable[str]) -> Function:
    """The same function with these grants."""
    grants = tuple(grant.parse(line) for line in lines)
    scratch = max((int(one.parts[0]) for one in grants if one.verb == "scratch"), default=0)
    limits = msgspec.structs.replace(function.limits, scratch=scratch)
    return msgspec.structs.replace(function, grants=grants, limits=limits)


def together(used: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """The lines, many addresses of one folder as one, and a note for each of those."""
    folders: dict[tuple[str, str], list[str]] = {}
    for line in used:
        one = grant.parse(line)
        if one.verb.startswith("http:") and not one.parts[4] and one.parts[3].rpartition("/")[0]:
            folders.setdefault((one.verb, one.text.rpartition("/")[0]), []).append(line)
    lines, notes = list(used), []
    for (verb, folder), found in folders.items():
        if len(found) < ALIKE:
            continue
        whole = f"{verb} {folder}/*"
        lines = [one for one in lines if one not in found and one != whole] + [whole]
        notes.append(
            f"{whole} stands for {len(found)} addresses there; write them out if they are always the same"
        )
    lines = [one for one in lines if not any(_within(one, other) for other in lines)]
    return sorted(lines), notes


def _within(line: str, other: str) -> bool:
    if line == other:
        return False
    one, wide = grant.parse(line), grant.parse(other)
    return not (one.verb.startswith("http:") and one.parts[4]) and grant.allows(wide, one)


async def _asked(function: Function, samples: Sequence[Sample], run: Run) -> tuple[list[str], Counter[str]]:
    first = ""
    for scratch in ([], *([one] for one in SCRATCH)):
        used: Counter[str] = Counter()
        for sample in samples:
            ran = await run(granted(function, scratch), sample, True)
            if ran.failed:
                first = first or f"{sample.name}: {ran.failed}"
                break
            used.update(ran.used)
        else:
            return scratch, used
    raise RecordError(f"it fails whatever it is granted; mend it, or the sample: {first}")


async def _fails(function: Function, samples: Sequence[Sample], run: Run) -> bool:
    for sample in samples:
        ran = await run(function, sample, False)
        if ran.failed:
            return True
    return False
