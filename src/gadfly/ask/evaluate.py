"""Every kind asked of the facts as known at one time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import duckdb
import msgspec

from gadfly.ask.finding import Finding
from gadfly.ask.kind import Kind
from gadfly.ask.world import World


class Evaluation(msgspec.Struct, frozen=True):
    """What one run over the kinds found."""

    findings: list[Finding]
    trouble: dict[str, str]
    """Kind to words: what kept it from being asked."""
    seconds: dict[str, float]
    """Kind to how long its query took."""


def evaluate(
    world: World,
    kinds: Mapping[str, Kind],
    now: float,
    thresholds: Mapping[str, Mapping[str, Any]] | None = None,
) -> Evaluation:
    """Ask every kind. A query that fails makes trouble for its kind only.

    thresholds: by kind, in place of those of its file.
    """
    world.at(now)
    found: list[tuple[Kind, dict[str, Any]]] = []
    trouble: dict[str, str] = {}
    seconds: dict[str, float] = {}
    for kind in kinds.values():
        began = time.perf_counter()
        try:
            rows = world.ask(kind.query, {**kind.threshold, **(thresholds or {}).get(kind.name, {})})
            bad = next((row for row in rows if row.get("subject") is None or row.get("worse") is None), None)
            if bad is not None:
                raise ValueError(f"a row without subject or worse: {bad}")
            found += [(kind, row) for row in (discoveries(rows, kind.discovery) if kind.discovery else rows)]
        except (duckdb.Error, ValueError, KeyError) as error:
            trouble[kind.name] = str(error)
        seconds[kind.name] = time.perf_counter() - began
    return Evaluation(_findings(world, found), trouble, seconds)


def discoveries(rows: list[dict[str, Any]], share: float) -> list[dict[str, Any]]:
    """Those of the rows that Benjamini and Hochberg (1995) keep at that share of false ones, by column `p`.

    The family is as large as the column `tests` says, or else as there are rows.
    """
    order = sorted((row for row in rows if row.get("p") is not None), key=lambda row: row["p"])
    size = max([len(order), *(row["tests"] for row in order if row.get("tests") is not None)])
    last = max((i for i, row in enumerate(order, 1) if row["p"] <= share * i / size), default=0)
    return order[:last]


def _findings(world: World, found: list[tuple[Kind, dict[str, Any]]]) -> list[Finding]:
    checks = {row["name"]: row for row in world.ask('SELECT name, component, owner, since FROM "check"')}
    components = {row["name"]: row for row in world.ask("SELECT name, owner, tier, since FROM component")}
    findings = []
    for kind, row in found:
        check = checks.get(row["subject"], {}) if kind.subject == "check" else {}
        component = row.get("component") or check.get("component")
        if component is None and kind.subject == "component":
            component = row["subject"]
        about = components.get(component, {})
        own = row["subject"] if kind.subject == "owner" else None
        findings.append(
            Finding(
                kind=kind.name,
                subject=row["subject"],
                component=component,
                owner=row.get("owner") or own or check.get("owner") or about.get("owner"),
                tier=about.get("tier") or 3,
                worse=float(row["worse"]),
                exposure=float(row.get("exposure") or 1),
                values=row,
                since=row.get("since") or check.get("since") or about.get("since"),
            )
        )
    return findings
