"""Automations that are made up, as :class:`gadfly.web.acts.Acts` wants them. They keep what they are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gadfly.act.plans.planning import NOTHING, Supplied
from gadfly.clock import Clock
from gadfly.errors import Refused


class SimulatedActs:
    """Two approvals wait: one that an automation asks for, one that the token ``anna`` asked for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.version = 1
        self.called: list[tuple[Any, ...]] = []
        """What was to change something"""
        self.asked: list[tuple[Any, ...]] = []
        self.refusals: list[dict[str, str]] = []
        self.stops: list[dict[str, Any]] = []
        self.breakglasses: list[dict[str, Any]] = []
        now = clock.wall()
        self.consents: list[dict[str, Any]] = [
            {
                "id": "3",
                "owner": "payments",
                "principal": "automation:reboot-full-host",
                "action": "systemd:reboot",
                "target": "",
                "who": "person:bea",
                "ends": clock.wall() + 86_400,
            }
        ]
        self.freezes: list[dict[str, Any]] = [
            {
                "id": "f1",
                "what": "automation drain-full-disk",
                "why": "2 runs in a row were not verified: the disk was as full afterwards",
                "since": now - 5400,
                "automation": "drain-full-disk",
                "releasable": True,
            },
            {
                "id": "f2",
                "what": "everything in production",
                "why": "the sale of the year",
                "who": "person:bea",
                "since": now - 600,
                "ends": now + 86400,
            },
        ]
        self.reviews: list[dict[str, Any]] = [
            {
                "id": "r1",
                "what": "break-glass of person:olga on Monday",
                "owner": "platform",
                "due": now - 3600,
                "why": "owed since authority was taken for 15 min",
            }
        ]
        self._approvals = [
            self._approval("7", "restart-stuck-worker", "automation:restart-stuck-worker", now),
            self._approval("8", "scale-search", "person:anna", now),
        ]

    def _plan(self, automation: str, targets: Sequence[str] = ()) -> dict[str, Any]:
        names = list(targets) or [f"orders-worker-{n:02d}" for n in (3, 7, 11)]
        return {
            "automation": automation,
            "action": "systemd:restart orders-worker@{component}",
            "count": len(names),
            "targets": names,
            "shares": [
                {"label": "group", "value": "workers", "count": len(names), "of": 12},
                {"label": "region", "value": "eu-north", "count": 2, "of": 400},
                {"label": "region", "value": "eu-west", "count": 1, "of": 380},
            ],
            "lines": [f"systemctl restart orders-worker@{name}, with env:DEPLOY_KEY" for name in names],
            "cells": ["eu-north", "eu-west"],
            "symptom": "stalled",
            "expect": "component alive within 30s",
            "undo": "irreversible",
            "destructive": False,
            "hash": "5f2b9c" + "0" * 58,
            "made": self._clock.wall() - 40,
            "refusals": self.refusals,
        }

    def _approval(self, id: str, automation: str, who: str, now: float) -> dict[str, Any]:
        return {
            "id": id,
            "automation": automation,
            "owner": "payments",
            "who": who,
            "asked": now - 40,
            "ends": now + 3560,
            "answers": ["payments", "platform"],
            "why": "3 of group workers are stalled for 1 min",
            "plan": self._plan(automation),
        }

    def counts(self) -> dict[str, int]:
        waiting = sum(one.get("state", "waiting") == "waiting" for one in self._approvals)
        frozen = sum(bool(one.get("releasable")) for one in self.freezes)
        return {"approvals": waiting, "stops": len(self.stops), "frozen": frozen}

    def automations(self) -> list[dict[str, Any]]:
        now = self._clock.wall()
        stopped = any(one["scope"] == "everything" for one in self.stops)
        base = {"owner": "payments", "review": "2027-01-15", "expires": "2027-03-31"}
        return [
            {
                **base,
                "name": "restart-stuck-worker",
                "purpose": "A worker that beats 'stalled' for a minute has never recovered by itself.",
                "action": "systemd:restart orders-worker@{component}",
                "on": 'component.stalled for 1m, group = "workers"',
                "level": "approve",
                "declared": "act",
                "state": "stopped" if stopped else "ready",
                "runs": 41,
                "verified": 41,
                "bound": 0.9296,
                "proposed": "act-small",
                "budgets": [
                    {"name": "an hour", "used": 2, "most": 6},
                    {"name": "at once", "used": 1, "most": 1},
                    {"name": "of group workers", "used": 0.08, "most": 0.25, "unit": "share"},
                ],
                "last": now - 420,
                "outcome": "verified",
            },
            {
                **base,
                "name": "drain-full-disk",
                "owner": "platform",
                "purpose": "A disk that is full in an hour is drained before.",
                "action": "command:/usr/local/bin/drain {component}",
                "level": "suggest",
                "declared": "act-small",
                "state": "frozen",
                "why": "2 runs in a row were not verified",
                "runs": 9,
                "verified": 6,
                "bound": 0.3449,
                "review": "2026-01-15",
                "overdue": True,
                "budgets": [{"name": "an hour", "used": 1, "most": 4}],
                "last": now - 5400,
                "outcome": "unverified",
            },
            {
                **base,
                "name": "scale-search",
                "purpose": "Search answers within a second at ten in the morning.",
                "action": "scale:search",
                "level": "approve",
                "declared": "approve",
                "state": "stopped" if stopped else "ready",
                "runs": 0,
                "verified": 0,
                "budgets": [{"name": "an hour", "used": 0, "most": 2}],
            },
        ]

    def _load(self) -> list[dict[str, Any]]:
        def lines(night: int, approvals: int) -> list[dict[str, Any]]:
            used = {"components": 14, "checks": 31, "automations": 2, "pages": 9, "night": night}
            budget = {"components": 500, "checks": 1500, "automations": 20, "pages": 10, "night": 2}
            found = [{"what": what, "used": used[what], "budget": budget[what]} for what in used]
            found.append({"what": "approvals", "used": approvals, "budget": 25})
            return [{**one, "state": "over" if one["used"] > one["budget"] else "fine"} for one in found]

        return [
            {
                "owner": "payments",
                "lines": lines(4, 21),
                "share": 2.0,
                "state": "over",
                "words": "4 pages at night within a week, and 2 can be borne",
            },
            {"owner": "platform", "lines": lines(0, 3), "share": 0.9},
        ]

    async def board(self) -> object:
        now = self._clock.wall()
        return {
            "version": self.version,
            "at": now,
            "stops": list(self.stops),
            "breakglass": list(self.breakglasses),
            "approvals": await self.approvals("waiting"),
            "waiting": self.counts()["approvals"],
            "automations": self.automations(),
            "consents": list(self.consents),
            "freezes": list(self.freezes),
            "reviews": list(self.reviews),
            "proofs": [
                {"guard": "targets", "denied": True, "at": now - 3 * 86400, "due": now + 4 * 86400},
                {
                    "guard": "freeze",
                    "denied": False,
                    "at": now - 7200,
                    "due": now,
                    "words": "it let a destructive act in a freeze pass; what it guards is stopped",
                },
            ],
            "unexplained": [
                {
                    "at": now - 33,
                    "component": "billing-00203",
                    "effect": "restarted, and no intent says why",
                    "owner": "team-billing",
                }
            ],
        }

    async def automation(self, name: str) -> object | None:
        found = [one for one in self.automations() if one["name"] == name]
        if not found:
            return None
        return {
            "automation": found[0],
            "limits": [("at once", "1"), ("an hour", "6")],
            "expect": "component alive within 30s",
            "undo": "irreversible",
            "answers": ["payments", "platform"],
            "runs": [
                {
                    "intent": "412",
                    "at": self._clock.wall() - 420,
                    "who": f"automation:{name}",
                    "count": 1,
                    "targets": ["orders-worker-07"],
                    "state": "verified",
                    "words": "alive after 6 s",
                    "measured_by": "node",
                    "ended": self._clock.wall() - 414,
                }
            ],
            "approvals": [one for one in self._approvals if one["automation"] == name],
        }

    async def plan(self, name: str, targets: Sequence[str], who: str, supplied: Supplied = NOTHING) -> object:
        self.supplied = supplied
        self.asked.append(("plan", name, tuple(targets), who))
        if await self.automation(name) is None:
            raise Refused(f"No automation {name!r} is declared.", 404)
        return self._plan(name, targets)

    async def run(
        self, name: str, targets: Sequence[str], who: str, reason: str, supplied: Supplied
    ) -> object:
        self.supplied = supplied
        self.called.append(("run", name, tuple(targets), who, reason))
        plan = self._plan(name, targets)
        if self.refusals:
            return {"state": "refused", "plan": plan}
        return {"state": "waiting", "approval": "9", "plan": plan}

    async def approvals(self, state: str) -> Sequence[object]:
        return [one for one in self._approvals if state == "all" or one.get("state", "waiting") == "waiting"]

    def _answer(self, id: str, who: str, state: str, note: str, hash: str = "") -> object:
        for one in self._approvals:
            if one["id"] == id and one.get("state", "waiting") == "waiting":
                if one["who"] == who:
                    raise Refused(
                        f"{who} asked for this and cannot answer it: payments or platform must.", 403
                    )
                if hash and hash != one["plan"]["hash"]:
                    raise Refused("The plan has changed since you read it: look again.", 409)
                one |= {"state": state, "by": who, "note": note, "then": "it runs as intent 9"}
                self.called.append((state, id, who, note))
                self.version += 1
                return one
        raise Refused(f"Nothing waits for an approval under {id}.", 404)

    async def approve(self, id: str, who: str, note: str, hash: str) -> object:
        return self._answer(id, who, "approved", note, hash)

    async def deny(self, id: str, who: str, reason: str) -> object:
        return self._answer(id, who, "denied", reason)

    async def grants(self) -> Sequence[object]:
        return [
            {
                "name": "restart-stuck-worker",
                "to": "automation:restart-stuck-worker",
                "may": "systemd:restart orders-worker@*",
                "on": 'owner = "payments"',
                "owner": "payments",
                "until": self._clock.wall() + 129 * 86400,
                "because": "it is declared",
                "source": "restart-stuck-worker",
            }
        ]

    async def load(self) -> Sequence[object]:
        return self._load()

    async def report(self, owner: str, since: float, until: float) -> Sequence[object]:
        self.asked.append(("report", owner, round(until - since)))
        line = {"automation": "restart-stuck-worker", "runs": 12, "verified": 11, "failed": 1, "targets": 14}
        woken = ["anna was woken on Tuesday at 03:12: card-gateway was down for 9 min"]
        return [{"owner": "payments", "since": since, "until": until, "lines": [line], "woken": woken}]

    async def stop(self, scope: str, name: str, who: str, reason: str) -> object:
        self.called.append(("stop", scope, name, who, reason))
        made = {"id": f"s{self.version}", "scope": scope, "name": name, "who": who, "because": reason}
        self.stops.append({**made, "at": self._clock.wall(), "lifters": f"Only {who} or the owner's owner"})
        self.version += 1
        return self.stops[-1]

    async def resume(self, id: str, who: str, reason: str) -> None:
        left = [one for one in self.stops if one["id"] != id]
        if len(left) == len(self.stops):
            raise Refused(f"No stop {id} holds.", 404)
        self.called.append(("resume", id, who, reason))
        self.stops = left
        self.version += 1

    async def raise_level(self, name: str, who: str, reason: str) -> None:
        self.called.append(("raise", name, who, reason))

    async def consent(
        self, owner: str, principal: str, action: str, target: str, lasts: float, who: str
    ) -> object:
        self.called.append(("consent", owner, principal, action, target, lasts, who))
        ends = self._clock.wall() + lasts
        made = {"id": "1", "owner": owner, "principal": principal, "action": action, "target": target}
        return {**made, "who": who, "ends": ends}

    async def withdraw(self, id: str, who: str, reason: str) -> None:
        self.called.append(("withdraw", id, who, reason))
        self.consents = [one for one in self.consents if one["id"] != id]
        self.version += 1

    async def give_back(self, who: str) -> None:
        self.called.append(("give back", who))

    async def freeze(self, name: str, on: str, who: str, reason: str, lasts: float | None) -> object:
        self.called.append(("freeze", name, on, who, reason, lasts))
        now = self._clock.wall()
        ends = None if lasts is None else now + lasts
        made = {"id": "w1", "what": on or "everything", "why": reason, "who": who, "since": now, "ends": ends}
        self.freezes.append({**made, "releasable": True})
        self.version += 1
        return self.freezes[-1]

    async def clock(self, who: str, reason: str) -> None:
        self.called.append(("clock", who, reason))

    async def release(self, id: str, who: str, reason: str) -> None:
        if not any(one["id"] == id and one.get("releasable") for one in self.freezes):
            raise Refused(f"No brake {id} is on.", 404)
        self.called.append(("release", id, who, reason))
        self.freezes = [one for one in self.freezes if one["id"] != id]
        self.version += 1

    async def review(self, id: str, who: str, words: str) -> None:
        if not any(one["id"] == id for one in self.reviews):
            raise Refused(f"No review {id} is open.", 404)
        self.called.append(("review", id, who, words))
        self.reviews = [one for one in self.reviews if one["id"] != id]
        self.version += 1

    async def breakglass(self, who: str, reason: str, lasts: float) -> object:
        self.called.append(("breakglass", who, reason, lasts))
        now = self._clock.wall()
        made = {"id": "b1", "who": who, "reason": reason, "since": now, "ends": now + lasts}
        self.breakglasses.append(made)
        self.version += 1
        return made
