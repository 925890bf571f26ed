"""What the web needs of predictions; a part of :mod:`gadfly.web.node`."""

from __future__ import annotations

from typing import Protocol

from gadfly.web.answers.predictions import (
    Backtest,
    Fan,
    MadePredictions,
    PlanningReport,
    Predictions,
    Scorecard,
)


class Foreseeing(Protocol):
    """The predictors of a node. Refused (404: no such thing; 409: too little is known)."""

    def now(self, predictor: str, owner: str, limit: int) -> Predictions:
        """What is foreseen; no I/O."""

    def fan(self, predictor: str, series: str) -> Fan:
        """How one series will go on; no I/O."""

    async def history(
        self, *, predictor: str, series: str, owner: str, told: bool, open: bool, limit: int
    ) -> MadePredictions:
        """Predictions that were made."""

    async def scorecard(self, window: float | None) -> Scorecard:
        """Of those made within so many seconds; None: as configured."""

    def report(self, owner: str) -> PlanningReport:
        """What fills; of one owner, or (empty) of all."""

    async def backtest(self, since: float) -> Backtest:
        """Replay so many seconds. Takes up to twenty; LimitError while another one runs, StoreError."""
