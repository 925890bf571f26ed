"""One job of scraping: its targets as discovery has them now, and what they share."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gadfly import secret
from gadfly.config.scrape import Scrape
from gadfly.errors import ConfigError
from gadfly.intake import targets
from gadfly.intake.fetch import Line, Trust, trust
from gadfly.intake.target_series import Harvest, Intern, Rules, TargetSeries, rules_of
from gadfly.intake.targets import Target
from gadfly.promql.relabel import prepared
from gadfly.telemetry.exposition import ACCEPT, Format, Heads
from gadfly.telemetry.exposition_line import Described

AGENT = "gadfly-scrape"
SECRETS = 60.0
"""Seconds after which files of secrets are read again: tokens are replaced while the node runs."""
MANY = 1000
"""Targets beyond which they are relabelled in a thread, so that others get their turn."""
DROPPED = 1000
"""Dropped targets that are shown, for each job."""

Labels = Mapping[str, str]


class Turn:
    """One target and where it stands."""

    __slots__ = (
        "asked_at",
        "busy",
        "discovered",
        "due",
        "error",
        "forgot",
        "gone",
        "health",
        "job",
        "line",
        "number",
        "rules",
        "samples",
        "seconds",
        "series",
        "target",
    )

    def __init__(self, job: Job, target: Target) -> None:
        self.job = job
        self.target = target
        self.series = TargetSeries(dict(target.labels), job.rules)
        self.rules: Rules | None = job.rules
        """Those that its series go by; None: what they remember is to be looked at anew."""
        self.forgot = job.forgotten
        self.line = Line()
        self.discovered: Labels = {}
        """Its labels before relabelling."""
        self.due = 0.0
        """Monotonic seconds."""
        self.number = 0
        """Of the turn that counts; those that were put off have others."""
        self.busy = False
        self.gone = False
        self.health = "unknown"
        """As Prometheus says it: `unknown`, `up`, `down`."""
        self.error = ""
        self.asked_at = 0.0
        """Wall seconds; 0: never."""
        self.seconds = 0.0
        self.samples = 0


class Changes(NamedTuple):
    """What became of the targets."""

    new: list[Turn]
    gone: list[Turn]


class Job:
    """Lives from one reload to the next; what its targets exposed is handed on."""

    def __init__(self, name: str, scrape: Scrape) -> None:
        self.name = name
        self.source = f"scrape:{name}"
        self.turns: dict[Target, Turn] = {}
        self.busy = asyncio.Lock()
        """Held while a body is parsed, as all targets share the heads."""
        self.settling = asyncio.Lock()
        """Held while targets are made of what was found, so that the newest is the last."""
        self.dropped: list[dict[str, str]] = []
        self.drops = 0
        self.refused: list[str] = []
        self.trouble: dict[str, str] = {}
        """By provider, why it does not answer."""
        self.over = ""
        """Why no target is asked; empty where they are."""
        self.forgotten = 0
        """How often the store did not know some series any more."""
        self._found: dict[str, Sequence[Labels]] = {}
        self._described: dict[str, dict[str, str]] = {}
        self._heads: dict[Format, Heads] = {}
        self._trust: Trust | None = None
        self._headers: tuple[float, dict[str, str]] | None = None
        self.configure(scrape)

    def configure(self, scrape: Scrape) -> None:
        """Take these settings, at the start or after a reload."""
        self.scrape = scrape
        self.rules = rules_of(scrape)
        self._relabel = prepared(scrape.relabel)
        self._trust = None
        self._headers = None
        for turn in self.turns.values():
            turn.line.close()
        self._found = {"static": static(scrape)}

    def found(self, provider: str, labels: Sequence[Labels]) -> None:
        """What one provider knows now."""
        self._found[provider] = labels

    async def sifted(self) -> targets.Found:
        """Targets of all that was found. Under `settling`."""
        found = [one for group in self._found.values() for one in group]
        if len(found) <= MANY:
            return targets.targets(self.name, self.scrape, self._relabel, found)
        return await asyncio.to_thread(targets.targets, self.name, self.scrape, self._relabel, found)

    def settle(self, found: targets.Found) -> Changes:
        """Make turns of targets. Those that stay keep what they have."""
        self.dropped, self.drops, self.refused = found.dropped[:DROPPED], len(found.dropped), found.refused
        limit = self.scrape.target_limit
        self.over = ""
        wanted = found.targets
        if limit and len(wanted) > limit:
            self.over = f"{len(wanted)} targets; `target_limit` is {limit}, so none is asked"
            wanted = {}
        before, self.turns = self.turns, {}
        new = []
        for target, discovered in wanted.items():
            turn = before.pop(target, None)
            if turn is None:
                turn = Turn(self, target)
                new.append(turn)
            turn.discovered = discovered
            self.turns[target] = turn
        return Changes(new, list(before.values()))

    def headers(self, now: float, timeout: float) -> dict[str, str]:
        """What is sent with a request. ConfigError where a secret cannot be had."""
        if self._headers is None or now - self._headers[0] > SECRETS:
            self._headers = (now, self._made_headers())
        return {**self._headers[1], "X-Prometheus-Scrape-Timeout-Seconds": f"{timeout:g}"}

    def _made_headers(self) -> dict[str, str]:
        scrape = self.scrape
        headers = {"User-Agent": AGENT, "Accept": ACCEPT, "Accept-Encoding": "gzip"}
        headers |= secret.headers(scrape.headers)
        if scrape.user or scrape.password:
            headers["Authorization"] = secret.basic(scrape.user, scrape.password)
        if scrape.bearer:
            headers["Authorization"] = secret.bearer(scrape.bearer)
        return headers

    async def trusted(self) -> Trust:
        """How TLS is spoken. ConfigError where a file cannot be used."""
        if self._trust is None:
            scrape = self.scrape
            try:
                made = await asyncio.to_thread(trust, scrape.verify, scrape.ca, scrape.cert, scrape.key)
            except OSError as error:
                raise ConfigError(
                    f"scrape.{self.name}: {scrape.ca or scrape.cert}: {error.strerror or error}"
                ) from None
            self._trust = Trust(made, scrape.server_name)
        return self._trust

    def parse(
        self, turn: Turn, format: Format, body: bytes, at: int, intern: Intern
    ) -> tuple[Harvest, list[Described]]:
        """The samples of an answer. Malformed, OverLimit. Under `busy`."""
        self.renew(turn)
        heads = self._heads.get(format)
        if heads is None:
            heads = self._heads[format] = Heads(format)
        scan = heads.scan(body)
        return turn.series.take(scan, heads, at, intern), scan.described

    def describe(self, told: Sequence[Described]) -> dict[str, tuple[str, str, str]]:
        """Type, help and unit of the metrics that something new was said of."""
        changed = {}
        for one in told:
            known = self._described.setdefault(one.metric, {})
            if known.get(one.what) != one.text:
                known[one.what] = one.text
                changed[one.metric] = known
        if len(self._described) > 100_000:
            self._described.clear()
        return {
            metric: (known.get("TYPE", "unknown"), known.get("HELP", ""), known.get("UNIT", ""))
            for metric, known in changed.items()
        }

    def forget_numbers(self) -> None:
        """The store does not know some series any more: all are looked up anew."""
        self.forgotten += 1

    def renew(self, turn: Turn) -> None:
        """Bring its series to the rules of the last reload, and forget what the store forgot. Only the scrape
        of this turn does it, as nobody else knows whether a thread is at work on them."""
        rules, forgotten = self.rules, self.forgotten
        if turn.rules is not rules:
            turn.series.rule_by(rules)
            turn.rules = rules
        if turn.forgot != forgotten:
            turn.series.forget_numbers()
            turn.forgot = forgotten


def static(scrape: Scrape) -> list[Labels]:
    """The targets that stand in the configuration."""
    found: list[Labels] = [{"__address__": one, **scrape.labels} for one in scrape.targets]
    for group in scrape.groups:
        found += [{"__address__": one, **group.labels} for one in group.targets]
    return found
