"""One component's story: what it is, how it is and since when, what was asked, told and answered for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gadfly import redact
from gadfly.monitor import jobs
from gadfly.monitor.check import Check
from gadfly.monitor.columns import Flag
from gadfly.monitor.liveness import Liveness, Status
from gadfly.monitor.picture import Picture
from gadfly.monitor.place import host_doubt
from gadfly.monitor.verdict import Verdict
from gadfly.telemetry.frame import SECONDHAND

if TYPE_CHECKING:
    from gadfly.app import Node  # the node is handed in; importing it here would be a circle

CHAIN = 20  # owners above an owner; a chain that comes round again ends sooner


async def tell(node: Node, name: str) -> dict[str, Any] | None:
    """Everything about one component, shaped as the API gives it; None where it is not known."""
    picture = node.components
    slot = picture.slot(name)
    if slot is None:
        return None
    subject, card = picture.subject(slot), picture.card(slot)
    told = await node.engine.story(name)
    return {
        "slot": slot,
        "name": name,
        "kind": subject.kind,
        "verdict": Verdict(int(picture.verdicts[slot])).name,
        "reason": picture.reason(slot),
        "since": float(picture.columns.since[slot]) or None,
        "owner": subject.owner,
        "group": subject.group,
        "host": subject.host,
        "host_doubt": host_doubt(picture, slot),
        "declared": subject.declared,
        "because": subject.because,
        "version": card.version if card else "",
        "pid": card.pid if card and card.pid else None,
        "health": card.health if card else "",
        "labels": subject.labels,
        "beats": _beats(picture, slot),
        "job": await _job(node, slot, name),
        "probes": [_probe(node, check) for check in node.checks.get(name, ())],
        "flips": told.flips,
        "alerts": told.alerts,
        "notices": told.notifications,
        "owners": owners(node, subject.owner),
        "needs": [_relation(picture, need) for need in subject.needs],
        "needed_by": [_relation(picture, other) for other in _needed_by(node, name)],
        "at": node.clock.wall(),
    }


def owners(node: Node, first: str) -> list[dict[str, Any]]:
    """Who answers, then who answers for them; each once, addresses with secrets in them shortened."""
    chain: list[dict[str, Any]] = []
    name, seen = first, set[str]()
    while name and name not in seen and len(chain) < CHAIN:
        seen.add(name)
        owner = node.config.owner.get(name)
        if owner is None:
            chain.append({"name": name})
            break
        chain.append(
            {
                "name": name,
                "contact": [redact.contact(at) for at in owner.contact],
                "after": float(owner.after),
            }
        )
        name = owner.owner
    return chain


def _beats(picture: Picture, slot: int) -> dict[str, Any] | None:
    members = picture.heard
    liveness = Liveness(int(members.liveness[slot]))
    if liveness is Liveness.never and not picture.columns.flags[slot] & Flag.beats:
        return None
    seen, started = int(members.seen_wall[slot]), int(members.incarnation[slot])
    return {
        "liveness": liveness.name,
        "why": picture.facts(slot).why,
        "interval": int(members.interval[slot]) / 1000,
        "jitter": float(members.jitter[slot]),
        "received": int(members.beats[slot]),
        "lost": int(members.lost[slot]),
        "restarts": int(members.restarts[slot]),
        "started": started / 1e9 if started > SECONDHAND else None,
        "last": seen / 1e9 if seen else None,
        "address": members.source(slot),
        "status": Status(int(members.status[slot])).name,
    }


async def _job(node: Node, slot: int, name: str) -> dict[str, Any] | None:
    plan, run = node.components.plan(slot), node.components.run(slot)
    if plan is None:
        return None
    printed = await node.intake.pings.output(name)
    schedule = plan.schedule or (f"every {plan.every:g} s" if plan.every else "")
    after = run.started if run else node.clock.wall()
    return {
        "schedule": schedule,
        "state": "" if run is None else "running" if run.ended is None and not run.died else "finished",
        "exit": run.exit if run else None,
        "seconds": run.seconds if run and run.ended is not None else None,
        "due": jobs.next_due(plan, after),
        "output": printed if printed is not None else run.output if run else "",
    }


def _probe(node: Node, check: Check) -> dict[str, Any]:
    about: dict[str, Any] = {
        "kind": check.kind,
        "name": check.name,
        "target": check.target,
        "every": float(check.spec.every),
    }
    last = node.history.last(check.component, label(check))
    if last is None:
        return about
    result, at = last
    return {
        **about,
        "outcome": result.outcome.name,
        "reason": result.reason,
        "at": at,
        "seconds": result.seconds,
        "phases": result.phases,
        "certificate_expires": result.certificate_expires,
        "output": result.output,
        "history": [
            {"at": moment, "outcome": outcome.name, "seconds": seconds}
            for moment, outcome, seconds in node.history.recent(check.component, label(check))
        ],
    }


def label(check: Check) -> str:
    """A check's name within its component."""
    return f"{check.kind}:{check.name}" if check.name else check.kind


def _relation(picture: Picture, name: str) -> dict[str, str]:
    slot = picture.slot(name)
    return {"name": name, "verdict": "unknown" if slot is None else Verdict(int(picture.verdicts[slot])).name}


def _needed_by(node: Node, name: str) -> list[str]:
    return sorted(other for other, entry in node.config.component.items() if name in entry.needs)
