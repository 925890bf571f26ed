"""The kinds of questions that are asked here: ours and those of the folder, tuned, without the muted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from gadfly.act.automation import end_of
from gadfly.ask.kind import Kind, tuned
from gadfly.config import Config
from gadfly.errors import ConfigError


class Kinds:
    """`config` is that in force, `now` the wall clock. Files are read when somebody asks first."""

    def __init__(self, config: Callable[[], Config], now: Callable[[], float]) -> None:
        self._config = config
        self._now = now
        self._fresh = False
        self._good: Mapping[str, Kind] = {}

    def stale(self) -> None:
        """Files or the configuration may be others: they are read again."""
        self._fresh = False

    @property
    def whole(self) -> bool:
        """All of them could be read when they were asked for last."""
        return self._fresh

    async def asked(self) -> Mapping[str, Kind]:
        """By name, with their thresholds. ConfigError: one cannot be read; or `[ask.kind]` names one, or a
        threshold, that there is not."""
        if not self._fresh:
            self._good = await asyncio.to_thread(lambda: tuned(self.every(), self._thresholds()))
            self._fresh = True
        return self.last()

    def last(self) -> Mapping[str, Kind]:
        """The same, as they could be read last; empty: never yet. So an error in a file ends nothing that is
        under way."""
        now = self._now()
        return {name: one for name, one in self._good.items() if not self.muted(name, now)}

    def every(self) -> dict[str, Kind]:
        """Ours and those of the folder, muted or not. Reads files. ConfigError."""
        from gadfly.ask import kinds

        folder = self._config().ask.kinds
        return kinds.load(Path(folder).expanduser() if folder else None)

    def shown(self) -> Mapping[str, Kind]:
        """The same, of which what was asked is told: where a file is wrong, ours and what could be read."""
        try:
            return self.every()
        except ConfigError:
            from gadfly.ask import kinds

            return {**kinds.load(), **self._good}

    def muted(self, kind: str, now: float) -> bool:
        """Whether this place does not want it asked."""
        one = self._config().ask.kind.get(kind)
        return one is not None and one.muted and (one.review is None or now < end_of(one.review))

    def _thresholds(self) -> dict[str, dict[str, float]]:
        return {name: one.threshold for name, one in self._config().ask.kind.items()}
