"""Decisions and questions: each kind asks on its seed, and leaves its twin and the doubtful alone."""

from __future__ import annotations

from typing import Any

DAY = 86_400.0
NOW = 20_000 * DAY
ACCEPTED = {
    "id": "d1",
    "at": NOW - 180 * DAY,
    "owner": "sre",
    "subject": "disk-full",
    "kind": "unacted",
    "what": "the pages of disk-full",
    "reason": "the new disks come in spring",
    "until": NOW + 30 * DAY,
    "cites": 2,
}
DOUBLED = {"then": 12, "now": 24}
CHANGED = {
    "id": "q1",
    "kind": "unacted",
    "subject": "disk-full",
    "owner": "sre",
    "asked": NOW - 60 * DAY,
    "answered": NOW - 50 * DAY,
    "answer": "change",
    "change": "threshold 80 to 85 %",
    "before": 20,
    "measured": NOW - 20 * DAY,
    "after": 19,
    "complete": True,
}
BARE = {"id": "adr-7", "at": NOW - 90 * DAY, "owner": "sre", "what": "one cluster for all", "carries": 9}
INCIDENT = {
    "id": "i1",
    "component": "web",
    "owner": "shop",
    "began": NOW - 6 * DAY,
    "ended": NOW - 5 * DAY,
    "cause": "a leap second",
    "conditions": [],
}


def questions(*kinds: str, day: float = 40, **cells: Any) -> list[dict[str, Any]]:
    return [
        {"id": f"q{i}", "kind": kind, "subject": "web", "owner": "shop", "asked": NOW - (day - i) * DAY}
        | cells
        for i, kind in enumerate(kinds)
    ]


def answers(**counts: int) -> list[dict[str, Any]]:
    return [
        {"id": f"q{i}{answer}", "kind": "storm", "owner": "sre", "answered": NOW - i * DAY, "answer": answer}
        for answer, count in counts.items()
        for i in range(count)
    ]


SEEDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "doubled": ("expired-acceptance", {"decision": [ACCEPTED | DOUBLED]}, "d1"),
    "past its date": ("expired-acceptance", {"decision": [ACCEPTED | {"until": NOW - DAY}]}, "d1"),
    "worse without a date": (
        "expired-acceptance",
        {"decision": [ACCEPTED | DOUBLED | {"until": None}]},
        "d1",
    ),
    "nothing but times": (
        "expired-acceptance",
        {"decision": [{"id": "d1", "at": NOW - 90 * DAY, "until": NOW - DAY}]},
        "d1",
    ),
    "threshold without effect": ("change-that-changed-nothing", {"question": [CHANGED]}, "q1"),
    "worse than before": ("change-that-changed-nothing", {"question": [CHANGED | {"after": 40}]}, "q1"),
    "bare": (
        "decision-without-evidence",
        {"decision": [BARE | {"cites": 0, "reversibility": "hard", "reason": "as all the others do"}]},
        "adr-7",
    ),
    "hardly a reason": (
        "decision-without-evidence",
        {"decision": [BARE | {"cites": 1, "reason": "faster"}]},
        "adr-7",
    ),
    "nothing said": ("decision-without-evidence", {"decision": [BARE]}, "adr-7"),
    "novel cause": ("incident-no-question", {"incident": [INCIDENT], "question": questions("storm")}, "i1"),
    "asked about other things": (
        "incident-no-question",
        {"incident": [INCIDENT | {"conditions": ["loop"]}], "question": questions("storm", "never-near")},
        "i1",
    ),
    "asked of another team": (
        "incident-no-question",
        {
            "incident": [INCIDENT | {"conditions": ["storm"]}],
            "question": questions("storm", subject="mail", owner="mail"),
        },
        "i1",
    ),
    "asked of the same team about another component": (
        "incident-no-question",
        {
            "incident": [INCIDENT | {"conditions": ["hidden-dependency"]}],
            "question": questions("hidden-dependency", subject="mail → cache"),
            "component": [{"name": "mail"}, {"name": "cache"}],
        },
        "i1",
    ),
    "conditions are told of all others": (
        "incident-no-question",
        {
            "incident": [
                INCIDENT | {"conditions": None},
                *(INCIDENT | {"id": f"j{i}", "conditions": ["storm"]} for i in range(5)),
            ],
            "question": questions("storm"),
        },
        "i1",
    ),
    "asked too late": (
        "incident-no-question",
        {
            "incident": [INCIDENT | {"conditions": ["loop"]}],
            "question": [*questions("storm"), *questions("loop", day=2)],
        },
        "i1",
    ),
    "bad kind": ("question-kind-useless", {"question": answers(accept=12, change=1)}, "storm"),
    "wrong kind": ("question-kind-useless", {"question": answers(change=9, wrong=6)}, "storm"),
}
QUIET: dict[str, tuple[str, dict[str, Any]]] = {
    "twin: renewed yesterday": (
        "expired-acceptance",
        {
            "decision": [
                ACCEPTED | DOUBLED | {"until": NOW - DAY},
                ACCEPTED | {"id": "d2", "at": NOW - DAY},
            ]
        },
    ),
    "taken back": ("expired-acceptance", {"decision": [ACCEPTED | DOUBLED | {"superseded": NOW - DAY}]}),
    "a little worse": ("expired-acceptance", {"decision": [ACCEPTED | {"then": 12, "now": 14}]}),
    "better": ("expired-acceptance", {"decision": [ACCEPTED | {"then": 12, "now": 2}]}),
    "past its date, but gone": (
        "expired-acceptance",
        {"decision": [ACCEPTED | {"until": NOW - DAY, "then": 12}]},
    ),
    "holds": ("expired-acceptance", {"decision": [ACCEPTED]}),
    "no times": ("expired-acceptance", {"decision": [{"id": "d1", "until": NOW - DAY}, {"at": NOW - DAY}]}),
    "twin: data incomplete": (
        "change-that-changed-nothing",
        {"question": [CHANGED | {"complete": False}]},
    ),
    "a quarter better": ("change-that-changed-nothing", {"question": [CHANGED | {"after": 15}]}),
    "changed last week": (
        "change-that-changed-nothing",
        {"question": [CHANGED | {"answered": NOW - 9 * DAY, "measured": NOW - DAY}]},
    ),
    "not measured yet": ("change-that-changed-nothing", {"question": [CHANGED | {"measured": NOW + DAY}]}),
    "accepted since": (
        "change-that-changed-nothing",
        {"question": [CHANGED, CHANGED | {"id": "q2", "answered": NOW - DAY, "answer": "accept"}]},
    ),
    "gone": ("change-that-changed-nothing", {"question": [CHANGED | {"withdrawn": NOW - DAY}]}),
    "numbers not known": (
        "change-that-changed-nothing",
        {"question": [CHANGED | {"before": None}, CHANGED | {"id": "q2", "after": None, "subject": "x"}]},
    ),
    "twin: temporary": ("decision-without-evidence", {"decision": [BARE | {"until": NOW + 7 * DAY}]}),
    "temporary from the start": (
        "decision-without-evidence",
        {"decision": [BARE | {"at": NOW - DAY, "until": NOW + 10 * DAY}]},
    ),
    "carries little": ("decision-without-evidence", {"decision": [BARE | {"carries": 2}]}),
    "nobody counted": ("decision-without-evidence", {"decision": [BARE | {"carries": None}]}),
    "cites": (
        "decision-without-evidence",
        {"decision": [BARE | {"cites": 3, "reversibility": "hard", "reason": "measured on both clusters"}]},
    ),
    "easy to take back": (
        "decision-without-evidence",
        {"decision": [BARE | {"reversibility": "easy", "reason": "as all the others do"}]},
    ),
    "twin: cause outside": (
        "incident-no-question",
        {"incident": [INCIDENT | {"outside": True}], "question": questions("storm")},
    ),
    "asked before": (
        "incident-no-question",
        {"incident": [INCIDENT | {"conditions": ["storm", "loop"]}], "question": questions("storm")},
    ),
    "asked about its check": (
        "incident-no-question",
        {
            "incident": [INCIDENT | {"conditions": ["never-near"]}],
            "question": questions("never-near", subject="web-slow", owner="x"),
            "check": [{"name": "web-slow", "component": "web"}],
        },
    ),
    "goes on": (
        "incident-no-question",
        {"incident": [INCIDENT | {"ended": None}], "question": questions("storm")},
    ),
    "conditions not known": (
        "incident-no-question",
        {"incident": [INCIDENT | {"conditions": None}], "question": questions("storm")},
    ),
    "nothing was asked yet": ("incident-no-question", {"incident": [INCIDENT]}),
    "asked for a few days only": (
        "incident-no-question",
        {"incident": [INCIDENT], "question": questions("storm", day=10)},
    ),
    "long over": (
        "incident-no-question",
        {
            "incident": [INCIDENT | {"ended": NOW - 40 * DAY, "began": NOW - 41 * DAY}],
            "question": questions("storm", day=90),
        },
    ),
    "twin: young kind": ("question-kind-useless", {"question": answers(accept=10, change=1)}),
    "useful": ("question-kind-useless", {"question": answers(change=12, accept=8)}),
    "accepted with new reasons": (
        "question-kind-useless",
        {"question": [one | {"new_reason": True} for one in answers(accept=15)]},
    ),
    "seldom wrong": ("question-kind-useless", {"question": answers(change=10, wrong=2)}),
    "not answered": ("question-kind-useless", {"question": [{"kind": "storm", "asked": NOW - DAY}] * 20}),
}


def test_the_component_of_a_decision(ask: Any) -> None:
    check = [{"name": "disk-full", "component": "db"}]
    (found,) = ask("expired-acceptance", decision=[ACCEPTED | DOUBLED], check=check)
    assert (found.component, found.owner, found.worse) == ("db", "sre", 2)
