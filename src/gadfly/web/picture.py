"""Exactly what the web needs of the picture; the rest is in :mod:`gadfly.web.node`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Picture(Protocol):
    """The verdict of every component, in one byte a slot, and what is looked at by name."""

    @property
    def size(self) -> int:
        """Slots in use, free ones among them included."""

    @property
    def verdicts(self) -> NDArray[np.uint8]:
        """At least ``size`` bytes: a :class:`gadfly.monitor.verdict.Verdict`, or 255 for a free slot."""

    @property
    def version(self) -> int:
        """Grows with every change of a verdict; also across restarts, as far as the clock allows."""

    def counts(self) -> Mapping[str, int]:
        """How many components have each verdict, by the verdict's name."""

    def since(self, version: int) -> tuple[int, NDArray[Any], NDArray[Any]] | None:
        """The version now, and the slots that changed after ``version`` with their verdicts now (255: freed).

        Each slot is given once. None: that version is too long ago (or not of this run); take the whole.
        """

    def slot(self, name: str) -> int | None: ...

    def name(self, slot: int) -> str | None:
        """None for a free slot."""

    def row(self, slot: int) -> object:
        """:class:`Row` of a slot in use."""

    def find(
        self,
        q: str = "",
        verdict: Sequence[str] = (),
        owner: str = "",
        group: str = "",
        host: str = "",
        kind: str = "",
        offset: int = 0,
        limit: int = 100,
        order: str = "verdict",
    ) -> tuple[int, Sequence[int]]:
        """How many match, and the slots of one page of them. ``order``: verdict (worst first), name, seen."""

    def arrange(self, by: str) -> Sequence[tuple[str, NDArray[Any]]]:
        """The slots in use by ``group``, ``host``, ``owner`` or ``kind``: (label, slots), labels sorted."""
