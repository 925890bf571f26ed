"""Who needs whom: each kind asks on its seed, and leaves its twin and the doubtful alone."""

from __future__ import annotations

from typing import Any

DAY = 86_400.0
NOW = 20_000 * DAY
HIDDEN = {"src": "web", "dst": "conf", "declared": False, "calls": 30}
SOFT = {"src": "web", "dst": "cache", "declared": True, "kind": "soft", "calls": 900}
HARD = {"src": "web", "dst": "db", "declared": True, "kind": "hard"}
WEB = {"name": "web", "owner": "shop", "tier": 1, "slo": 0.999, "on_call": True}
DB = {"name": "db", "owner": "dba", "tier": 1, "slo": 0.9995, "on_call": True}


def outages(component: str, *days: float, **cells: Any) -> list[dict[str, Any]]:
    return [
        {"component": component, "kind": "down", "began": NOW - day * DAY, "ended": NOW - day * DAY + 900}
        | cells
        for day in days
    ]


def errors(after: str | None, *days: float, **cells: Any) -> list[dict[str, Any]]:
    """Failing requests of `web`, two minutes after an outage began."""
    return [
        {
            "component": "web",
            "kind": "errors",
            "began": NOW - day * DAY + 120,
            "ended": NOW - day * DAY + 1000,
            "errors": 0.7,
            "normal": 0.002,
            "after": after,
            "within": 120,
        }
        | cells
        for day in days
    ]


def edges(*names: str, kind: str = "hard") -> list[dict[str, Any]]:
    """``"a b"``: a needs b."""
    return [dict(zip(("src", "dst"), name.split(), strict=True), kind=kind, declared=True) for name in names]


FAILED = [*outages("conf", 10, 40, 90), *errors("conf", 10, 40, 90)]
LOST = [*outages("cache", 10, 40, 90), *errors("cache", 10, 40)]
THIRD = [
    *FAILED,
    *outages("dns", *(day + 0.001 for day in (10, 40, 90))),
]
AT_ONCE = {"component": "web", "began": NOW - 10 * DAY, "ended": NOW - 10 * DAY + 3600}
DEPLOY = edges("deploy registry", "registry deploy")
CHAIN = edges(*(f"n{i} n{i + 1}" for i in range(90)))

SEEDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "implicit server": ("hidden-dependency", {"edge": [HIDDEN], "spell": FAILED}, "web → conf"),
    "third one that only one needs": (
        "hidden-dependency",
        {"edge": [HIDDEN, *edges("web dns")], "spell": THIRD},
        "web → conf",
    ),
    "soft cache that is hard": ("declared-soft", {"edge": [SOFT], "spell": LOST}, "web → cache"),
    "trouble that it made": (
        "declared-soft",
        {"edge": [SOFT], "spell": LOST, "incident": [AT_ONCE | {"cause": "The Cache was lost"}]},
        "web → cache",
    ),
    "soft one that takes it down": (
        "declared-soft",
        {"edge": [SOFT], "spell": [*outages("cache", 10, 40), *outages("web", 10, 40, after="cache")]},
        "web → cache",
    ),
    "tier 1 on tier 3": (
        "tier-inversion",
        {"edge": [HARD], "component": [WEB, DB | {"tier": 3}]},
        "web → db",
    ),
    "tier not said": ("tier-inversion", {"edge": [HARD], "component": [WEB, {"name": "db"}]}, "web → db"),
    "weaker promise": (
        "tier-inversion",
        {"edge": [HARD], "component": [WEB, DB | {"slo": 0.99, "on_call": None}]},
        "web → db",
    ),
    "sleeps at night": (
        "tier-inversion",
        {"edge": [HARD], "component": [WEB, DB | {"on_call": False}]},
        "web → db",
    ),
    "two each needing the other": ("loop", {"edge": DEPLOY}, "deploy → registry → deploy"),
    "starting and needing": (
        "loop",
        {"edge": [*edges("dns vm", "vm disk"), *edges("disk dns", kind="startup"), *CHAIN]},
        "disk → dns → vm → disk",
    ),
    "tool that repairs": (
        "loop",
        {"edge": [*edges("net console", kind="repair"), *edges("console vpn", "vpn net", "x net", "vpn y")]},
        "console → vpn → net → console",
    ),
    "cold start long ago": (
        "loop",
        {
            "edge": DEPLOY,
            "drill": [{"kind": "cold-start", "subject": "registry", "at": NOW - 500 * DAY, "ok": True}],
        },
        "deploy → registry → deploy",
    ),
    "cold start that failed": (
        "loop",
        {
            "edge": DEPLOY,
            "drill": [
                {"kind": "cold-start", "subject": "deploy", "at": NOW - 5 * DAY, "ok": False},
                {"kind": "page", "subject": "deploy", "at": NOW - 5 * DAY, "ok": True},
            ],
        },
        "deploy → registry → deploy",
    ),
}
QUIET: dict[str, tuple[str, dict[str, Any]]] = {
    "twin: third node": (
        "hidden-dependency",
        {"edge": [HIDDEN, *edges("web dns", "conf dns")], "spell": THIRD},
    ),
    "a declared cause": (
        "hidden-dependency",
        {"edge": [HIDDEN], "spell": [*FAILED[:3], *errors("conf", 10, 40, 90, cause="dns")]},
    ),
    "the other fell by a third one": (
        "hidden-dependency",
        {
            "edge": [HIDDEN],
            "component": [{"name": "dns"}],
            "spell": [*outages("conf", 10, 40, 90, cause="dns"), *FAILED[3:]],
        },
    ),
    "declared": ("hidden-dependency", {"edge": [HIDDEN | {"declared": True}], "spell": FAILED}),
    "declared by another row": (
        "hidden-dependency",
        {"edge": [HIDDEN, HIDDEN | {"declared": True, "calls": None}], "spell": FAILED},
    ),
    "nobody said whether": ("hidden-dependency", {"edge": [HIDDEN | {"declared": None}], "spell": FAILED}),
    "hardly called": ("hidden-dependency", {"edge": [HIDDEN | {"calls": 0.5}], "spell": FAILED}),
    "once": ("hidden-dependency", {"edge": [HIDDEN], "spell": [*FAILED[:3], *errors("conf", 10)]}),
    "hardly more errors": (
        "hidden-dependency",
        {"edge": [HIDDEN], "spell": [*FAILED[:3], *errors("conf", 10, 40, errors=0.008)]},
    ),
    "seldom with it": (
        "hidden-dependency",
        {"edge": [HIDDEN], "spell": [*outages("conf", *range(5, 25)), *errors("conf", 10, 20)]},
    ),
    "after nothing": (
        "hidden-dependency",
        {"edge": [HIDDEN], "spell": [*FAILED[:3], *errors(None, 9.99, 39.99)]},
    ),
    "errors not known": (
        "hidden-dependency",
        {"edge": [HIDDEN], "spell": errors("conf", 10, 40, errors=None)},
    ),
    "last year": ("hidden-dependency", {"edge": [HIDDEN], "spell": errors("conf", 210, 240)}),
    "twin: parallel incident": (
        "declared-soft",
        {
            "edge": [SOFT],
            "spell": LOST,
            "incident": [
                {"component": "web", "began": NOW - day * DAY - 3600, "ended": NOW - day * DAY + 3600}
                for day in (10, 40)
            ],
        },
    ),
    "parallel incident, begun at once": (
        "declared-soft",
        {"edge": [SOFT], "spell": LOST, "incident": [AT_ONCE | {"cause": "bad deploy"}]},
    ),
    "another cause": (
        "declared-soft",
        {"edge": [SOFT], "spell": [*LOST[:3], *errors("cache", 10, 40, cause="deploy")]},
    ),
    "a few requests": (
        "declared-soft",
        {"edge": [SOFT], "spell": [*LOST[:3], *errors("cache", 10, 40, errors=0.2)]},
    ),
    "one outage": ("declared-soft", {"edge": [SOFT], "spell": [*LOST[:3], *errors("cache", 10)]}),
    "hard": ("declared-soft", {"edge": [SOFT | {"kind": "hard"}], "spell": LOST}),
    "soft and hard": ("declared-soft", {"edge": [SOFT, SOFT | {"kind": "hard"}], "spell": LOST}),
    "sort not said": ("declared-soft", {"edge": [SOFT | {"kind": None}], "spell": LOST}),
    "twin: cached for a day": (
        "tier-inversion",
        {"edge": [HARD | {"cached": DAY}], "component": [WEB, DB | {"tier": 3}]},
    ),
    "equals": ("tier-inversion", {"edge": [HARD], "component": [WEB, DB]}),
    "nothing promised": (
        "tier-inversion",
        {"edge": [HARD], "component": [WEB, DB | {"slo": None, "on_call": None}]},
    ),
    "soft edge": (
        "tier-inversion",
        {"edge": [HARD | {"kind": "soft"}, HARD | {"kind": None}], "component": [WEB, DB | {"tier": 3}]},
    ),
    "tier 2 on tier 3": (
        "tier-inversion",
        {"edge": [HARD], "component": [WEB | {"tier": 2}, DB | {"tier": 3}]},
    ),
    "component not known": ("tier-inversion", {"edge": [HARD], "component": [WEB]}),
    "twin: cold start rehearsed": (
        "loop",
        {
            "edge": DEPLOY,
            "drill": [{"kind": "cold-start", "subject": "registry", "at": NOW - 50 * DAY, "ok": True}],
        },
    ),
    "chain": ("loop", {"edge": CHAIN}),
    "diamonds": (
        "loop",
        {"edge": edges(*(f"{a}{i} {b}{i + 1}" for i in range(30) for a in "ab" for b in "ab"))},
    ),
    "soft ring": ("loop", {"edge": edges("a b", "b a", kind="soft")}),
    "watching each other": ("loop", {"edge": edges("a b", "b a", kind="watch")}),
    "two that could repair each other": ("loop", {"edge": edges("a b", "b a", kind="repair")}),
    "itself": ("loop", {"edge": [*edges("a a"), {"src": "a", "kind": "hard"}, {"kind": "hard"}]}),
}


def test_rings_that_touch(ask: Any) -> None:
    """Each is told once, from its first member, by the shortest way."""
    found = ask("loop", edge=edges("a b", "b c", "c a", "c b", "d e", "e d", "c d", "e f"))
    assert sorted(one.subject for one in found) == ["a → b → c → a", "b → c → b", "d → e → d"]
