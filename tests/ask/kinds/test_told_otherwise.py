"""The same told in another honest way: in other columns, words, rows. And what then looks alike."""

from __future__ import annotations

from typing import Any

DAY = 86_400.0
HOUR = 3_600.0
NOW = 20_000 * DAY
OLD = NOW - 400 * DAY
Rows = list[dict[str, Any]]
Facts = dict[str, Any]


def without(rows: Rows, *names: str) -> Rows:
    return [{name: cell for name, cell in row.items() if name not in names} for row in rows]


def daily(days: int, check: str = "lag", **cells: Any) -> Rows:
    return [{"check": check, "day": 19_999 - i, "coverage": 1.0} | cells for i in range(days)]


def alerts(n: int, every: float = DAY, check: str = "lag", **cells: Any) -> Rows:
    rows = []
    for i in range(n):
        at = NOW - (i + 1) * every
        row = {"id": f"{check}{i}", "check": check, "component": "db", "owner": "shop", "page": True}
        rows.append(row | {"started": at, "acked": at + 60, "ended": at + 900} | cells)
    return rows


CHECK = {"name": "lag", "component": "db", "owner": "shop", "threshold": 30.0, "since": OLD}
DB = {"name": "db", "owner": "shop", "tier": 1, "since": OLD}

# never-near: a limit at ten times the highest of a small counter
COUNTER: Facts = {"check": [CHECK], "sample_daily": daily(90, p50=0.0, p999=3.0, max=3.0)}


def heartbeats(n: int, interval: float, dead: float = 30.0) -> Facts:
    """So many checks of heartbeats, the last of which looks so often, the others as often as they should."""
    every = [10.0] * (n - 1) + [interval]
    checks = [
        {"name": f"k{i}", "component": f"c{i}", "kind": "heartbeat", "interval": one, "since": OLD}
        for i, one in enumerate(every)
    ]
    beats = [{"component": f"c{i}", "listener": "a", "day": 19_999, "dead_after": dead} for i in range(n)]
    return {"check": checks, "heartbeat_daily": beats}


HOUSE = heartbeats(9, 60.0)
HOUSE = HOUSE | {"check": [one | {"interval": 60.0} for one in HOUSE["check"]]}
EXPIRES: Facts = {
    "check": [
        {"name": "door", "component": "db", "kind": "blackbox", "interval": HOUR, "reads": "not_after"}
    ],
    "spell": [{"component": "db", "began": NOW - i * DAY, "ended": NOW - i * DAY + 240} for i in range(1, 9)],
}

AVERAGE: Facts = {
    "check": [CHECK | {"expr": "avg_over_time(wait[5m]) > 30"}],
    "sample_daily": daily(28, p50=1.0, mean=1.0, p99=20.0),
}

NIGHTS = [row | {"started": row["started"] + 2 * HOUR, "acked": row["started"] + 2 * HOUR + 60}
          for row in alerts(9, 3 * DAY)]  # fmt: skip
MORNINGS = [
    {"id": f"x{i}", "alert": row["id"], "at": row["started"] + 8 * HOUR, "function": "restart"}
    for i, row in enumerate(NIGHTS)
]

# slow-ack: slow only while a trouble was open that nobody's team has
PAGES = [row | {"acked": row["started"] + 120} for row in alerts(40, 2 * DAY)]
SLOW = [row | {"acked": row["started"] + 7200} for row in alerts(12, HOUR, check="disk")]
PROMISE: Facts = {"owner": [{"name": "shop", "promise": 300}], "alert": PAGES[4:] + SLOW}
BIGGER = {"id": "i", "began": NOW - DAY, "ended": NOW}

EDGES = [{"src": f"s{i}", "dst": "db", "kind": "hard"} for i in range(25)]


def storms() -> Facts:
    checks = [{"name": "lag", "component": "db"}] + [
        {"name": f"k{i}", "component": f"s{i}"} for i in range(25)
    ]
    rows = []
    for k in (5, 25, 45):
        at = NOW - k * DAY
        rows += [
            {"id": f"{k}-{i}", "check": one["name"], "person": "p1", "owner": "shop", "started": at + 10 * i}
            for i, one in enumerate(checks)
        ]
    return {"alert": rows, "check": checks, "edge": EDGES}


