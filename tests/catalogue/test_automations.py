"""An automation for which nobody answers does not load; each thing that it lacks is told with its line."""

from __future__ import annotations

import datetime as dt

import pytest

from gadfly.catalogue import as_toml, difference, loads
from gadfly.errors import ConfigError

OWNERS = '[owner.payments]\nowner = "platform"\n\n[owner.platform]\ncontact = ["mailto:p@example.org"]\n\n'
WHOLE = {
    "owner": '"payments"',
    "purpose": "\"A worker that beats 'stalled' for a minute has never recovered by itself.\"",
    "on": "'component.stalled for 1m, group = \"workers\"'",
    "run": '"systemd:restart orders-worker@{component}"',
    "limits": '{ at_once = 1, per_hour = 6, tries_per_target = 2, windows = "not Mon-Fri 11:30-13:30" }',
    "expect": '"component alive within 30s"',
    "undo": '"irreversible"',
    "level": '"approve"',
    "expires": "2027-03-31",
    "review": "2027-01-15",
}
HEAD = OWNERS.count("\n") + 1


def automation(**changed: str | None) -> str:
    fields = {**WHOLE, **changed}
    lines = "".join(f"{name} = {value}\n" for name, value in fields.items() if value is not None)
    return f"{OWNERS}[automation.restart]\n{lines}"


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        loads(text)
    return list(caught.value.problems)


def test_one_that_says_everything_loads() -> None:
    config = loads(automation())
    found = config.automation["restart"]
    assert (found.limits.at_once, found.expires, found.level) == (1, dt.date(2027, 3, 31), "approve")
    assert loads(as_toml(config)).automation == config.automation


@pytest.mark.parametrize(
    "field", ["owner", "purpose", "run", "limits", "expect", "undo", "level", "expires", "review"]
)
def test_what_it_lacks_is_told_with_its_line(field: str) -> None:
    (problem,) = problems(automation(**{field: None}))
    assert problem.startswith(f"gadfly.toml:{HEAD}: automation.restart: `{field}` is missing; ")
    assert "its owner must" in problem or "whoever wrote it must" in problem


def test_without_a_selector_it_does_not_load() -> None:
    for on in (None, '"manual"', '"component.stalled for 1m"', '"schedule: 0 2 * * * UTC"'):
        (problem,) = problems(automation(on=on))
        assert problem.startswith(f"gadfly.toml:{HEAD}: automation.restart: nothing says on which components")
    assert loads(automation(on=None, targets="'group = \"workers\"'"))


@pytest.mark.parametrize("limit", ["at_once", "per_hour", "tries_per_target"])
def test_a_limit_that_is_missing_is_told(limit: str) -> None:
    limits = {"at_once": 1, "per_hour": 6, "tries_per_target": 2}
    del limits[limit]
    written = "{ " + ", ".join(f"{name} = {value}" for name, value in limits.items()) + " }"
    (problem,) = problems(automation(limits=written))
    assert f"`{limit}` is missing" in problem
    assert problem.startswith(f"gadfly.toml:{HEAD + 5}: ")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("owner", '"nobody"', 'there is no owner "nobody"'),
        ("owner", '""', "without an owner nobody answers"),
        ("purpose", '"x"', "its owner must say why it exists"),
        ("run", '"rm -rf"', "is no action"),
        ("run", '"systemd"', "a verb and a unit"),
        ("on", '"when it rains"', "calls for nothing"),
        ("on", "'component.sad for 1m, group = \"w\"'", 'a component is never "sad"'),
        ("on", "'component.stalled for 1m, group = '", "is not a selector at its end"),
        ("expect", '"it works"', '"it works"'),
        ("undo", '"somehow"', 'or write "irreversible"'),
        ("level", '"always"', "is not one of observe"),
        ("expires", '"2027-03-31"', "a day is needed"),
        ("review", "2027-05-01", "expires before it is reviewed"),
        ("expires", "2035-01-01", "days after its review"),
        ("expires", "9999-12-31", "days after its review"),
        ("review", "9998-01-01", "must set an earlier review"),
        ("limits", "{ at_once = 0, per_hour = 6, tries_per_target = 2 }", "0 is out of range"),
        ("limits", '{ at_once = 1, per_hour = 6, tries_per_target = 2, group = "a lot" }', "is not a share"),
        (
            "limits",
            '{ at_once = 1, per_hour = 6, tries_per_target = 2, windows = "nights" }',
            "working hours",
        ),
        ("cost", "5.0", "it could never act"),
        ("environment", '""', "for which environment"),
    ],
)
def test_what_is_wrong_is_told(field: str, value: str, words: str) -> None:
    assert any(words in problem for problem in problems(automation(**{field: value})))


def test_what_destroys_cannot_be_undone() -> None:
    (problem,) = problems(automation(destructive="true", undo='"systemd:start x"'))
    assert "what destroys cannot be taken back" in problem


