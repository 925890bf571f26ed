"""Beats, probes and the catalogue become one verdict, with its reason."""

from __future__ import annotations

import pytest

from gadfly.monitor.liveness import Liveness, Status
from gadfly.monitor.probe.result import Outcome
from gadfly.monitor.reconcile import Asked, Facts, verdict
from gadfly.monitor.verdict import Verdict

PASS = Asked("http", Outcome.passing, "GET /health answered 200", at=100.0, since=50.0, moment=100.0)
WARN = Asked("tls", Outcome.warn, "certificate ends in 9 days", at=100.0, since=50.0, moment=100.0)
FAIL = Asked("http", Outcome.fail, "GET /health answered 503", at=100.0, since=50.0, moment=100.0)
CANNOT = Asked("icmp", Outcome.unknown, "not permitted to ping", at=100.0, since=50.0, moment=100.0)
L, S, V = Liveness, Status, Verdict


@pytest.mark.parametrize(
    ("facts", "word", "reason"),
    [
        (Facts(liveness=L.alive), V.undeclared, "beats arrive; no catalogue declares it"),
        (Facts(declared=True, liveness=L.alive), V.healthy, "beats arrive"),
        (Facts(declared=True, liveness=L.late), V.healthy, "beats arrive"),
        (Facts(declared=True, liveness=L.suspect), V.healthy, "beats arrive"),
        (Facts(declared=True, liveness=L.alive, status=S.starting), V.healthy, "starting"),
        (Facts(declared=True, liveness=L.alive, status=S.stopping), V.healthy, "stopping"),
        (
            Facts(declared=True, liveness=L.alive, probes=(PASS,)),
            V.healthy,
            "beats arrive, and GET /health answered 200",
        ),
        (
            Facts(declared=True, liveness=L.alive, probes=(PASS, FAIL)),
            V.gray,
            "beats arrive, but GET /health answered 503",
        ),
        (Facts(liveness=L.alive, probes=(PASS, WARN)), V.degraded, "certificate ends in 9 days"),
        (Facts(declared=True, liveness=L.alive, probes=(CANNOT,)), V.healthy, "beats arrive"),
        (Facts(liveness=L.alive, status=S.warn), V.degraded, "says of itself: warn"),
        (
            Facts(liveness=L.alive, status=S.warn, says="queue is long", probes=(FAIL,)),
            V.gray,
            "beats arrive, but GET /health answered 503",
        ),
        (
            Facts(liveness=L.alive, status=S.fail, says="no disk", probes=(PASS,)),
            V.down,
            "says of itself: fail, no disk",
        ),
        (
            Facts(liveness=L.stalled, probes=(PASS,)),
            V.down,
            "the process answers, but its work does not advance",
        ),
        (Facts(liveness=L.left, probes=(FAIL,)), V.left, "said goodbye"),
        (Facts(liveness=L.left, status=S.fail), V.down, "ended, and said that it failed"),
        (Facts(liveness=L.silent, why="its port refused"), V.down, "its port refused"),
        (
            Facts(liveness=L.silent, why="its port refused", turned=120.0, probes=(PASS,)),
            V.down,
            "its port refused",
        ),
        (
            Facts(liveness=L.silent, turned=90.0, probes=(PASS,)),
            V.zombie,
            "GET /health answered 200, but its beats stopped",
        ),
        (
            Facts(liveness=L.silent, why="no answer", turned=90.0, probes=(PASS, FAIL)),
            V.down,
            "no answer, and GET /health answered 503",
        ),
        (Facts(liveness=L.silent, turned=90.0), V.down, "its beats stopped and it does not answer"),
        (Facts(declared=True, waiting=True), V.unknown, "not yet heard or asked"),
        (Facts(declared=True), V.missing, "declared, and never heard"),
        (Facts(declared=True, beats=False), V.unknown, "not yet heard or asked"),
        (Facts(declared=True, beats=False, probes=(CANNOT,)), V.unknown, "not permitted to ping"),
        (Facts(declared=True, beats=False, probes=(PASS,)), V.healthy, "GET /health answered 200"),
        (Facts(declared=True, beats=False, probes=(WARN,)), V.degraded, "certificate ends in 9 days"),
        (Facts(declared=True, beats=False, probes=(FAIL,)), V.down, "GET /health answered 503"),
        (
            Facts(declared=True, probes=(FAIL,)),
            V.down,
            "GET /health answered 503, and it was never heard",
        ),
        (Facts(declared=True, probes=(PASS,)), V.zombie, "GET /health answered 200, but it never beat"),
        (Facts(declared=True, waiting=True, probes=(PASS,)), V.healthy, "GET /health answered 200"),
    ],
)
def test_verdict(facts: Facts, word: Verdict, reason: str) -> None:
    assert verdict(facts) == (word, reason)


def test_every_combination_has_a_verdict_and_a_reason() -> None:
    for liveness in Liveness:
        for status in Status:
            for probes in ((), (PASS,), (WARN,), (FAIL,), (CANNOT,)):
                for declared in (True, False):
                    facts = Facts(declared=declared, liveness=liveness, status=status, probes=probes)
                    word, reason = verdict(facts)
                    assert word in Verdict
                    assert reason
