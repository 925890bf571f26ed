"""A node that is made up, for developing the web and for its tests: the real one's shape, invented contents.

It holds to :class:`gadfly.web.node.Node`. ``breathe`` changes some verdicts, as a fleet would.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from simulated_acts import SimulatedActs
from simulated_functions import SimulatedFunctions
from simulated_ledger import SimulatedLedger
from simulated_logs import SimulatedLogs
from simulated_predictions import SimulatedPredictions
from simulated_questions import SimulatedQuestions
from simulated_rules import SimulatedRules
from simulated_scraping import SimulatedScraping
from simulated_series import SimulatedSeries

from gadfly.clock import Clock, SystemClock
from gadfly.config import Config
from gadfly.config.alerting import Receiver
from gadfly.config.component import Component
from gadfly.config.node import Node as NodeConfig
from gadfly.config.owner import Owner
from gadfly.config.probe import HttpProbe, Probes
from gadfly.errors import ConfigError, Refused
from gadfly.monitor.verdict import Verdict

TOKEN = "gadfly_the-token-of-the-run-file-of-a-test"
READER = "gadfly_may-only-read-and-nothing-else-at-all"

REASONS = {
    "down": "no answer to 3 enquiries on two paths in 0.5 s",
    "gray": "beats arrive, but GET /readyz answered 503 for 40 s",
    "zombie": "its probe passes, but no beat for 12 s",
    "missing": "declared, and never heard",
    "degraded": "GET /readyz took 2.4 s, slower than 1 s",
    "unknown": "not asked yet",
    "undeclared": "beats well, and is in no catalogue",
    "left": "said goodbye",
    "healthy": "beats every second; 2 probes pass",
}
TEAMS = (
    "api",
    "auth",
    "billing",
    "cache",
    "db",
    "edge",
    "feed",
    "gateway",
    "ingest",
    "mail",
    "queue",
    "search",
)
LOG = 4096


class SimulatedPicture:
    """``size`` components in arrays; names are made when asked for, except those given."""

    def __init__(self, size: int, seed: int, wall: float) -> None:
        random = np.random.default_rng(seed)
        shares = [0.004, 0.0006, 0.0004, 0.001, 0.011, 0.0008, 0.002, 0.003]
        self.size = size
        self.verdicts = random.choice(9, size=size + 16, p=[*shares, 1 - sum(shares)]).astype(np.uint8)
        self.version = 1_000
        self.changed = np.full(size + 16, wall - 7200.0)
        self._random = random
        self._wall = wall
        self._log: list[tuple[int, np.ndarray]] = []
        self._oldest = self.version
        self.given: dict[int, str] = {}
        self._by_name: dict[str, int] = {}
        for slot in range(size):
            self._by_name[self.name(slot) or ""] = slot

    def counts(self) -> Mapping[str, int]:
        found = np.bincount(self.verdicts[: self.size], minlength=256)
        return {verdict.name: int(found[verdict]) for verdict in Verdict}

    def rename(self, slot: int, name: str) -> None:
        self.given[slot] = name
        self._by_name[name] = slot

    def team(self, slot: int) -> str:
        return TEAMS[slot * 12 // max(self.size, 1)]

    def name(self, slot: int) -> str | None:
        if not 0 <= slot < self.size:
            return None
        return self.given.get(slot) or f"{self.team(slot)}-{slot:05d}"

    def slot(self, name: str) -> int | None:
        return self._by_name.get(name)

    def set(self, slots: Any, verdicts: Any, wall: float) -> None:
        slots = np.atleast_1d(np.asarray(slots, dtype=np.int64))
        self.verdicts[slots] = verdicts
        self.changed[slots] = wall
        self.version += 1
        self._log.append((self.version, slots))
        if len(self._log) > LOG:
            self._oldest, _ = self._log.pop(0)

    def since(self, version: int) -> tuple[int, np.ndarray, np.ndarray] | None:
        if version < self._oldest or version > self.version:
            return None
        parts = [slots for at, slots in self._log if at > version]
        slots = np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)
        return self.version, slots, self.verdicts[slots]

    def row(self, slot: int) -> dict[str, Any]:
        word = Verdict(int(self.verdicts[slot])).name
        return {
            "slot": slot,
            "name": self.name(slot),
            "kind": "job" if slot % 50 == 0 else "host" if slot % 20 == 0 else "service",
            "verdict": word,
            "reason": REASONS[word],
            "since": float(self.changed[slot]),
            "seen": None if word == "missing" else self._wall - slot % 10,
            "owner": f"team-{self.team(slot)}",
            "group": self.team(slot),
            "host": f"node-{slot // 40:04d}",
        }

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
        slots: Any = np.arange(self.size)
        if verdict:
            slots = slots[np.isin(self.verdicts[slots], [Verdict[word] for word in verdict])]
        wanted = q.casefold()
        if q or owner or group or host or kind:
            keep = []
            for slot in slots.tolist():
                if wanted and wanted not in (self.name(slot) or "").casefold():
                    continue
                if owner or group or host or kind:
                    row = self.row(slot)
                    pairs = ((owner, "owner"), (group, "group"), (host, "host"), (kind, "kind"))
                    if any(value and row[key] != value for value, key in pairs):
                        continue
                keep.append(slot)
            slots = np.array(keep, dtype=np.int64)
        if order == "verdict":
            slots = slots[np.argsort(self.verdicts[slots], kind="stable")]
        return len(slots), slots[offset : offset + limit].tolist()

    def arrange(self, by: str) -> Sequence[tuple[str, np.ndarray]]:
        if by == "group":
            labels = np.arange(self.size) * 12 // self.size
            return [(team, np.flatnonzero(labels == n)) for n, team in enumerate(TEAMS)]
        return [(by, np.arange(self.size))]


class SimulatedTokens:
    def __init__(self) -> None:
        self.kept: list[dict[str, Any]] = [
            self._one(0, "this machine", ["admin"], TOKEN, "olga"),
            self._one(1, "reader", ["read"], READER),
        ]

    @staticmethod
    def _one(id: int, name: str, scopes: list[str], token: str, person: str = "") -> dict[str, Any]:
        return {
            "id": id,
            "name": name,
            "scopes": scopes,
            "digest": hashlib.sha256(token.encode()).digest(),
            "expires": None,
            "created": 0.0,
            "person": person,
        }

    def all(self) -> Sequence[object]:
        return self.kept

    async def add(
        self,
        name: str,
        scopes: Sequence[str],
        expires: float | None,
        digest: bytes,
        who: str,
        person: str = "",
    ) -> object:
        made = {
            "id": len(self.kept),
            "name": name,
            "scopes": list(scopes),
            "digest": digest,
            "person": person,
        }
        self.kept.append({**made, "expires": expires, "created": 0.0})
        return self.kept[-1]

    async def remove(self, id: int, who: str) -> None:
        left = [one for one in self.kept if one["id"] != id]
        if len(left) == len(self.kept):
            raise Refused(f"There is no token {id}.", 404)
        self.kept = left


class SimulatedNode:
    """Everything the web asks of a node."""

    def __init__(
        self,
        size: int = 100_000,
        *,
        seed: int = 7,
        clock: Clock | None = None,
        listen: str = "127.0.0.1:0",
        reading: Any = "open",
        keys: tuple[str, ...] = (),
        url: str = "",
    ) -> None:
        self.clock = clock or SystemClock()
        base = Config(
            node=NodeConfig(name="north", listen=listen, reading=reading, url=url),
            owner={
                "payments": Owner(contact=("mailto:pay@example.org", "https://chat.example.org/hooks/s3cret"))
            },
            receiver={
                "chat": Receiver(webhook="https://hooks.example.org/T0/s3cret", headers={"X": "s3cret"})
            },
            component={
                "checkout": Component(
                    probe=Probes(http=(HttpProbe(url="https://u:s3cret@shop.example.org/readyz?k=s3cret"),))
                )
            },
        )
        heartbeat = type(base.heartbeat)(keys=keys)
        self.config = type(base)(
            node=base.node,
            heartbeat=heartbeat,
            owner=base.owner,
            receiver=base.receiver,
            component=base.component,
        )
        self.started = self.clock.wall() - 4 * 3600
        self.picture = SimulatedPicture(size, seed, self.clock.wall())
        self.tokens = SimulatedTokens()
        self.acts = SimulatedActs(self.clock)
        self.ledger = SimulatedLedger(self.clock.wall() - 3600)
        self.series = SimulatedSeries(self.clock.wall(), "api-00001")
        self.logs = SimulatedLogs(self.clock.wall())
        self.functions = SimulatedFunctions(self.clock.wall())
        self.foreseeing = SimulatedPredictions(self.clock.wall())
        self.questioning = SimulatedQuestions(self.clock.wall())
        self.rules = SimulatedRules(self.clock.wall())
        self.scraping = SimulatedScraping(self.clock.wall())
        self._alerts_version = 1
        self.done: list[tuple[Any, ...]] = []
        self.bad_configuration = False
        self.problems: list[str] = []
        self._silences: list[dict[str, Any]] = []
        self._acknowledged: dict[str, tuple[str, str]] = {}
        self._dead = [
            {
                "id": "17",
                "at": self.clock.wall() - 900,
                "to": "https://chat.example.org/hooks/s3cret",
                "subject": "host node-0007 is down (40 components)",
                "attempts": 50,
                "error": "answered 410: this hook is gone",
            }
        ]

    @property
    def alerts_version(self) -> int:
        return self._alerts_version + self.acts.version - 1

    @alerts_version.setter
    def alerts_version(self, version: int) -> None:
        self._alerts_version = version - self.acts.version + 1

    def breathe(self, changes: int = 20) -> None:
        """Some become ill, some get well."""
        picture = self.picture
        random = picture._random
        slots = random.integers(0, picture.size, changes)
        ill = np.flatnonzero(picture.verdicts[: picture.size] < Verdict.unknown)
        if len(ill) > picture.size * 0.017:
            slots[: changes // 2] = random.choice(ill, changes // 2)
        verdicts = random.choice([0, 1, 4, 8], size=changes, p=[0.2, 0.05, 0.25, 0.5])
        verdicts[: changes // 2] = Verdict.healthy
        picture.set(slots, verdicts.astype(np.uint8), self.clock.wall())

    async def report(self, reports: Sequence[object]) -> int:
        self.done.append(("report", *reports))
        return 0

    def name(self) -> str:
        return self.config.node.name

    def unready(self) -> Sequence[str]:
        return self.problems

    def warnings(self) -> Sequence[str]:
        return ["3 of 12 declared components have no owner"]

    def alert_counts(self) -> Mapping[str, int]:
        open_ones = self._incidents()
        return {
            "firing": sum(one["count"] for one in open_ones),
            "unacknowledged": sum(not one["acknowledged"] for one in open_ones),
            "incidents": len(open_ones),
            "silences": len(self._silences),
            "dead_letters": len(self._dead),
            **self.acts.counts(),
        }

    def _incidents(self) -> list[dict[str, Any]]:
        now = self.clock.wall()
        picture = self.picture
        if picture.size < 300:
            return []
        made = [
            ("i1", "host node-0007 is down", 252, 40, "down", "team-api", {"host": "node-0007"}),
            ("i2", f"{picture.name(1)} answers 503", 4100, 1, "gray", "payments", {"component": "api-00001"}),
            ("i3", "12 of group billing are slow", 660, 12, "degraded", "team-billing", {"group": "billing"}),
        ]
        found = []
        for id, cause, ago, count, verdict, owner, match in made:
            who, note = self._acknowledged.get(id, ("", ""))
            silenced = any(one["match"] == match for one in self._silences)
            names = [picture.name(280 + n) for n in range(count)] if count > 1 else [picture.name(1)]
            found.append(
                {
                    "id": id,
                    "cause": cause,
                    "started": now - ago,
                    "owner": owner,
                    "verdict": verdict,
                    "count": count,
                    "components": names,
                    "acknowledged": who,
                    "note": note,
                    "suppressed": "silenced" if silenced else "",
                    "told": ["mailto:pay@example.org", "https://chat.example.org/hooks/s3cret"],
                    "match": match,
                }
            )
        return found

    async def story(self, name: str) -> object | None:
        slot = self.picture.slot(name)
        if slot is None:
            return None
        now = self.clock.wall()
        row = self.picture.row(slot)
        ill = row["verdict"] not in ("healthy", "left", "undeclared")
        random = np.random.default_rng(slot)
        history = [
            {
                "at": now - 15.0 * (60 - n),
                "outcome": "fail" if ill and n > 52 else "passing",
                "seconds": float(random.gamma(3, 0.02)),
            }
            for n in range(60)
        ]
        flips = []
        at = now - 90.0 if ill else now - 5000.0
        before = "healthy"
        after = row["verdict"]
        for n in range(9):
            if before != after:
                flips.append({"at": at, "before": before, "after": after, "reason": REASONS[after]})
            at -= 1800.0 + 3000.0 * n
            before, after = ("degraded", "healthy") if n % 2 == 0 else ("healthy", "degraded")
            if flips and flips[-1]["before"] != after:
                flips[-1]["before"] = after
        return {
            **row,
            "declared": slot != 9,
            "because": "Without it nobody can pay.",
            "version": "2.41.0",
            "pid": 4242,
            "health": "https://shop.example.org/readyz",
            "labels": {"region": "eu-north", "tier": "1"},
            "beats": {
                "liveness": "silent" if row["verdict"] == "down" else "alive",
                "why": "no_answer" if row["verdict"] == "down" else "beat",
                "interval": 1.0,
                "jitter": 0.0042,
                "received": 512_345,
                "lost": 12,
                "restarts": 2,
                "started": now - 86400 * 6,
                "last": now - (90 if ill else 0.4),
                "address": "127.0.0.1:40112",
                "status": "passing",
                "authenticated": True,
            },
            "probes": [
                {
                    "kind": "http",
                    "target": "https://shop.example.org/readyz",
                    "every": 15.0,
                    "outcome": "fail" if ill else "passing",
                    "reason": "GET /readyz answered 503" if ill else "GET /readyz answered 200",
                    "at": now - 4,
                    "seconds": 0.0871,
                    "phases": {
                        "dns": 0.002,
                        "connect": 0.011,
                        "tls": 0.031,
                        "first_byte": 0.041,
                        "body": 0.0021,
                    },
                    "certificate_expires": now + 41 * 86400,
                    "output": '{"status":"fail"}' if ill else "",
                    "history": history,
                },
                {
                    "kind": "tcp",
                    "name": "admin",
                    "target": "shop.example.org:9000",
                    "every": 5.0,
                    "outcome": "passing",
                    "reason": "connected",
                    "at": now - 2,
                    "seconds": 0.0031,
                    "phases": {"dns": 0.0011, "connect": 0.002},
                    "history": history[:52],
                },
            ],
            "flips": flips,
            "alerts": [
                {
                    "id": "a1",
                    "component": name,
                    "verdict": row["verdict"],
                    "reason": row["reason"],
                    "state": "firing",
                    "started": now - 90,
                    "owner": "payments",
                    "incident": "i1",
                    "acknowledged": self._acknowledged.get("a1", ("", ""))[0],
                }
            ]
            if ill
            else [],
            "notices": [
                {
                    "at": now - 89,
                    "to": "mailto:pay@example.org",
                    "what": "firing",
                    "state": "sent",
                    "attempts": 1,
                },
                {
                    "at": now - 89,
                    "to": "https://chat.example.org/hooks/s3cret",
                    "what": "firing",
                    "state": "waiting",
                    "attempts": 3,
                    "error": "answered 502",
                },
            ]
            if ill
            else [],
            "owners": [
                {
                    "name": "payments",
                    "contact": ["mailto:pay@example.org", "https://chat.example.org/hooks/s3cret"],
                    "after": 900,
                },
                {"name": "platform", "contact": ["exec:/usr/local/bin/page --key s3cret"], "after": 900},
            ],
            "needs": [
                {"name": self.picture.name((slot + n) % self.picture.size), "verdict": "healthy"}
                for n in (1, 2)
            ],
            "assumptions": await self.questioning.about(name),
            "needed_by": [{"name": self.picture.name((slot + 5) % self.picture.size), "verdict": "degraded"}],
        }

    async def alerts(self, state: str) -> Sequence[object]:
        now = self.clock.wall()
        slots = self.picture.find(verdict=("down", "gray"), limit=50)[1]
        return [
            {
                "id": f"a{slot}",
                "component": self.picture.name(slot),
                "verdict": "down",
                "reason": REASONS["down"],
                "state": "firing",
                "started": now - slot % 4000,
                "owner": f"team-{self.picture.team(slot)}",
            }
            for slot in slots
        ]

    async def incidents(self) -> Sequence[object]:
        return self._incidents()

    async def acknowledge(self, target: str, who: str, note: str) -> object:
        if target not in {"i1", "i2", "i3", "a1"}:
            raise Refused(f"There is no open alert or incident {target}.", 404)
        self._acknowledged[target] = (who, note)
        self.alerts_version += 1
        return {"id": target, "who": who, "note": note, "at": self.clock.wall()}

    async def silences(self) -> Sequence[object]:
        return self._silences

    async def add_silence(self, match: Mapping[str, str], ends: float, reason: str, who: str) -> object:
        made = {"id": f"s{self.alerts_version}", "match": dict(match), "starts": self.clock.wall()}
        self._silences.append({**made, "ends": ends, "reason": reason, "who": who})
        self.alerts_version += 1
        return self._silences[-1]

    async def end_silence(self, id: str, who: str) -> None:
        left = [one for one in self._silences if one["id"] != id]
        if len(left) == len(self._silences):
            raise Refused(f"There is no silence {id}.", 404)
        self._silences = left
        self.alerts_version += 1

    async def dead_letters(self) -> Sequence[object]:
        return self._dead

    async def retry(self, id: str, who: str) -> None:
        left = [one for one in self._dead if one["id"] != id]
        if len(left) == len(self._dead):
            raise Refused(f"There is no dead letter {id}.", 404)
        self._dead = left
        self.alerts_version += 1

    async def ask_now(self, name: str, who: str) -> int:
        self.done.append(("ask", name))
        return 2 if (self.picture.slot(name) or 0) % 2 == 0 else 0

    async def forget(self, name: str, who: str) -> None:
        self.done.append(("forget", name, who))

    def inject(self, datagram: bytes, address: tuple[str, int]) -> None:
        self.done.append(("beat", datagram, address[0]))

    async def reload(self, who: str) -> Sequence[str]:
        if self.bad_configuration:
            raise ConfigError("gadfly.toml:3: node.listne: unknown key", "gadfly.toml:9: owner: not a table")
        return ["component.checkout: added"]

    def metrics_text(self) -> str:
        return "# TYPE gadfly_components gauge\ngadfly_components 1\n"