DUE = {"on": '"manual"', "targets": "'group = \"workers\"'", "due": "2027-02-01T00:00:00Z"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"run": '"systemd:restart {parameter.unit}"'}, "nobody fills in a parameter where nobody asks"),
        ({"undo": '"systemd:start {parameter.unit}"'}, "nobody fills in a parameter where nobody asks"),
        ({"due": "2027-02-01T00:00:00Z"}, "it acts once, when it is due"),
        ({**DUE, "run": '"systemd:restart {parameter.unit}"'}, "nobody is there to fill in a parameter"),
        ({**DUE, "due": "2027-04-01T00:00:00Z"}, "it expires before it is due"),
        ({**DUE, "due": "9999-12-31T23:00:00-05:00", "expires": "9999-12-31"}, "it expires before it is due"),
        ({**DUE, "due": "2027-02-01T00:00:00"}, "with a zone is needed"),
    ],
)
def test_what_nobody_asks_for_is_complete(changed: dict[str, str], words: str) -> None:
    assert any(words in problem for problem in problems(automation(**changed)))


def test_it_may_be_due_once() -> None:
    assert loads(automation(**DUE)).automation["restart"].due is not None
    assert loads(automation(**{**DUE, "due": "2027-03-31T23:59:59Z"}))


@pytest.mark.parametrize("name", ["a b", "a:b c", '"*"', '"*x"'])
def test_a_name_is_a_principal(name: str) -> None:
    quoted = name if name.startswith('"') else f'"{name}"'
    text = automation().replace("[automation.restart]", f"[automation.{quoted}]")
    assert any("a name here is" in problem for problem in problems(text))


def grant(**changed: str | None) -> str:
    fields = {
        "to": '["person:anna"]',
        "may": '["systemd:restart orders-*"]',
        "since": "2026-12-01T08:00:00Z",
        "until": "2026-12-01T18:00:00Z",
        "owner": '"payments"',
        "because": '"A release that needs a hand."',
        **changed,
    }
    lines = "".join(f"{name} = {value}\n" for name, value in fields.items() if value is not None)
    return f"{OWNERS}[grant.release]\n{lines}"


def test_a_grant_loads() -> None:
    assert loads(grant()).grant["release"].to == ("person:anna",)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"to": None}, "`to` is missing; whoever gives it must say to whom"),
        ({"until": None}, "`until` is missing; whoever gives it must say until when"),
        ({"because": None}, "`because` is missing"),
        ({"owner": None}, "`owner` is missing"),
        ({"to": "[]"}, "must say to whom"),
        ({"to": '["anna"]'}, '"anna" is no principal'),
        ({"to": '["automation:none"]'}, 'there is no automation "none"'),
        ({"may": '["Everything!"]'}, "is no action"),
        ({"may": None}, "neither permits nor forbids"),
        ({"on": '"group is x"'}, "is not a selector"),
        ({"since": None}, "`since` is missing; person:anna gets it for one shift"),
        ({"until": "2026-12-02T18:00:00Z"}, "longer than gate.standing"),
        ({"until": "2026-11-02T18:00:00Z"}, "ends before it begins"),
        ({"until": "9999-12-31T23:59:59Z"}, "before the year 2200"),
    ],
)
def test_what_is_wrong_with_a_grant_is_told(changed: dict[str, str | None], words: str) -> None:
    assert any(words in problem for problem in problems(grant(**changed)))


def test_a_prohibition_may_last() -> None:
    text = grant(may=None, never='["command"]', since=None, until="2030-01-01T00:00:00Z", to='["*"]')
    assert loads(text).grant["release"].never == ("command",)


FREEZE = """
[freeze.holidays]
starts = 2026-12-20T00:00:00Z
ends = 2027-01-07T00:00:00Z
owner = "platform"
because = "Nobody is there to repair it."
"""


def test_a_freeze_loads_and_ends_after_it_starts() -> None:
    assert loads(OWNERS + FREEZE).freeze["holidays"].owner == "platform"
    (problem,) = problems(OWNERS + FREEZE.replace("ends = 2027", "ends = 2025"))
    assert "ends before it starts" in problem


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('floor = "half"', "is not a share"),
        ('floors = { index = "120%" }', "is not a share"),
        ('standing = "13h"', "out of range"),
        ("small = 0", "out of range"),
    ],
)
def test_the_gates_limits_are_checked(line: str, words: str) -> None:
    assert any(words in problem for problem in problems(f"[gate]\n{line}\n"))


def test_a_reload_tells_what_changed() -> None:
    before, after = loads(automation()), loads(automation(level='"act-small"'))
    assert difference(before, after) == ["automation restart: level approve → act-small"]


def test_where_nobody_up_the_line_has_a_contact_nobody_answers() -> None:
    (problem,) = problems(automation().replace('contact = ["mailto:p@example.org"]\n', ""))
    assert "automation.restart.owner: nobody would answer: neither payments nor an owner above it" in problem
