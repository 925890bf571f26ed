"""`gadfly probe NAME`: ask now, and show the answer."""

from __future__ import annotations

import time
from typing import Any

import click

from gadfly.cli.nagios import OF_OUTCOME, State
from gadfly.cli.node import Node, segment
from gadfly.cli.options import as_json, asks_node, emit, find
from gadfly.cli.terminal import clean, colourful, columns, painter, table
from gadfly.errors import Refused

PAUSE = 0.1
_COLOUR = {State.ok: "healthy", State.warning: "degraded", State.critical: "down", State.unknown: "unknown"}
_GRAVITY = (State.ok, State.unknown, State.warning, State.critical)


@click.command()
@click.argument("name")
@click.option("--wait", default=15.0, show_default=True, help="Seconds to wait for the answers.")
@as_json
@asks_node
def probe(name: str, wait: float, json_: bool, node: str, token: str) -> int:
    """Ask a component's probes now.

    Tells what each answered, and where the time went.

    Exit code 0 pass, 1 warn, 2 fail, 3 unknown or no answer within --wait.
    """
    at = find(node, token)
    before = _answered(at, name)
    if at.post(f"probe/{segment(name)}")["probes"] == 0:
        raise Refused(f"{name} has no probe; declare one in gadfly.toml: probe.http, probe.tcp, …")
    probes = _await(at, name, before, wait)
    late = [p for p in probes if p.get("at") == before.get(_key(p))]
    states = [State.unknown if p in late else _state(p) for p in probes]
    code = max(states, key=_GRAVITY.index, default=State.unknown)
    if json_:
        emit({"component": name, "state": code.name, "probes": probes, "unanswered": len(late)})
        return code
    paint = painter(colourful())
    rows = [
        (
            " ".join(part for part in (p["kind"], p.get("name", "")) if part),
            "no answer" if p in late else {"passing": "pass"}.get(p["outcome"], p["outcome"]),
            f"{p.get('seconds', 0) * 1000:.0f} ms",
            p.get("target", ""),
            " ".join(part for part in (p.get("reason", ""), _phases(p)) if part),
        )
        for p in probes
    ]
    colour = [_COLOUR[state] for state in states]
    for line in table(
        rows, total=columns(), colour=lambda r, c, text: paint(text, colour[r]) if c == 1 else text
    ):
        print(line)
    if late:
        print(clean(f"{len(late)} of {len(probes)} have not answered within {wait:g} s; they may still"))
    return code


def _key(probe: dict[str, Any]) -> tuple[str, str, str]:
    return probe["kind"], probe.get("name", ""), probe.get("target", "")


def _answered(at: Node, name: str) -> dict[tuple[str, str, str], float | None]:
    probes = at.get("story", name=name).get("probes", [])
    return {_key(probe): probe.get("at") for probe in probes}


def _await(
    at: Node, name: str, before: dict[tuple[str, str, str], float | None], wait: float
) -> list[dict[str, Any]]:
    """The probes once each has a newer answer than before, or when the wait is over."""
    end = time.monotonic() + wait
    while True:
        probes: list[dict[str, Any]] = at.get("story", name=name).get("probes", [])
        if all(p.get("at") != before.get(_key(p)) for p in probes) or time.monotonic() > end:
            return probes
        time.sleep(PAUSE)


def _state(probe: dict[str, Any]) -> State:
    return OF_OUTCOME.get(probe["outcome"], State.unknown)


def _phases(probe: dict[str, Any]) -> str:
    phases = probe.get("phases") or {}
    return ", ".join(f"{name.replace('_', ' ')} {seconds * 1000:.0f} ms" for name, seconds in phases.items())
