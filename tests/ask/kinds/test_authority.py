"""Grants, principals and roles: each kind asks on its seed, and leaves its twin and the doubtful alone."""

from __future__ import annotations

from typing import Any

from gadfly.ask.text import fill

DAY = 86_400.0
NOW = 20_000 * DAY
GRANT = {
    "id": "g1",
    "principal": "bot",
    "owner": "sre",
    "function": "delete-volume",
    "scope": "storage",
    "targets": 10,
    "purpose": "clean up",
    "since": NOW - 200 * DAY,
    "expires": NOW + 100 * DAY,
}
OTHER_USE = {"grant": "g0", "at": NOW - 150 * DAY}


def uses(n: int, targets: int = 1, **cells: Any) -> list[dict[str, Any]]:
    return [
        {"grant": "g1", "principal": "bot", "at": NOW - (i + 0.5) * DAY, "target": f"t{i % targets}", **cells}
        for i in range(n)
    ]


def classes(inside: int, outside: int) -> list[dict[str, Any]]:
    return uses(inside, **{"class": "cert"}) + uses(outside, **{"class": "volume"})


def role(n: int, used: int | None, **cells: Any) -> list[dict[str, Any]]:
    return [
        {
            "name": f"f{i}",
            "role": "admin",
            "owner": "sre",
            "permissions": 90,
            "permissions_used": used,
            **cells,
        }
        for i in range(n)
    ]


def hosts(n: int, **cells: Any) -> list[dict[str, Any]]:
    return [{"principal": "deploy", "at": NOW - i * DAY, "host": f"h{i % n}", **cells} for i in range(1, 25)]


def by_clock_and_hand() -> list[dict[str, Any]]:
    night = [{"principal": "deploy", "at": NOW - i * DAY + 3 * 3600, "host": "h"} for i in range(1, 29)]
    hand = [
        {"principal": "deploy", "at": NOW - i * DAY + (8 + k * 3.3 + i * 0.31 % 2) * 3600, "host": "h"}
        for i in range(1, 29)
        if (19_996 - i) % 7 < 5
        for k in range(2)
    ]
    return night + hand


def duties(*names: str, **cells: Any) -> list[dict[str, Any]]:
    return [{"id": f"g{i}", "principal": "ops", "function": name, **cells} for i, name in enumerate(names)]


SEEDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "unused": ("unused-grant", {"grant": [GRANT], "use": [OTHER_USE]}, "g1"),
    "used long ago": (
        "unused-grant",
        {"grant": [GRANT], "use": [{"grant": "g1", "at": NOW - 100 * DAY}]},
        "g1",
    ),
    "one function of two unused": (
        "unused-grant",
        {
            "grant": [GRANT, GRANT | {"function": "list-volumes"}],
            "use": [OTHER_USE, *uses(3, function="list-volumes")],
        },
        "g1",
    ),
    "uses written down for nearly as long": (
        "unused-grant",
        {"grant": [GRANT], "use": [{"grant": "g0", "at": NOW - 85 * DAY}]},
        "g1",
    ),
    "star": (
        "wider-than-used",
        {"grant": [GRANT | {"function": "*", "wildcard": True}], "use": uses(5)},
        "g1",
    ),
    "star by its text": ("wider-than-used", {"grant": [GRANT | {"scope": "*"}]}, "g1"),
    "few of many targets": (
        "wider-than-used",
        {"grant": [GRANT | {"targets": 100}], "use": uses(40, 4)},
        "g1",
    ),
    "no end": ("timeless-grant", {"grant": [GRANT | {"expires": None}]}, "g1"),
    "far end": ("timeless-grant", {"grant": [GRANT | {"expires": NOW + 400 * DAY}]}, "g1"),
    "review overdue": ("timeless-grant", {"grant": [GRANT | {"review": NOW - 20 * DAY}]}, "g1"),
    "renewed before the review that is overdue": (
        "timeless-grant",
        {"grant": [GRANT | {"review": NOW - 20 * DAY, "renewed": NOW - 60 * DAY}]},
        "g1",
    ),
    "no purpose": ("timeless-grant", {"grant": [GRANT | {"expires": None, "purpose": None}]}, "g1"),
    "drift": (
        "purpose-drift",
        {"grant": [GRANT | {"purpose": "certs", "classes": ["cert"]}], "use": classes(10, 10)},
        "g1",
    ),
    "key of many hosts": ("shared-identity", {"use": hosts(5), "principal": [{"name": "deploy"}]}, "deploy"),
    "not declared at all": ("shared-identity", {"use": hosts(3)}, "deploy"),
    "of many teams": (
        "shared-identity",
        {"use": [one | {"owner": f"o{i % 3}"} for i, one in enumerate(hosts(1))]},
        "deploy",
    ),
    "by clock and by hand": ("shared-identity", {"use": by_clock_and_hand()}, "deploy"),
    "one role": ("function-over-role", {"function": role(12, 5)}, "admin"),
    "own check": ("toxic-pair", {"grant": duties("act", "silence")}, "ops"),
    "ledger": ("toxic-pair", {"grant": duties("write-ledger", "prune-ledger", "act")}, "ops"),
    "through two names": (
        "toxic-pair",
        {
            "grant": [
                {"id": "a", "principal": "anna", "person": "p7", "function": "propose"},
                {"id": "b", "principal": "anna-bot", "person": "p7", "function": "approve"},
            ]
        },
        "p7",
    ),
    "program that destroys": (
        "toxic-pair",
        {"grant": duties("wipe", "edit-check"), "function": [{"name": "wipe", "destructive": True}]},
        "ops",
    ),
}
QUIET: dict[str, tuple[str, dict[str, Any]]] = {
    "twin: kept for a drill": (
        "unused-grant",
        {"grant": [GRANT | {"drilled": NOW + 30 * DAY}], "use": [OTHER_USE]},
    ),
    "for emergencies": ("unused-grant", {"grant": [GRANT | {"breakglass": True}], "use": [OTHER_USE]}),
    "used": ("unused-grant", {"grant": [GRANT], "use": [OTHER_USE, *uses(1)]}),
    "used by name of the principal": (
        "unused-grant",
        {"grant": [GRANT], "use": [OTHER_USE, {"principal": "bot", "at": NOW - DAY}]},
    ),
    "two functions, uses that name none": (
        "unused-grant",
        {"grant": [GRANT, GRANT | {"function": "list"}], "use": [OTHER_USE, *uses(1)]},
    ),
    "uses not written down for so long": (
        "unused-grant",
        {"grant": [GRANT], "use": [{"grant": "g0", "at": NOW - 80 * DAY}]},
    ),
    "no uses at all": ("unused-grant", {"grant": [GRANT]}),
    "issued lately": ("unused-grant", {"grant": [GRANT | {"since": NOW - 80 * DAY}], "use": [OTHER_USE]}),
    "expired": ("unused-grant", {"grant": [GRANT | {"expires": NOW - DAY}], "use": [OTHER_USE]}),
    "twin: by labels": (
        "wider-than-used",
        {"grant": [GRANT | {"targets": 100, "by_labels": True, "wildcard": True}], "use": uses(40, 4)},
    ),
    "few uses": ("wider-than-used", {"grant": [GRANT | {"targets": 100}], "use": uses(19, 4)}),
    "most targets": ("wider-than-used", {"grant": [GRANT], "use": uses(40, 4)}),
    "star of emergencies": ("wider-than-used", {"grant": [GRANT | {"wildcard": True, "breakglass": True}]}),
    "targets not known": ("wider-than-used", {"grant": [GRANT | {"targets": None}], "use": uses(40, 4)}),
    "twin: renewed last week": (
        "timeless-grant",
        {"grant": [GRANT | {"expires": None, "renewed": NOW - 7 * DAY}]},
    ),
    "ends": ("timeless-grant", {"grant": [GRANT]}),
    "reviewed since": (
        "timeless-grant",
        {"grant": [GRANT | {"review": NOW - 120 * DAY, "renewed": NOW - 100 * DAY}]},
    ),
    "review due": ("timeless-grant", {"grant": [GRANT | {"review": NOW - 10 * DAY}]}),
    "no times": ("timeless-grant", {"grant": [{"id": "g1"}]}),
    "twin: broad on purpose": (
        "purpose-drift",
        {"grant": [GRANT | {"purpose": "certs and volumes", "classes": ["cert"]}], "use": classes(10, 10)},
    ),
    "broad by its classes": (
        "purpose-drift",
        {"grant": [GRANT | {"classes": ["Cert", "VOLUME"]}], "use": classes(10, 10)},
    ),
    "classes not listed": ("purpose-drift", {"grant": [GRANT], "use": classes(10, 10)}),
    "few uses of a purpose": (
        "purpose-drift",
        {"grant": [GRANT | {"classes": ["cert"]}], "use": classes(3, 6)},
    ),
    "a few strays": ("purpose-drift", {"grant": [GRANT | {"classes": ["cert"]}], "use": classes(9, 2)}),
    "classes of uses not known": (
        "purpose-drift",
        {"grant": [GRANT | {"classes": ["cert"]}], "use": uses(20)},
    ),
    "twin: pair for availability": (
        "shared-identity",
        {"use": hosts(3), "principal": [{"name": "deploy", "shared": True}, {"name": "deploy"}]},
    ),
    "two hosts": ("shared-identity", {"use": hosts(2)}),
    "hosts of last year": (
        "shared-identity",
        {"use": [{**one, "at": one["at"] - 365 * DAY} for one in hosts(5)]},
    ),
    "hosts not known": ("shared-identity", {"use": hosts(1, host=None)}),
    "by clock only": ("shared-identity", {"use": by_clock_and_hand()[:28]}),
    "by hand only": ("shared-identity", {"use": by_clock_and_hand()[28:]}),
    "twin: role as large as its use": ("function-over-role", {"function": role(12, 75)}),
    "one function": ("function-over-role", {"function": role(1, 5)}),
    "one function twice": ("function-over-role", {"function": [*role(1, 5), *role(1, 5, since=NOW - DAY)]}),
    "use not known": ("function-over-role", {"function": role(12, None)}),
    "twin: emergencies, reviewed": ("toxic-pair", {"grant": duties("act", "silence", breakglass=True)}),
    "one side for emergencies": (
        "toxic-pair",
        {"grant": [*duties("act"), *duties("silence", breakglass=True)]},
    ),
    "one side has ended": ("toxic-pair", {"grant": [*duties("act"), *duties("silence", expires=NOW - DAY)]}),
    "one side twice": ("toxic-pair", {"grant": duties("act", "act")}),
    "other duties": ("toxic-pair", {"grant": duties("act", "approve", "write-ledger")}),
    "two persons": ("toxic-pair", {"grant": [*duties("act"), {"principal": "eve", "function": "silence"}]}),
    "person who runs a function and silences": (
        "toxic-pair",
        {"grant": duties("wipe", "silence", person="p"), "function": [{"name": "wipe", "destructive": True}]},
    ),
    "nobody holds it": ("toxic-pair", {"grant": [{"function": "act"}, {"function": "silence"}]}),
}


def test_unused_counts_functions(ask: Any) -> None:
    grants = [GRANT, GRANT | {"function": "list-volumes"}, GRANT | {"function": "resize"}]
    (found,) = ask("unused-grant", grant=grants, use=[OTHER_USE, *uses(3, function="list-volumes")])
    assert (found.worse, found.values["function"], found.values["age"]) == (2, "delete-volume, resize", 200)


def test_nobody_is_named_but_the_role(ask: Any, every_kind: Any) -> None:
    name, tables, _ = SEEDS["through two names"]
    (found,) = ask(name, **tables)
    assert fill(every_kind[name].ask, found.values) == (
        "One person may propose and also approve, by 2 grants. Others who may approve: 0. "
        "Which second pair of eyes is left?"
    )
