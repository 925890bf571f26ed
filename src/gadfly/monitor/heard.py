"""What the picture may know of the ear's members: a view that a test can make of plain arrays."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt


class Heard(Protocol):
    """Columns over slots. Times are nanoseconds; `since` and `seen_wall` on the wall clock."""

    @property
    def size(self) -> int: ...
    @property
    def liveness(self) -> npt.NDArray[np.uint8]: ...
    @property
    def status(self) -> npt.NDArray[np.uint8]: ...
    @property
    def reason(self) -> npt.NDArray[np.uint8]: ...
    @property
    def since(self) -> npt.NDArray[np.int64]: ...
    @property
    def seen_wall(self) -> npt.NDArray[np.int64]: ...
    @property
    def interval(self) -> npt.NDArray[np.uint32]: ...
    @property
    def id(self) -> npt.NDArray[np.uint64]: ...
    @property
    def incarnation(self) -> npt.NDArray[np.uint64]: ...

    def card(self, slot: int) -> bytes: ...

    def source(self, slot: int) -> str: ...

    def find(self, ids: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]: ...


Events = npt.NDArray[Any]
"""The ear's batch: fields slot, before, after, why, kind, at, wall (see hearing.EVENT)."""
