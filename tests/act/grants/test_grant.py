"""Whether a grant permits: by default not; what forbids, errs or does not fit the schema denies."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import msgspec
import pytest

from gadfly.act.grants.grant import (
    Rule,
    Rules,
    check_action,
    check_may,
    check_to,
    rules,
)
from gadfly.act.grants.policy import Request
from gadfly.act.guard.grant import grant
from gadfly.act.plan import Plan, Target
from gadfly.act.situation import Fleet, Part, Situation
from gadfly.config.act import (
    Automation,
    Gate,
    Grant,
    Limits,
)

NOW = 1_800_000_000.0
ASKED = Request(
    principal="person:anna",
    action="systemd:restart",
    argument="orders-1",
    target=Target(name="orders-1", owner="payments", group="workers"),
    at=NOW,
)


def rule(**about: Any) -> Rule:
    return Rule(**{"name": "grant x", "action": "systemd:restart", "until": NOW + 10, **about})


@pytest.mark.parametrize(
    ("given", "permitted"),
    [
        ([], False),
        ([("person:anna", rule())], True),
        ([("person:*", rule())], True),
        ([("*", rule())], True),
        ([("person:ben", rule())], False),
        ([("program:anna", rule())], False),
        ([("person:anna", rule(action="systemd:*"))], True),
        ([("person:anna", rule(action="*"))], True),
        ([("person:anna", rule(action="systemd:stop"))], False),
        ([("person:anna", rule(action="systemd"))], True),
        ([("person:anna", rule()), ("*", rule(forbids=True, action="systemd"))], False),
        ([("person:anna", rule()), ("*", rule(forbids=True, action="signal"))], True),
        ([("person:anna", rule(argument="orders-*"))], True),
        ([("person:anna", rule(argument="billing-*"))], False),
        ([("person:anna", rule(argument="orders-*", exact=True))], False),
        ([("person:anna", rule(argument="orders-1", exact=True))], True),
        ([("person:anna", rule(owner="payments"))], True),
        ([("person:anna", rule(owner="platform"))], False),
        ([("person:anna", rule(on='group = "workers"', owner="platform"))], True),
        ([("person:anna", rule(on='group = "other"'))], False),
        ([("person:anna", rule(until=NOW))], False),
        ([("person:anna", rule(since=NOW + 1))], False),
        ([("person:anna", rule(since=NOW))], True),
        # what forbids beats what permits, wherever it stands
        ([("person:anna", rule()), ("*", rule(forbids=True, action="*"))], False),
        ([("*", rule(forbids=True)), ("person:anna", rule())], False),
        ([("person:anna", rule()), ("*", rule(forbids=True, until=NOW))], True),
        ([("person:anna", rule()), ("*", rule(forbids=True, on='group = "other"'))], True),
        ([("person:anna", rule()), ("*", rule(forbids=True, since=NOW + 5))], False),
        # what errs denies, also a prohibition, and also one that is over
        ([("person:anna", rule()), ("*", rule(forbids=True, on="group ="))], False),
        ([("person:anna", rule()), ("person:*", rule(on="group =", until=NOW - 99))], False),
    ],
)
def test_whether_it_is_permitted(given: list[tuple[str, Rule]], permitted: bool) -> None:
    assert Rules(given).evaluate(ASKED).permitted is permitted


def test_why_not() -> None:
    assert (
        Rules().evaluate(ASKED).because
        == "nobody granted person:anna systemd:restart on orders-1; payments must"
    )
    over = Rules([("person:anna", rule(until=NOW))]).evaluate(ASKED)
    assert "grant x is not in force at this time" in over.because
    never = Rules([("*", rule(forbids=True, because="it is Friday"))]).evaluate(ASKED)
    assert never.because == "grant x forbids it: it is Friday"
    broken = Rules([("*", rule(forbids=True, on="group ="))]).evaluate(ASKED)
    assert broken.errors
    assert "grant x" in broken.errors[0]


@pytest.mark.parametrize(
    "about",
    [
        {"principal": "anna"},
        {"principal": "person:"},
        {"principal": "person:*"},
        {"principal": "*"},
        {"principal": "robot:anna"},
        {"action": ""},
        {"action": "*"},
        {"action": "systemd:*"},
        {"action": "Systemd:restart now"},
        {"target": Target(name="")},
        {"at": float("nan")},
        {"at": "now"},
    ],
)
def test_a_request_that_does_not_fit_the_schema_is_denied(about: dict[str, Any]) -> None:
    everything = Rules([("*", rule(action="*", until=float("inf")))])
    assert everything.evaluate(ASKED).permitted
    found = everything.evaluate(msgspec.structs.replace(ASKED, **about))
    assert not found.permitted
    assert found.errors


def test_ends_are_of_what_permits_now() -> None:
    known = Rules(
        [
            ("person:anna", rule(name="a", since=NOW - 5)),
            ("person:*", rule(name="b", until=NOW)),
            ("*", rule(name="c", forbids=True)),
        ]
    )
    assert known.ends("person:anna", "systemd:restart", NOW) == (("a", NOW - 5, NOW + 10),)


MEND = Automation(
    owner="payments",
    purpose="It mends what is stalled.",
    on='component.stalled for 1m, group = "workers"',
    run="systemd:restart orders-worker@{component}",
    limits=Limits(at_once=1, per_hour=6, tries_per_target=2),
    expect="component alive within 30s",
    undo="irreversible",
    level="act",
    expires=dt.date(2027, 3, 31),
    review=dt.date(2027, 1, 15),
)


@pytest.mark.parametrize(
    ("about", "permitted"),
    [
        ({}, True),
        ({"argument": "orders-worker@other"}, False),
        ({"argument": "*"}, False),
        ({"action": "systemd:stop"}, False),
        ({"principal": "automation:other"}, False),
        ({"target": Target(name="x", owner="payments", group="other")}, False),
        ({"at": dt.datetime(2027, 3, 31, 23, 59, 59, tzinfo=dt.UTC).timestamp()}, True),
        ({"at": dt.datetime(2027, 4, 1, tzinfo=dt.UTC).timestamp()}, False),
    ],
)
def test_an_automation_may_do_exactly_its_run(about: dict[str, Any], permitted: bool) -> None:
    asked = msgspec.structs.replace(ASKED, principal="automation:mend", argument="orders-worker@{component}")
    found = rules({}, {"mend": MEND}).evaluate(msgspec.structs.replace(asked, **about))
    assert found.permitted is permitted


def test_grants_of_the_catalogue_are_rules() -> None:
    until = dt.datetime.fromtimestamp(NOW + 10, dt.UTC)
    known = rules(
        {
            "release": Grant(
                to=("person:anna", "person:ben"),
                may=("systemd:restart orders-*", "notify"),
                until=until,
                owner="payments",
                because="a release",
            ),
            "friday": Grant(
                to=("*",), never=("command",), until=until, owner="platform", because="it is Friday"
            ),
        },
        {},
    )
    assert known.evaluate(ASKED).by == "grant release"
    assert known.evaluate(msgspec.structs.replace(ASKED, principal="person:ben")).permitted
    strange = msgspec.structs.replace(ASKED.target, owner="platform")
    assert not known.evaluate(msgspec.structs.replace(ASKED, target=strange)).permitted
    assert "friday forbids" in known.evaluate(msgspec.structs.replace(ASKED, action="command")).because


@pytest.mark.parametrize(
    "text", ["person:anna", "program:a b", "automation:x", "person:*", "*", "node", "anna", ""]
)
def test_who_can_be_named(text: str) -> None:
    if text in ("program:a b", "anna", ""):
        with pytest.raises(ValueError, match="is no principal"):
            check_to(text)
    else:
        check_to(text)


@pytest.mark.parametrize(
    "text",
    ["systemd:restart x-*", "systemd:*", "*", "notify", "notify:anybody", "http", "http *", "signal:USR1"],
)
def test_what_can_be_named(text: str) -> None:
    check_may(text)


@pytest.mark.parametrize(
    "text", ["Notify!", "", "htttp", "htttp:*", "http:post", "systemd:explode", "command:x", "scale:side"]
)
def test_what_could_never_be_done_is_no_prohibition(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no action|is never done"):
        check_may(text)


@pytest.mark.parametrize(
    ("run", "pattern", "component", "meets"),
    [
        ("systemd:restart {component}", "orders-db*", "orders-db1", True),
        ("systemd:restart {component}", "orders-db*", "orders/db1", True),  # whose unit is orders-db1
        ("systemd:restart {component}", "orders-db*", "web-1", False),
        ("systemd:restart {component}", "{component}", "web-1", True),
        ("command /bin/rm  '-rf' {component}", "/bin/rm -rf *", "x", True),
        ("command /bin/ls {component}", "/bin/rm *", "x", False),
        ("command /bin/ls {label.absent}", "/bin/rm *", "x", True),  # what cannot be filled cannot be judged
    ],
)
def test_a_prohibition_meets_what_would_be_done(run: str, pattern: str, component: str, meets: bool) -> None:
    action, _, argument = run.partition(" ")
    verdict = grant(
        Plan(
            principal="person:anna",
            action=action,
            argument=argument,
            targets=(Target(name=component, owner="payments"),),
            made=NOW,
        ),
        Situation(
            now=NOW,
            rules=Gate(),
            fleet=Fleet(whole=Part(total=1, well=1)),
            policy=Rules(
                [
                    ("*", rule(action="*")),
                    ("*", rule(forbids=True, action=action, argument=pattern)),
                ]
            ),
        ),
    )
    assert (verdict is not None) is meets


def test_a_permission_meets_what_would_be_done() -> None:
    asked = msgspec.structs.replace(ASKED, argument="{component}", filled=lambda: ("billing-1", "orders-1"))
    assert Rules([("*", rule(argument="billing-*"))]).evaluate(asked).permitted
    assert not Rules([("*", rule(argument="orders-*"))]).evaluate(asked).permitted
    assert Rules([("*", rule(argument="{component}"))]).evaluate(asked).permitted


def test_ten_thousand_grants_are_no_scan() -> None:
    known = Rules((f"program:t{n}", rule(on=f'group = "g{n}"')) for n in range(10_000))
    asked = msgspec.structs.replace(ASKED, principal="program:t77")
    began = time.thread_time()
    for _ in range(1000):
        known.evaluate(asked)
    assert (time.thread_time() - began) / 1000 < 0.000_5  # a scan of all takes a hundred times as long


@pytest.mark.parametrize("text", ["*", "systemd", "systemd:*", "htttp:POST", "systemd:restart x", ""])
def test_a_consent_is_to_one_action(text: str) -> None:
    with pytest.raises(ValueError):
        check_action(text)


@pytest.mark.parametrize("text", ["systemd:restart", "command", "notify:ops", "signal:USR2"])
def test_one_action(text: str) -> None:
    check_action(text)