TOLD = [{"id": f"i{i}", "component": "db", "began": row["started"], "reported": row["started"] + 300,
         "ended": row["ended"]} for i, row in enumerate(alerts(3, 9 * DAY))]  # fmt: skip

HUSH = {"id": "s", "component": "web", "owner": "shop", "reason": "web", "created": NOW - 3 * DAY}
MANY = [{"name": f"k{i}", "component": f"c{i}"} for i in range(4)]
HUSHED: Facts = {
    "silence": [HUSH],
    "check": MANY,
    "alert": [{"id": f"a{i}", "check": f"k{i}", "started": NOW - 2 * DAY} for i in range(4)],
    "silenced": [{"silence": "s", "alert": f"a{i}", "at": NOW - 2 * DAY} for i in range(4)],
}

OTHERS = [{"owner": "data", "person": "d1", "starts": OLD, "ends": NOW + 90 * DAY}]
CLOSED = without(alerts(8, resolver="d1"), "acked", "component")

TODO = {"name": "lag", "component": "db", "runbook": "TODO: write it", "since": OLD}


def renewed(matchers: list[str]) -> Rows:
    return [
        {"id": f"s{i}", "matchers": one, "created": NOW - (9 - 2 * i) * DAY,
         "ends": NOW - (7 - 2 * i) * DAY, "reason": "later"}
        for i, one in enumerate(matchers)
    ]  # fmt: skip


ALIKE = ['{a="1", b="2"}', 'b="2",a="1"', '{b="2", a="1"}', 'a="1",b="2"', 'a="1", b="2"']
UNLIKE = [f'a="{i}"' for i in range(5)]

WAITS = {"id": "s", "matchers": "a", "component": "db", "created": NOW - 9 * DAY, "ends": NOW + 9 * DAY}

EXCUSED: Facts = {
    "window": [{"component": "db", "starts": NOW - i * DAY, "ends": NOW - i * DAY + 8 * HOUR,
                "created": NOW - i * DAY} for i in range(1, 28)],
    "incident": [{"component": "db", "began": NOW - 3 * DAY + HOUR}],
}  # fmt: skip


def runs(n: int, first: float = 0, **cells: Any) -> Rows:
    return [{"id": f"r{first}-{i}", "at": NOW - (first + 2 * i + 1) * DAY, "function": "drain"} | cells
            for i in range(n)]  # fmt: skip


GREW = runs(10, touched=["a"] * 9) + runs(20, 31, touched=["a"] * 4)
STAYED = runs(10, touched=["a"] * 5) + runs(20, 31, touched=["a"] * 4)
PLAYED = runs(6, touched=["a", "b", "c"])
REHEARSED = [
    {"id": f"d{row['id']}", "at": row["at"] - 300, "function": "drain", "mode": "dry", "planned": ["a", "b"]}
    for row in PLAYED
]
SAME = [row | {"planned": ["c", "a", "b"]} for row in REHEARSED]
LONG_AGO = [row | {"at": row["at"] - 1.5 * DAY} for row in REHEARSED[:1]]

GRANT = {"id": "g", "principal": "bot", "function": "renew", "since": OLD, "expires": NOW + 90 * DAY}
USES = [{"grant": "g", "at": NOW - i * DAY, "class": one} for i in range(1, 30) for one in ("Cert", "volume")]
WIDE: Facts = {"grant": [GRANT | {"since": None, "targets": 100}],
               "use": [{"grant": "g", "at": NOW - i * DAY, "target": "t"} for i in range(1, 30)]}  # fmt: skip

MENDED = alerts(8, action="failover", actor="human", resolver="d1", end_reason="human", acted=NOW - DAY)
POWER: Facts = {
    "check": [CHECK | {"pages": True}],
    "rota": [*OTHERS, {"owner": "shop", "person": "p1", "starts": OLD, "ends": NOW + 90 * DAY}],
    "grant": [GRANT | {"owner": "shop", "function": "restart"}],
    "alert": [row | {"acted": row["started"] + 300} for row in MENDED],
}
FAILOVER = {"name": "failover", "owner": "data"}

