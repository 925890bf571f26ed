"""Components as they were written down before the node started, and how the ear is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from gadfly.monitor.control import CHUNK, LARGEST, RESTORED, pack_restored
from gadfly.telemetry.frame import PAYLOAD, component_id


class Known(Protocol):
    """A component as it was written down; :class:`gadfly.store.heard.Heard` is one."""

    @property
    def name(self) -> str: ...
    @property
    def card(self) -> bytes: ...
    @property
    def interval(self) -> float:
        """Seconds; 0 does not beat."""

    @property
    def last_seen(self) -> float:
        """Seconds since the epoch."""

    @property
    def liveness(self) -> int: ...
    @property
    def status(self) -> int: ...
    @property
    def incarnation(self) -> int:
        """0: not known."""


def messages(rows: Sequence[Known]) -> Iterator[bytes]:
    """The rows as bodies of ``Say.restore``, each as large as one message may be."""
    begin = 0
    while begin < len(rows):
        end, room = begin, LARGEST - 1024
        while end < len(rows) and end - begin < CHUNK and room > 0:
            room -= RESTORED.itemsize + min(len(rows[end].card), PAYLOAD)
            end += 1
        end = end - 1 if room <= 0 and end - begin > 1 else end
        yield pack(rows[begin:end])
        begin = end


def pack(rows: Sequence[Known]) -> bytes:
    """One body. A card that no announce could have carried is left out."""
    cards = [row.card if len(row.card) <= PAYLOAD else b"" for row in rows]
    records = np.zeros(len(rows), RESTORED)
    for place, row in enumerate(rows):
        records[place] = (
            component_id(row.name),
            row.incarnation,
            int(row.last_seen * 1e9),
            min(round(row.interval * 1000), 0xFFFFFFFF),
            row.liveness,
            row.status,
            len(cards[place]),
        )
    return pack_restored(records, cards)
