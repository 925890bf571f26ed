"""All that is held, in memory and on disk, as one thing that reading, writing and upkeep share."""

from __future__ import annotations

import threading
from pathlib import Path

from gadfly.config.series import Series as Settings
from gadfly.promql.source import Metadata
from gadfly.store.series import csr
from gadfly.store.series.block import Block
from gadfly.store.series.blocks import Blocks
from gadfly.store.series.csr import Ints, Piece
from gadfly.store.series.engine import Engine
from gadfly.store.series.head import Head, Run
from gadfly.store.series.index import Index


class Holding:
    """Its parts are each safe in any thread; what concerns head and blocks together goes through here."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.memory_mb = settings.memory_mb
        self.index = Index(settings)
        self.head = Head()
        self.engine = Engine(folder / "spill", settings)
        self.blocks = Blocks(folder / "blocks", self.engine, settings.memory_mb * 500_000)
        self.metrics: dict[str, Metadata] = {}
        self._swap = threading.Lock()

    def now(self) -> tuple[tuple[Block, ...], list[Run]]:
        """Blocks and head as they are at this moment: every sample is in one of them, none in both."""
        with self._swap:
            return self.blocks.all, self.head.runs()

    def roll(self, block: Block, piece: Piece) -> None:
        """These samples of the head are from now on in a block. StoreError: they stay where they were."""
        made = self.blocks.write(block, piece, self.index.by_metric(piece.ids))
        with self._swap:
            self.blocks.publish(made)
            self.head.drop(made.end)

    def live(self) -> Ints:
        """The series that have a sample in the head."""
        return csr.union(run.piece.ids for run in self.head.runs())