BOT = {"name": "bot", "function": "drain", "level": 4, "level_since": NOW - 30 * DAY, "since": OLD}


def record(n: int, good: int) -> Facts:
    acts = [
        {"id": f"x{i}", "at": NOW - (31 + 2 * i) * DAY, "automation": "bot", "function": "drain",
         "outcome": "Verified" if i < good else "failed"}
        for i in range(n)
    ]  # fmt: skip
    return {"automation": [BOT], "action": acts}


STOPS = BOT | {"stop_needs": ["db"]}
TOUCH = {"id": "x", "at": NOW - DAY, "automation": "bot", "function": "drain", "target": "db"}
PULLED = {"kind": "stop", "subject": "bot", "at": NOW - 9 * DAY, "ok": True}
MEANS = [row | {"mean": 15.0 if row["day"] > 19_900 else 5.0} for row in daily(180)]

SPELLS = [
    {"component": "db", "kind": "errors", "health": " OK", "errors": 0.4, "began": NOW - i * DAY,
     "ended": NOW - i * DAY + 900} for i in range(1, 6)
]  # fmt: skip

NEAR = {"name": "load", "component": "db", "threshold": 24.0, "hold": 300.0, "since": OLD}
OVER = daily(28, check="load", p50=20.0, p99=26.0, min=5.0, max=28.0)


def fell(lag: float = 25.0, **cells: Any) -> Rows:
    """Failures of `web` so long after those of `conf`, without a word on which came of which."""
    rows: Rows = []
    for i in (1, 11, 21):
        at = NOW - i * DAY
        rows.append({"component": "conf", "kind": "down", "began": at, "ended": at + 900})
        failing = {"component": "web", "kind": "errors", "errors": 0.8, "normal": 0.01}
        rows.append(failing | {"began": at + lag, "ended": at + 900} | cells)
    return rows


CALLS = [{"src": "web", "dst": "conf", "declared": False, "calls": 30.0}]
CACHE = [CALLS[0] | {"declared": True, "kind": "soft"}]
SICK = fell(kind="down", sick=0.95, removed=6, remover="lb")
TWICE = [*CALLS, {"src": "web", "dst": "dns", "declared": True}]
BOTH = [row | {"component": "dns"} for row in fell() if row["component"] == "conf"]

LAIN = [without([row], "acked", "end_reason")[0] | {"ended": row["started"] + 4 * HOUR} for row in SLOW[:5]]
QUICK = PAGES[4:20]

ASKS = BOT | {"level": 2, "level_since": OLD}
PRESSED = [{"id": f"x{i}", "at": NOW - (3 + 9 * i) * DAY, "automation": "bot", "function": "drain"}
           for i in range(5)]  # fmt: skip
COLD = {"kind": "stop", "subject": "bot", "at": NOW - 150 * DAY, "ok": True}

REFUSED = [
    {"id": f"x{i}", "at": NOW - (1 + 2.5 * i) * DAY, "function": "drain", "mode": "blocked",
     "denied_by": "one-a-day", "by_hand": NOW - (1 + 2.5 * i) * DAY + 4 * HOUR} for i in range(20)
]  # fmt: skip
LET = [{"guard": "g", "at": NOW - (1 + 1.9 * i) * DAY, "denied": False} for i in range(50)]
PASSED = [{"id": f"y{i}", "at": NOW - (1 + i) * HOUR, "function": "drain"} for i in range(60)]

LATE = [row | {"acted": row["acked"] + 6.25 * HOUR, "ended": row["acked"] + 7 * HOUR}
        for row in alerts(5, 9 * DAY)]  # fmt: skip
LATE = [
    {**row, **{name: row[name] - 1.5 * HOUR for name in ("started", "acked", "acted", "ended")}}
    for row in LATE
]

HALTED = [{"job": "dump", "due": NOW - i * DAY, "began": NOW - i * DAY + 60, "ended": NOW - i * DAY + 900}
          for i in range(6, 60)]  # fmt: skip
OTHER = [
    row
    | {
        "job": "sweep",
        "due": row["due"] + 5 * DAY,
        "began": row["began"] + 5 * DAY,
        "ended": row["ended"] + 5 * DAY,
    }
    for row in HALTED
]
DUMP = [{"name": one, "kind": "job", "period": DAY, "since": OLD} for one in ("dump", "sweep")]
WEEKLY = [row for row in HALTED if round((NOW - row["due"]) / DAY) % 7 == 6]


