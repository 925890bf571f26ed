"""The node's metrics about itself: as Prometheus text, and as samples of its own series."""

from __future__ import annotations

import os
import resource
from collections.abc import Mapping

from gadfly.instrument.exposition import Family, Sample

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


def families(
    *,
    verdicts: Mapping[str, int],
    ear: Mapping[str, int],
    ear_pid: int,
    alerts: Mapping[str, int],
    probes: Mapping[str, int],
    series: Mapping[str, int],
    series_kept: Mapping[str, int],
    series_refused: Mapping[str, int],
    intake: Mapping[tuple[str, str], int],
    rules: Mapping[str, float],
    ledger: Mapping[str, int],
    started: float,
) -> list[Family]:
    """What is told. All but `started` (wall seconds) are counts by name; `series_refused` by reason,
    `intake` by part and what; what ends in `_total` there only grows.

    What the ear dropped is one metric with the reason as its label; its other counters have their own names.
    """
    dropped = {name.removeprefix("dropped_"): n for name, n in ear.items() if name.startswith("dropped_")}
    others = {name: n for name, n in ear.items() if not name.startswith("dropped_")}
    return [
        _by("gadfly_components", "gauge", "Components by verdict.", "verdict", verdicts),
        _by("gadfly_alerts", "gauge", "Alerts, incidents, silences, dead letters now.", "what", alerts),
        _by("gadfly_probes", "gauge", "Declared probes, and those under way.", "what", probes),
        _by("gadfly_ledger", "gauge", "Entries sealed, witnesses, trouble.", "what", ledger),
        _by(
            "gadfly_ear_dropped_total",
            "counter",
            "Datagrams not taken, by reason; kernel: lost before they were read.",
            "reason",
            {**dropped, "kernel": others.pop("kernel_drops", 0)},
        ),
        *(
            Family(f"gadfly_ear_{name}_total", "counter", "", [("", (), float(count))])
            for name, count in others.items()
        ),
        _by("gadfly_series", "gauge", "Series that the node writes, by what they are of.", "of", series),
        _by("gadfly_series_kept", "gauge", "What the store of series holds.", "what", series_kept),
        _by(
            "gadfly_series_refused_total",
            "counter",
            "Samples and series of the node's own that were not kept, by reason.",
            "reason",
            series_refused,
        ),
        *_intake(intake),
        *_rules(rules),
        _by("process_cpu_seconds_total", "counter", "Processor time.", "part", _cpu(ear_pid)),
        _by("process_resident_memory_bytes", "gauge", "Resident memory.", "part", _memory(ear_pid)),
        Family("process_start_time_seconds", "gauge", "", [("", (), started)]),
    ]


def _by(name: str, kind: str, words: str, label: str, counts: Mapping[str, float]) -> Family:
    return Family(name, kind, words, [("", ((label, key),), float(value)) for key, value in counts.items()])


def _intake(counts: Mapping[tuple[str, str], int]) -> list[Family]:
    grows: list[Sample] = []
    now: list[Sample] = []
    for (part, what), number in counts.items():
        found = grows if what.endswith("_total") else now
        found.append(("", (("part", part), ("what", what.removesuffix("_total"))), float(number)))
    return [
        Family("gadfly_intake_total", "counter", "What came in since the start, by way and what.", grows),
        Family("gadfly_intake", "gauge", "What the ways in have now, by way and what.", now),
    ]


def _rules(counts: Mapping[str, float]) -> list[Family]:
    return [
        Family(
            "gadfly_rules" if name == "rules" else f"gadfly_rule_{name}",
            "counter" if name.endswith("_total") else "gauge",
            "",
            [("", (), float(number))],
        )
        for name, number in counts.items()
    ]


def _cpu(ear: int) -> dict[str, float]:
    own = resource.getrusage(resource.RUSAGE_SELF)
    found = {"node": own.ru_utime + own.ru_stime}
    fields = _read(f"/proc/{ear}/stat").rpartition(")")[2].split()
    if len(fields) > 12:
        found["ear"] = (int(fields[11]) + int(fields[12])) / TICKS
    return found


def _memory(ear: int) -> dict[str, float]:
    found = {}
    for part, pid in (("node", os.getpid()), ("ear", ear)):
        fields = _read(f"/proc/{pid}/statm").split()
        if len(fields) > 1:
            found[part] = float(int(fields[1]) * PAGE)
    return found


def _read(path: str) -> str:
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""
