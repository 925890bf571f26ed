"""Lines that matter are matched, counted by host, and told once they are as many as the rule says."""

from __future__ import annotations

import pytest

from gadfly.config.logs import LogRule
from gadfly.intake.log_alerts import shown
from gadfly.intake.log_rules import HOSTS, OTHER, SHOWN, Rules
from gadfly.store.logs import Kept

START = 1_800_000_000


def kept(text: str, seconds: float = 0.0, **other: object) -> Kept:
    fields = {"source": "syslog", "host": "h1", "unit": "web", "severity": 6, **other}
    return Kept(int((START + seconds) * 1e6), 0.0, text=text, fields="", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "line", "matches"),
    [
        (LogRule(match="out of memory"), kept("Out of memory"), False),
        (LogRule(match="(?i)out of memory"), kept("x: Out of memory!"), True),
        (LogRule(match="a|b", unit="web"), kept("b"), True),
        (LogRule(match="a|b", unit="db*"), kept("b"), False),
        (LogRule(match="a", host="h?"), kept("a"), True),
        (LogRule(match="a", source="file:*"), kept("a"), False),
        (LogRule(match="a", severity="error"), kept("a"), False),
        (LogRule(match="a", severity="error"), kept("a", severity=2), True),
    ],
)
def test_a_rule_takes_what_it_says(rule: LogRule, line: Kept, matches: bool) -> None:
    for rules in ({"r": rule}, {"first": LogRule(match="never"), "r": rule}):
        assert Rules(rules).match([line]) == ({("r", "h1"): 1} if matches else {})


def test_a_line_may_match_several_rules() -> None:
    rules = Rules({"a": LogRule(match="a"), "b": LogRule(match="b"), "flag": LogRule(match="(?i)A")})
    assert rules.match([kept("ab"), kept("b"), kept("c")]) == {
        ("a", "h1"): 1,
        ("b", "h1"): 2,
        ("flag", "h1"): 1,
    }
    assert not rules.pending


def test_one_line_is_told_and_the_end_moves_with_the_last() -> None:
    rules = Rules({"oom": LogRule(match="oom", alert=True, quiet=60.0)})
    rules.match([kept("oom 1")])
    first = rules.changed()[0]
    assert (first.rule, first.host, first.starts, first.ends, first.matched) == (
        "oom",
        "h1",
        START,
        START + 60,
        1,
    )
    assert not rules.changed()
    rules.match([kept("oom 2", 30)])
    second = rules.changed()[0]
    assert (second.starts, second.ends, second.matched) == (START, START + 90, 2)
    rules.match([kept("oom 3", 200)])
    third = rules.changed()[0]
    assert (third.starts, third.matched) == (START + 200, 1)


@pytest.mark.parametrize(
    ("times", "tells"),
    [
        ((0, 1, 2, 3, 4), False),
        ((0, 1, 2, 3, 4, 5), True),
        ((0, 100, 200, 300, 400, 600), True),
        ((0, 100, 200, 300, 400, 601), False),
    ],
)
def test_more_than_so_many_in_a_time_are_told(times: tuple[int, ...], tells: bool) -> None:
    rules = Rules({"slow": LogRule(match="slow", more_than="5 in 10m")})
    rules.match([kept("slow", at) for at in times])
    found = rules.changed()
    assert bool(found) == tells
    if found:
        assert found[0].starts == START
        assert found[0].matched == 6
        assert len(found[0].lines) == SHOWN


def test_hosts_are_counted_apart_until_they_are_too_many() -> None:
    rules = Rules({"r": LogRule(match="x", more_than="1 in 10m")})
    found = rules.match([kept("x", host=f"host-{n}") for n in range(HOSTS + 5)])
    assert found["r", OTHER] == 5
    assert len(found) == HOSTS + 1
    assert [one.host for one in rules.changed()] == [OTHER]


def test_what_is_to_be_seen_again_is_as_long_as_the_longest_window() -> None:
    assert Rules({"a": LogRule(match="a")}).memory == 0
    rules = {"a": LogRule(match="a", alert=True), "b": LogRule(match="b", more_than="5 in 1h")}
    assert Rules(rules).memory == 3600


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\nb\x1b[31m", "a b [31m"), ("x" * 400, "x" * 299 + "…"), ("\u202eabc", " abc"), ("é", "é")],
)
def test_a_line_in_a_message_does_nothing_but_stand_there(text: str, expected: str) -> None:
    assert shown(kept(text)) == expected