def granted(n: int, first: float = 0, **cells: Any) -> Rows:
    every = [(f"w{first}-{i}", NOW - (first + 2 * i + 2) * DAY) for i in range(n)]
    return [
        {
            "id": one,
            "approver": "p1",
            "requester": f"r{i % 4}",
            "asked": at,
            "decided": at + 90,
            "granted": True,
        }
        | cells
        for i, (one, at) in enumerate(every)
    ]


def duties(*scopes: str | None) -> Facts:
    return {"grant": [
        {"id": f"g{i}", "principal": "kim", "function": one, "scope": scope, "since": OLD,
         "expires": NOW + DAY}
        for i, (one, scope) in enumerate(zip(("propose", "approve"), scopes, strict=True))
    ]}  # fmt: skip


def heard(kind: str | None) -> Facts:
    others = [{"name": f"s{i}", "kind": "service", "declared": True, "since": OLD} for i in range(4)]
    beats = [{"component": f"s{i}", "day": 19_999 - k, "beats": 9} for i in range(4) for k in range(20)]
    return {"component": [*others, others[0] | {"name": "x", "kind": kind}], "heartbeat_daily": beats}


TIMES = [NOW - (2 * i + 1.3 + 0.37 * (i % 3)) * DAY for i in range(16)]
STEPS = [{"src": "mid", "dst": "db", "kind": "hard"}, {"src": "far", "dst": "mid", "kind": "hard"}]
HARM: Facts = {
    "edge": STEPS,
    "action": [{"id": f"x{i}", "at": t, "function": "restart", "target": "db"} for i, t in enumerate(TIMES)],
    "alert": [{"id": f"a{i}", "component": "far", "started": t + 300} for i, t in enumerate(TIMES)],
}


def grows(by: float) -> Facts:
    every = enumerate(daily(370))
    return {"check": [CHECK], "sample_daily": [one | {"p50": 5.0 + by * (370 - i) / 370} for i, one in every]}


def ears(hour: float) -> Rows:
    lost = [864, 864, 864 + round(3600 * hour)]
    return [
        {"component": "db", "listener": f"l{i}", "day": 19_999, "beats": 86_400 - one, "lost": one,
         "worst_hour": hour if i == 2 else 0.01} for i, one in enumerate(lost)
    ]  # fmt: skip


SHADOW = {"name": "cron", "declared": False, "since": NOW - 40 * HOUR}
WATCH = {"name": "node", "owner": "shop", "since": OLD}
PULLS = [PULLED | {"at": NOW - 40 * DAY}]

