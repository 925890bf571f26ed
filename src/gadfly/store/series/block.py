"""Blocks: files that hold all samples of a span of time, and what is to become of them. Pure.

The name is all there is to know: ``raw-20261122T170000-20261122T180000-73.parquet`` holds every sample with
17:00 ≤ at < 18:00 UTC, of series whose numbers are below 73 (so that none of them is given again, even where
the file of names was lost); ``minutes`` and ``hours`` hold one row a minute or an hour instead. No two blocks
hold the same time, so reading needs no choice. A block comes into being by a rename; one made of others
replaces them, and where a crash left both, the one that was made of the other counts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from gadfly.config.series import Series as Settings

Tier = Literal["raw", "minutes", "hours"]
TIERS: tuple[Tier, ...] = ("raw", "minutes", "hours")
STEP = {"minutes": 60_000, "hours": 3_600_000}
"""Milliseconds of a row."""
HOUR = 3_600_000
DAY = 24 * HOUR
MERGED = 50_000_000
"""Rows of blocks that are merged into one at most: sorting more would keep a small machine's disk busy."""

_NAME = re.compile(r"(raw|minutes|hours)-(\d{8}T\d{6})-(\d{8}T\d{6})-(\d{1,10})\.parquet\Z")
_FORM = "%Y%m%dT%H%M%S"
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Block(NamedTuple):
    """Times in ms since the epoch, whole minutes; ``start <= at < end``."""

    start: int
    end: int
    tier: Tier
    bound: int
    """One more than the greatest number of a series in it."""
    size: int = 0
    """Bytes on disk."""

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.tier}-{_text(self.start)}-{_text(self.end)}-{self.bound}.parquet"


def parse(name: str, size: int = 0) -> Block | None:
    """The block of that file name; None where it is no block's."""
    match = _NAME.match(name)
    if match is None:
        return None
    tier, start, end, bound = match.groups()
    try:
        block = Block(_ms(start), _ms(end), tier, int(bound), size)  # type: ignore[arg-type]
    except ValueError:
        return None
    return block if block.start < block.end else None


def listing(folder: Path) -> tuple[list[Block], list[str]]:
    """The blocks in the folder, in the order of time, and the files that a crash left over."""
    found = []
    left = []
    for path in folder.iterdir():
        block = parse(path.name, path.stat().st_size)
        if block is not None:
            found.append(block)
        elif path.name.endswith(".new"):
            left.append(path.name)
    kept, replaced = newest(found)
    return kept, left + [block.name for block in replaced]


def newest(blocks: Iterable[Block]) -> tuple[list[Block], list[Block]]:
    """The blocks that count, in the order of time, and those that another one was made of."""
    # A replacement spans at least as much and is at least as coarse.
    order = sorted(blocks, key=lambda one: (one.end - one.start, TIERS.index(one.tier)), reverse=True)
    kept: list[Block] = []
    replaced = []
    for block in order:
        if any(other.start < block.end and block.start < other.end for other in kept):
            replaced.append(block)
        else:
            kept.append(block)
    return sorted(kept), replaced


class Step(NamedTuple):
    """One thing to do: make `result` of `sources` and remove these; without a result only remove them."""

    sources: tuple[Block, ...]
    result: Block | None


def plan(blocks: Sequence[Block], now: int, settings: Settings, rows: int = 2) -> Step | None:
    """The next thing to do, most urgent first; None: all is as it shall be. Times in ms.

    `rows`: bytes that a row takes at least, from which the rows of blocks to be merged are estimated.
    """
    for block in blocks:
        keep = {"raw": settings.raw, "minutes": settings.minutes, "hours": settings.hours}[block.tier]
        if block.end < now - keep * 1000:
            return thin(block)
    if sum(block.size for block in blocks) > settings.disk_mb * 1_000_000:
        for tier in TIERS:
            old = [block for block in blocks if block.tier == tier]
            if old and (tier != "raw" or len(old) > 1):
                return thin(old[0])
    return _merge(blocks, now, rows)


def thin(block: Block) -> Step:
    """What becomes of a block that is too old: the next tier, or nothing."""
    if block.tier == "hours":
        return Step((block,), None)
    coarser = TIERS[TIERS.index(block.tier) + 1]
    # Of an hour that a full memory split into two blocks there are two rows.
    return Step((block,), block._replace(tier=coarser, size=0))


def _merge(blocks: Sequence[Block], now: int, rows: int) -> Step | None:
    """The blocks of one tier within one day that is over, as one."""
    groups: dict[tuple[Tier, int], list[Block]] = {}
    for block in blocks:
        if block.end <= now // DAY * DAY and block.start // DAY == (block.end - 1) // DAY:
            groups.setdefault((block.tier, block.start // DAY), []).append(block)
    for (tier, _), group in groups.items():
        # Another tier in between would be another block's time within ours.
        between = [b for b in blocks if group[0].start <= b.start < group[-1].end and b.tier != tier]
        if len(group) > 1 and not between and sum(one.size for one in group) <= MERGED * rows:
            return Step(
                tuple(group), Block(group[0].start, group[-1].end, tier, max(one.bound for one in group))
            )
    return None


def moment(ms: int) -> str:
    """A whole second as RFC 3339 in UTC."""
    return (_EPOCH + dt.timedelta(milliseconds=ms)).isoformat().replace("+00:00", "Z")


def _text(ms: int) -> str:
    return (_EPOCH + dt.timedelta(milliseconds=ms)).strftime(_FORM)


def _ms(text: str) -> int:
    return int(dt.datetime.strptime(text, _FORM).replace(tzinfo=dt.UTC).timestamp()) * 1000
