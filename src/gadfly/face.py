"""The node as the web sees it: everything :class:`gadfly.web.node.Node` asks for, and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from gadfly import catalogue, own_metrics, story
from gadfly.access import Access
from gadfly.alert.reported import Reported
from gadfly.alert.silence import Silence
from gadfly.ask_facts.given import GivenFacts
from gadfly.clock import Clock
from gadfly.config import Config
from gadfly.errors import Refused
from gadfly.instrument.exposition import Family, render
from gadfly.ledger_view import LedgerView
from gadfly.predict_view import PredictView
from gadfly.questions_view import QuestionsView
from gadfly.view import View

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle


log = logging.getLogger("gadfly")


class Face:
    """Made by the node for its server."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.picture = View(node.components, node.engine.silenced)
        self.ledger = LedgerView(node)
        self.acts = node.acting.view
        self.series = node.series
        self.logs = node.intake.logs
        self.rules = node.rules
        self.foreseeing = PredictView(node)
        self.questioning = QuestionsView(node, self.ledger)
        self.remote_write = node.intake.remote_write
        self.pushes = node.intake.pushes
        self.scraping = node.intake.scraping
        self.pings = node.intake.pings
        self.otlp = node.intake.otlp
        self.functions = node.functioning.view
        self.drilling = node.drilling
        self.fact_keeping = GivenFacts(
            node.db, node.recorder.journal, node.clock, lambda: node.config, node.asking
        )

    @property
    def config(self) -> Config:
        return self._node.config

    @property
    def clock(self) -> Clock:
        return self._node.clock

    @property
    def started(self) -> float:
        return self._node.started

    @property
    def tokens(self) -> Access:
        return self._node.access

    @property
    def alerts_version(self) -> int:
        """Changes whenever an alert, silence, acknowledgement or dead letter does."""
        return self._node.engine.version + self._node.courier.version + self.acts.version

    def name(self) -> str:
        """What the node calls itself."""
        return self._node.name()

    def unready(self) -> Sequence[str]:
        """Why the node cannot do its work now; empty when it can."""
        node = self._node
        return [
            *node.unready,
            *filter(None, (node.hearing.trouble, node.flow.trouble, self.ledger.trouble)),
            *node.acting.doubts.words(),
        ]

    def warnings(self) -> Sequence[str]:
        """What the operator should know: of the ledger, its witnesses, the catalogue, the alerts."""
        node = self._node
        ledger = [trouble] if (trouble := self.ledger.trouble) else []
        return [
            *ledger,
            *node.acting.doubts.found(),
            *node.cosigners.trouble(),
            *catalogue.warnings(node.config),
            *node.engine.warnings(),
            *node.series.warnings(),
            *node.rules.warnings(),
            *node.predicting.warnings(),
            *node.asking.warnings(),
            *node.intake.warnings(),
            *node.functioning.warnings(),
        ]

    def alert_counts(self) -> Mapping[str, int]:
        """How many alerts, incidents, silences and dead letters there are."""
        return {**self._node.engine.counts(), "dead_letters": self._node.courier.dead, **self.acts.counts()}

    async def story(self, name: str) -> dict[str, Any] | None:
        """Everything about one component; None where it is not known."""
        told = await story.tell(self._node, name)
        if told is not None:
            told["assumptions"] = await self.questioning.about(name)
        return told

    async def report(self, reports: Sequence[Reported]) -> int:
        """Alerts that are no component's verdict; how many there is no room for."""
        return await self._node.engine.report(reports)

    async def alerts(self, state: str) -> Sequence[object]:
        """Alerts, newest first; `state` is firing, resolved or all."""
        return await self._node.engine.alerts(state)

    async def incidents(self) -> Sequence[object]:
        """Open incidents, newest first."""
        return await self._node.engine.incidents()

    async def acknowledge(self, target: str, who: str, note: str) -> object:
        """Somebody takes an alert or incident upon them."""
        return await self.drilling.acknowledge(target, who) or await self._node.engine.acknowledge(
            target, who, note
        )

    async def silences(self) -> Sequence[object]:
        """Silences in force or to come."""
        return [_numbered(silence) for silence in await self._node.engine.silences()]

    async def add_silence(self, match: Mapping[str, str], ends: float, reason: str, who: str) -> object:
        """Committed when it returns."""
        return _numbered(await self._node.engine.add_silence(match, ends, reason, who))

    async def end_silence(self, id: str, who: str) -> None:
        """Tell again."""
        await self._node.engine.end_silence(id, who)

    async def dead_letters(self) -> Sequence[object]:
        """Notifications that could not be delivered, newest first."""
        return await self._node.engine.dead_letters()

    async def retry(self, id: str, who: str) -> None:
        """Try a dead letter again."""
        await self._node.engine.retry(id, who)
        log.info("dead letter %s is tried again, asked by %s", id, who)

    async def ask_now(self, name: str, who: str) -> int:
        """Ask every probe of a component at once; how many that are. Refused where it has none."""
        asked = len(self._node.checks.get(name, ()))
        if not asked:
            raise Refused(f"{name} has no probe in the catalogue to ask.", 409)
        recorder = self._node.recorder
        because = recorder.used(recorder.journal.token(who), "probe", name)
        await self._node.db.write(lambda connection: recorder.journal.write(connection, [because]))
        self._node.prober.ask_now(name)
        return asked

    async def forget(self, name: str, who: str) -> None:
        """Drop a component that is gone for good. Refused where it is declared, or still beats."""
        await self._node.forget(name, self._node.recorder.journal.token(who))
        log.info("%r was forgotten, asked by %s", name, who)

    def inject(self, datagram: bytes, address: tuple[str, int]) -> None:
        """A heartbeat that came over HTTP."""
        self._node.hearing.inject(datagram, address)

    async def reload(self, who: str) -> Sequence[str]:
        """Read the configuration again; what changed, a line each."""
        return await self._node.reload(self._node.recorder.journal.token(who))

    def metrics_text(self) -> str:
        """The node's own metrics, Prometheus' text format."""
        return render(self.metrics())

    def metrics(self) -> list[Family]:
        """The node's own metrics."""
        families = own_metrics.families(
            verdicts=self.picture.counts(),
            ear=self._node.hearing.counters(),
            ear_pid=self._node.hearing.pid or 0,
            alerts=self.alert_counts(),
            probes=self._node.prober.counters(),
            series=self.series.counts(),
            series_kept=self.series.kept(),
            series_refused=self.series.refused,
            intake={
                **self._node.intake.counts(),
                **{("remote", what): count for what, count in self.series.remote().items()},
            },
            rules=self._node.rules.counts(),
            ledger=self.ledger.counts(),
            started=self.started,
        )
        return [*families, *self._node.functioning.metrics()]


def _numbered(silence: Silence) -> dict[str, Any]:
    """A silence with its number as a word, as every id in the API is one."""
    return {**msgspec.structs.asdict(silence), "id": str(silence.id)}