SEEDS: dict[str, tuple[str, Facts, str]] = {
    "ten times a small counter": ("never-near", COUNTER, "lag"),
    "the highest only": ("never-near", COUNTER | {"sample_daily": daily(90, p50=0.5, max=2.0)}, "lag"),
    "one that looks too seldom": ("blind-window", heartbeats(9, 60.0), "k8"),
    "an average by its expression": ("average-hides", AVERAGE, "lag"),
    "spells without a usual share": ("healthcheck-too-shallow", {"spell": SPELLS}, "db"),
    "night pages that acts tell of": ("night-page", {"alert": NIGHTS, "action": MORNINGS}, "lag"),
    "slow without any trouble": ("slow-ack", PROMISE, "shop"),
    "storms of checks": ("storm", storms(), "shop"),
    "told without an alert's component": ("late-telling", {"incident": TOLD}, "db"),
    "hushed alerts of checks": ("wide-silence", HUSHED, "s"),
    "closed by others": ("owner-gone", {"component": [DB], "check": [CHECK], "rota": OTHERS, "alert": CLOSED},
                         "db"),
    "a runbook to be written": ("runbook-unread", {"check": [TODO], "alert": alerts(12)}, "lag"),
    "renewed in other words": ("immortal-silence", {"silence": renewed(ALIKE)}, ALIKE[-1]),
    "nothing to hush": ("dead-silence", {"silence": [WAITS]}, "s"),
    "production by a short name": ("always-maintenance",
                                   EXCUSED | {"component": [DB | {"environment": "Prod"}]}, "db"),
    "wider as touched": ("radius-creep", {"action": GREW}, "drain"),
    "a rehearsal of its own": ("dry-run-differs", {"action": PLAYED + REHEARSED}, "drain"),
    "a purpose in words": ("purpose-drift",
                           {"grant": [GRANT | {"purpose": "renews cert files"}], "use": USES}, "g"),
    "a grant of unknown age": ("wider-than-used", WIDE, "g"),
    "a function of its owner": ("page-without-power", POWER | {"function": [FAILOVER]}, "lag"),
    "a stop within what it touched": (
        "stop-button-cold", {"automation": [STOPS], "action": [TOUCH], "drill": [PULLED]}, "bot"),
    "a limit of means": ("stale-threshold", {"check": [CHECK], "sample_daily": MEANS}, "lag"),
    "a level after few runs": ("promotion-unearned", record(12, 12), "bot"),
    "a level after bad runs": ("promotion-unearned", record(60, 48), "bot"),
    "over its limit, nobody wrote down how long": (
        "always-near", {"check": [NEAR], "sample_daily": OVER}, "load"),
    "stoppable only after a word": (
        "stop-button-cold", {"automation": [ASKS], "action": PRESSED, "drill": [COLD]}, "bot"),
    "persons' runs that nobody measured": (
        "unverified", {"action": runs(20, actor_kind="person", outcome="unverified")}, "drain"),
    "a hidden one by its times": ("hidden-dependency", {"edge": CALLS, "spell": fell()}, "web → conf"),
    "a soft one by its times": ("declared-soft", {"edge": CACHE, "spell": fell()}, "web → conf"),
    "sick by its times": ("healthcheck-too-deep", {"edge": CACHE, "spell": SICK}, "web"),
    "never acknowledged": ("slow-ack", PROMISE | {"alert": QUICK + LAIN}, "shop"),
    "all granted in minutes": ("rubber-stamp", {"approval": granted(30)}, "p1"),
    "three runs close to their limit": ("radius-creep", {"action": [
        {"id": f"x{i}", "at": NOW - (1 + 1.9 * i) * DAY, "function": "drain", "target_limit": 50,
         "targets": 40 if 0 < i < 4 else 20} for i in range(60)]}, "drain"),
    "refusals of acts": ("guard-always-bites", {"action": REFUSED}, "one-a-day"),
    "six hours, but before eight": ("night-page", {"alert": LATE}, "lag"),
    "ten looks of half a minute": ("missing-is-green", {
        "check": [CHECK | {"interval": 30.0}],
        "sample_daily": [*daily(60), daily(61)[-1] | {"gap": 306.0, "gap_state": "ok"}]}, "lag"),
    "a guard that is old": ("guard-never-bit", {
        "guard": [{"name": "g", "since": OLD}], "request": LET}, "g"),
    "a silence without an end": ("dead-silence", {"silence": [without([WAITS], "ends")[0]]}, "s"),
    "a job of which nothing is due any more": (
        "job-drift", {"job_run": HALTED + OTHER, "component": DUMP}, "dump"),
    "no test page, and no listener known": ("who-watches", {"monitor": [WATCH], "drill": PULLS}, "node"),
    "both sides of one thing": ("toxic-pair", duties("shop", "shop/cart"), "kim"),
    "both sides, of anything": ("toxic-pair", duties("shop", None), "kim"),
    "harm two steps away": ("harmful", HARM, "restart"),
    "an hour of a twentieth": ("deaf-listener", {"heartbeat_daily": ears(0.0525)}, "db"),
    "a trend to a little over twice": ("stale-threshold", grows(5.5), "lag"),
    "the only service of a new sort": ("declared-not-seen", heard("cache"), "x"),
}  # fmt: skip

