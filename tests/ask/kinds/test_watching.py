"""Those who watch: each kind asks on its seed, and leaves its twin and the doubtful alone."""

from __future__ import annotations

from typing import Any

DAY = 86_400.0
NOW = 20_000 * DAY
PAIR = [
    {"src": "db1", "dst": "db2", "fences": True, "paths": 1},
    {"src": "db2", "dst": "db1", "fences": True, "paths": 1},
]
MONITOR = {"name": "node", "owner": "sre", "dead_man": False, "since": NOW - 200 * DAY}


def pages(*days: int, **cells: Any) -> list[dict[str, Any]]:
    return [{"kind": "page", "subject": "node", "at": NOW - day * DAY, "ok": True, **cells} for day in days]


SEEDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "two nodes": ("both-think-dead", {"edge": PAIR}, "db1 ↔ db2"),
    "one fences the other": ("both-think-dead", {"edge": PAIR[:1]}, "db1 ↔ db2"),
    "two pairs of one": (
        "both-think-dead",
        {"edge": [*PAIR, {"src": "db2", "dst": "db3", "fences": True, "paths": 2}]},
        "db1 ↔ db2",
    ),
    "no watchdog": ("who-watches", {"monitor": [MONITOR], "drill": pages(3)}, "node"),
    "no watchdog, no test": ("who-watches", {"monitor": [MONITOR]}, "node"),
    "last test long ago": (
        "who-watches",
        {"monitor": [MONITOR | {"dead_man": True}], "drill": pages(45)},
        "node",
    ),
    "tests that failed": (
        "who-watches",
        {"monitor": [MONITOR | {"dead_man": True}], "drill": [*pages(45), *pages(5, ok=False)]},
        "node",
    ),
    "never tested, others are": (
        "who-watches",
        {"monitor": [MONITOR | {"dead_man": True}], "drill": pages(45, 3, subject="another")},
        "node",
    ),
}
QUIET: dict[str, tuple[str, dict[str, Any]]] = {
    "twin: quorum of three": (
        "both-think-dead",
        {"edge": [*PAIR, *(PAIR[0] | {"src": one, "dst": "db3"} for one in ("db1", "db2"))]},
    ),
    "a witness": ("both-think-dead", {"edge": [PAIR[0], PAIR[1] | {"witness": True}]}),
    "two paths": ("both-think-dead", {"edge": [one | {"paths": 2} for one in PAIR]}),
    "paths not known": ("both-think-dead", {"edge": [one | {"paths": None} for one in PAIR]}),
    "no fencing": ("both-think-dead", {"edge": [one | {"fences": None} for one in PAIR]}),
    "twin: daily watchdog": ("who-watches", {"monitor": [MONITOR], "drill": pages(1, 2, 3, 4, 5, 6, 7)}),
    "heard and tested": ("who-watches", {"monitor": [MONITOR | {"dead_man": True}], "drill": pages(12, 40)}),
    "heard, tests are not written down": ("who-watches", {"monitor": [MONITOR | {"dead_man": True}]}),
    "new and heard": (
        "who-watches",
        {
            "monitor": [MONITOR | {"dead_man": True, "since": NOW - 20 * DAY}],
            "drill": pages(45, 3, subject="another"),
        },
    ),
    "nothing known": ("who-watches", {"monitor": [{"name": "node"}], "drill": [{"kind": "page"}]}),
}
