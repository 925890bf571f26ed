"""The picture as people ask for it: rows, pages of rows, and an order for the grid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gadfly.monitor import search
from gadfly.monitor.card import KINDS
from gadfly.monitor.columns import FREE
from gadfly.monitor.picture import Picture
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict


class View:
    """What the page and the API see of a :class:`Picture`.

    `silenced` says whether alerts about a subject with this verdict are silenced now.
    """

    def __init__(self, picture: Picture, silenced: Callable[[Subject, Verdict], bool]) -> None:
        self._picture = picture
        self._silenced = silenced

    @property
    def size(self) -> int:
        return self._picture.size

    @property
    def verdicts(self) -> npt.NDArray[np.uint8]:
        return self._picture.verdicts

    @property
    def version(self) -> int:
        return self._picture.version

    def counts(self) -> dict[str, int]:
        return self._picture.counts()

    def since(self, version: int) -> tuple[int, npt.NDArray[np.uint32], npt.NDArray[np.uint8]] | None:
        return self._picture.since(version)

    def slot(self, name: str) -> int | None:
        return self._picture.slot(name)

    def name(self, slot: int) -> str | None:
        if not 0 <= slot < self.size or self.verdicts[slot] == FREE:
            return None
        return self._picture.name(slot)

    def row(self, slot: int) -> dict[str, Any]:
        """One component of a list."""
        columns = self._picture.columns
        verdict = Verdict(int(self.verdicts[slot]))
        return {
            "slot": slot,
            "name": self._picture.name(slot),
            "kind": KINDS[columns.kind[slot]],
            "verdict": verdict.name,
            "reason": self._picture.reason(slot),
            "since": float(columns.since[slot]) or None,
            "seen": self.seen(slot),
            "owner": columns.owners.words[columns.owner[slot]],
            "group": columns.groups.words[columns.group[slot]],
            "host": columns.hosts.words[columns.host[slot]],
            "silenced": self._silenced(self._picture.subject(slot), verdict),
        }

    def seen(self, slot: int) -> float | None:
        """When it last gave a sign, by a beat or by an answer to a probe; wall seconds."""
        beat = int(self._picture.heard.seen_wall[slot]) / 1e9
        return max([beat, *(asked.at for asked in self._picture.probes(slot))]) or None

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
    ) -> tuple[int, list[int]]:
        return search.find(
            self._picture,
            q=q,
            verdict=verdict,
            owner=owner,
            group=group,
            host=host,
            kind=kind,
            offset=offset,
            limit=limit,
            order=order,
        )

    def arrange(self, by: str) -> list[tuple[str, npt.NDArray[np.int64]]]:
        return search.arrange(self._picture, by)