QUIET: dict[str, tuple[str, Facts]] = {
    "six times a small counter": ("never-near", COUNTER | {"check": [CHECK | {"threshold": 18.0}]}),
    "as the house does it": ("blind-window", HOUSE),
    "what expires on a day": ("blind-window", EXPIRES),
    "a sum by its expression": ("average-hides", AVERAGE | {"check": [CHECK | {"expr": "sum(wait) > 30"}]}),
    "night pages seen to at once": (
        "night-page",
        {"alert": NIGHTS, "action": [one | {"at": one["at"] - 7.5 * HOUR} for one in MORNINGS]}),
    "slow in everybody's trouble": ("slow-ack", PROMISE | {"incident": [BIGGER]}),
    "slow in another's trouble": (
        "slow-ack", {"owner": PROMISE["owner"], "incident": [BIGGER | {"owner": "data"}],
                     "alert": PAGES[4:] + [one | {"incident": "i"} for one in SLOW]}),
    "an alert that names its check": (
        "late-telling",
        {"incident": TOLD, "check": [CHECK], "alert": without(alerts(3, 9 * DAY), "component")}),
    "closed by their own": ("owner-gone", {"component": [DB], "check": [CHECK], "alert": CLOSED,
                                           "rota": [OTHERS[0] | {"owner": "shop"}]}),
    "a runbook that is there": (
        "runbook-unread", {"check": [TODO | {"runbook": "wiki/todo-list"}], "alert": alerts(12)}),
    "silences of different things": ("immortal-silence", {"silence": renewed(UNLIKE)}),
    "an alert that may be hushed": ("dead-silence", {"silence": [WAITS], "alert": alerts(3)}),
    "not production": ("always-maintenance", EXCUSED | {"component": [DB | {"environment": "Staging"}]}),
    "as wide as touched": ("radius-creep", {"action": STAYED}),
    "a rehearsal that said so": ("dry-run-differs", {"action": PLAYED + SAME}),
    "a rehearsal of the week before": ("dry-run-differs", {"action": PLAYED + LONG_AGO}),
    "a purpose of both": (
        "purpose-drift", {"grant": [GRANT | {"purpose": "certs and volumes, Cert first"}], "use": USES}),
    "a purpose of none": ("purpose-drift", {"grant": [GRANT | {"purpose": "the night job"}], "use": USES}),
    "a function of nobody": ("page-without-power", POWER | {"function": [FAILOVER | {"owner": None}]}),
    "a function that its own ran, too": (
        "page-without-power",
        POWER | {"function": [FAILOVER],
                 "alert": [*POWER["alert"][1:], POWER["alert"][0] | {"resolver": "p1"}]}),
    "a stop outside of what it touched": (
        "stop-button-cold",
        {"automation": [STOPS], "action": [TOUCH | {"target": "web"}], "drill": [PULLED]}),
    "a limit of steady means": (
        "stale-threshold", {"check": [CHECK], "sample_daily": [one | {"mean": 5.0} for one in MEANS]}),
    "a level after thirty good runs": ("promotion-unearned", record(30, 30)),
    "a mean is compared, not its p99": (
        "always-near", {"check": [NEAR | {"aggregation": "mean"}], "sample_daily": OVER}),
    "never beyond, as is known": (
        "always-near", {"check": [NEAR], "sample_daily": [row | {"past": 0.0} for row in OVER]}),
    "suggests, and persons do it": ("stop-button-cold", {
        "automation": [ASKS], "drill": [COLD],
        "action": [row | {"actor_kind": "person"} for row in PRESSED]}),
    "three minutes later": ("hidden-dependency", {"edge": CALLS, "spell": fell(lag=180.0)}),
    "after either of two": ("hidden-dependency", {"edge": TWICE, "spell": fell() + BOTH}),
    "what nobody watches": (
        "healthcheck-too-deep", {"edge": [CACHE[0] | {"kind": "watch"}], "spell": SICK}),
    "over before anybody had to answer": ("slow-ack", PROMISE | {
        "alert": QUICK + [row | {"ended": row["started"] + 600} for row in LAIN]}),
    "seen to without an acknowledgement": ("slow-ack", PROMISE | {
        "alert": QUICK + [row | {"acted": row["started"] + 60} for row in LAIN]}),
    "a team that acknowledges elsewhere": ("slow-ack", PROMISE | {"alert": QUICK[:4] + LAIN}),
    "a few refusals of many acts": ("guard-always-bites", {"action": REFUSED + PASSED}),
    "who changed one half a year ago": (
        "rubber-stamp", {"approval": granted(30) + granted(1, 180, edited=True)}),
    "refusals that are told as requests": ("guard-always-bites", {
        "action": REFUSED, "request": [{"guard": "one-a-day", "at": NOW - DAY, "denied": True}]}),
    "a young guard": ("guard-never-bit", {
        "guard": [{"name": "g", "since": NOW - 99 * DAY}], "request": LET}),
    "jobs of which nothing is told any more": ("job-drift", {"job_run": HALTED, "component": DUMP}),
    "a job that is retired": ("job-drift", {"job_run": HALTED + OTHER, "component": DUMP[1:]}),
    "a job of one day a week": ("job-drift", {"job_run": WEEKLY + OTHER, "component": DUMP}),
    "a listener, and no test page anywhere": (
        "who-watches", {"monitor": [WATCH | {"dead_man": True}], "drill": PULLS}),
    "one side of each of two things": ("toxic-pair", duties("shop", "billing")),
    "harm to what only watches": ("harmful", HARM | {"edge": [STEPS[0] | {"kind": "watch"}, STEPS[1]]}),
    "an hour of less": ("deaf-listener", {"heartbeat_daily": ears(0.0475)}),
    "a trend to less than twice": ("stale-threshold", grows(4.8)),
    "the only function": ("declared-not-seen", heard("function")),
}  # fmt: skip


