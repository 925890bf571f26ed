"""What changed since a version of the picture, for watchers that hold an earlier one."""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

Slots = npt.NDArray[np.uint32]
Bytes = npt.NDArray[np.uint8]


class Changelog:
    """The last changes, bounded by their number; who asks for older ones takes the whole picture again."""

    def __init__(self, start: int = 0, limit: int = 400_000) -> None:
        """`start` is the first version; made of the clock, it grows across restarts too."""
        self.version = start
        self._limit = limit
        self._kept = 0
        self._batches: deque[tuple[int, Slots]] = deque()

    def add(self, slots: Slots) -> None:
        """Record that the verdicts of these slots changed; makes the next version."""
        self.version += 1
        self._batches.append((self.version, slots))
        self._kept += len(slots)
        while self._kept > self._limit and len(self._batches) > 1:
            self._kept -= len(self._batches.popleft()[1])

    def since(self, version: int) -> Slots | None:
        """Slots changed after `version`, each once; None where that is no longer (or was never) known."""
        if version > self.version or version < 0:
            return None
        if version == self.version:
            return np.empty(0, np.uint32)
        if not self._batches or self._batches[0][0] > version + 1:
            return None
        newer = [slots for at, slots in self._batches if at > version]
        return np.unique(np.concatenate(newer))