def test_alerts_of_checks_are_harm_too(ask: Any) -> None:
    times = [NOW - (2 * i + 1.3 + 0.37 * (i % 3)) * DAY for i in range(16)]
    acts = [{"id": f"x{i}", "at": t, "function": "restart", "target": "db"} for i, t in enumerate(times)]
    raised = [{"id": f"a{i}", "check": "k0", "started": t + 120} for i, t in enumerate(times)]
    checks = [{"name": "k0", "component": "s0"}]
    assert len(ask("harmful", action=acts, alert=raised, check=checks, edge=EDGES)) == 1
    assert ask("harmful", action=acts, alert=raised, edge=EDGES) == []


def test_a_pair_is_where_its_check_is(ask: Any) -> None:
    a, b = alerts(12, 3 * DAY), [one | {"check": "b"} for one in alerts(12, 3 * DAY, check="b")]
    (found,) = ask(
        "always-together",
        alert=without(a + b, "component"),
        check=[CHECK, CHECK | {"name": "b"}],
        component=[DB],
    )
    assert (found.component, found.owner) == ("db", "shop")


def test_blanks_and_capitals_of_words_are_one(ask: Any) -> None:
    spaced = [{**one, "check": " lag ", "end_reason": "Human"} for one in alerts(12)]
    assert ask("unacted", alert=spaced, check=[CHECK]) == []
    (found,) = ask("unacted", alert=[one | {"end_reason": "ITSELF"} for one in spaced], check=[CHECK])
    assert (found.subject, found.owner) == ("lag", "shop")
    listed = {"automation": [BOT | {"can_touch": [" db", "web "], "stop_needs": ["db "]}]}
    assert ask("stop-button-cold", **listed)[0].values["dependency"] == "db"


def test_what_is_said_of_what_is_not_known(ask: Any) -> None:
    (near,) = ask("always-near", check=[NEAR], sample_daily=OVER)
    assert round(near.values["hours"], 2) == round(28 * 0.24, 2)
    (late,) = ask("night-page", alert=LATE)
    assert (late.values["k"], late.values["after"]) == (5, 0)
    (pair,) = ask("toxic-pair", grant=[row | {"person": "p1"} for row in duties("a", "a")["grant"]])
    assert pair.values["who"] == "One person"


def test_who_was_heard_yesterday_lives(ask: Any) -> None:
    facts: Facts = {"component": [SHADOW], "edge": [{"src": "cron", "dst": "db"}]}
    heard = {"component": "cron", "day": 19_999, "beats": 9}
    assert len(ask("seen-not-declared", now=NOW + 10 * HOUR, **facts, heartbeat_daily=[heard])) == 1
    assert (
        ask("seen-not-declared", now=NOW + 10 * HOUR, **facts, heartbeat_daily=[heard | {"day": 19_998}])
        == []
    )
