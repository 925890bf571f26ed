"""Guards that never or always refuse, glass that is broken by habit, and approvals without a look."""

from __future__ import annotations

from typing import Any

import pytest

DAY = 86_400.0
NOW = 20_000 * DAY
OLD = NOW - 400 * DAY
GUARD = {"name": "limit", "owner": "platform", "since": OLD}


def requests(n: int, days: float = 160, **more: Any) -> list[dict[str, Any]]:
    return [
        {"guard": "limit", "at": NOW - (i + 0.5) * days / n * DAY, "denied": False} | more for i in range(n)
    ]


def test_a_guard_that_never_refused(ask: Any) -> None:
    (found,) = ask("guard-never-bit", guard=[GUARD], request=requests(60))
    assert (found.subject, found.owner, found.values["n"], found.values["k"]) == ("limit", "platform", 60, 0)


def test_requests_may_be_counted_in_rows(ask: Any) -> None:
    (found,) = ask("guard-never-bit", guard=[GUARD], request=requests(6, count=10))
    assert found.values["n"] == 60


@pytest.mark.parametrize(
    ("rows", "since"),
    [
        (requests(60) + requests(20, denied=True, synthetic=True), OLD),
        (requests(60) + requests(1, denied=True), OLD),
        (requests(49), OLD),
        (requests(60, days=90), NOW - 95 * DAY),
        (requests(60) + requests(9, denied=None), OLD),
        (requests(60, synthetic=True), OLD),
        (requests(60, days=500), OLD),
    ],
    ids=["twin", "refused", "few", "young", "unknown", "tests", "seldom"],
)
def test_a_guard_that_is_known_to_refuse(ask: Any, rows: Any, since: float) -> None:
    assert ask("guard-never-bit", guard=[GUARD | {"since": since}], request=rows) == []


def test_a_guard_that_is_asked_no_more(ask: Any) -> None:
    rows = [row | {"at": row["at"] - 50 * DAY} for row in requests(60, days=100)]
    assert ask("guard-never-bit", guard=[GUARD], request=rows) == []


def test_a_refusal_told_by_the_act_counts(ask: Any) -> None:
    refused = [{"id": "x", "at": NOW - DAY, "mode": "blocked", "denied_by": "limit"}]
    assert ask("guard-never-bit", guard=[GUARD], request=requests(60), action=refused) == []


def refused(n: int, k: int, m: int, after: float = 3600, **more: Any) -> list[dict[str, Any]]:
    """k of n refused, m of them done by a person afterwards."""
    rows = requests(n, days=50, **more)
    for row in rows[:k]:
        row["denied"] = True
    for row in rows[:m]:
        row["by_hand"] = row["at"] + after
    return rows


def test_a_guard_in_the_way(ask: Any) -> None:
    (found,) = ask("guard-always-bites", guard=[GUARD], request=refused(30, 14, 11))
    assert (found.subject, found.owner) == ("limit", "platform")
    assert (found.values["n"], found.values["k"], found.values["m"]) == (30, 14, 11)


@pytest.mark.parametrize(
    "rows",
    [
        refused(30, 20, 0),
        refused(30, 14, 8),
        refused(9, 9, 9),
        refused(30, 14, 11, after=30 * 3600),
        refused(30, 14, 11, after=-60),
        refused(30, 14, 11, synthetic=True),
        [row | {"at": row["at"] - 70 * DAY} for row in refused(30, 14, 11)],
        [row | {"denied": None} for row in refused(30, 14, 11)],
    ],
    ids=["twin", "some", "few", "late", "wrong-order", "tests", "long-ago", "unknown"],
)
def test_a_guard_whose_refusals_hold(ask: Any, rows: Any) -> None:
    assert ask("guard-always-bites", guard=[GUARD], request=rows) == []


def broken(days: list[float], **more: Any) -> list[dict[str, Any]]:
    return [
        {"id": f"b{day}", "at": NOW - day * DAY, "function": "failover", "actor": "p1", "owner": "storage",
         "breakglass": True, "reviewed": NOW - day * DAY + 3600} | more
        for day in days
    ]  # fmt: skip


def test_glass_broken_by_habit(ask: Any) -> None:
    rows = broken([3, 9]) + broken([16], function="restart") + broken([40, 50])
    (found,) = ask("break-glass-habit", action=rows)
    assert (found.subject, found.owner) == ("storage", "storage")
    assert [found.values[name] for name in ("n", "k", "open", "function")] == [3, 2, 0, "failover"]


def test_glass_that_nobody_looked_back_at(ask: Any) -> None:
    (found,) = ask("break-glass-habit", action=broken([50], reviewed=None))
    assert [found.values[name] for name in ("n", "open", "days")] == [1, 1, 180]


def test_one_function_behind_the_glass_of_three_teams(ask: Any) -> None:
    two = broken([3]) + broken([9], owner="web")
    assert ask("break-glass-habit", action=two) == []
    (found,) = ask("break-glass-habit", action=two + broken([20], owner="shop"))
    assert (found.subject, found.values["n"]) == ("failover", 3)


@pytest.mark.parametrize(
    "rows",
    [
        broken([9]),
        broken([3], reviewed=None),
        broken([3, 40, 50, 60]),
        broken([3, 9, 20], test=True),
        broken([3, 9, 20], mode="blocked"),
        broken([3, 9, 20], breakglass=None),
        broken([3]) + broken([9], function="restart"),
    ],
    ids=["twin", "fresh", "seldom", "test", "refused", "unknown", "two-things"],
)
def test_glass_broken_once(ask: Any, rows: Any) -> None:
    assert ask("break-glass-habit", action=rows) == []


def words(n: int, seconds: float, requesters: int = 3, **more: Any) -> list[dict[str, Any]]:
    """The longest take four times as long as the shortest."""
    return [
        {"id": f"w{i}", "approver": "p1", "requester": f"r{i % requesters}", "owner": "storage",
         "asked": NOW - (i + 1) * 2 * DAY, "granted": True,
         "decided": NOW - (i + 1) * 2 * DAY + seconds * (0.5 + 1.5 * (i % 10) / 9)} | more
        for i in range(n)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        words(12, 4),
        words(12, 4) + words(2, 4, requester="x", granted=False),
        words(35, 300),
        words(12, 30, requesters=1),
        words(60, 300, requesters=1) + words(1, 300, granted=False),
    ],
    ids=["seconds", "also-refused", "all", "one-pair", "one-pair-minutes"],
)
def test_an_approval_without_a_look(ask: Any, rows: Any) -> None:
    (found,) = ask("rubber-stamp", approval=rows)
    assert (found.subject, found.owner) == ("p1", "storage")
    assert found.values["n"] >= 12


def test_an_approval_without_a_look_at_one_automation(ask: Any) -> None:
    rows = words(30, 4, automation="scaler") + [
        row | {"id": f"d{i}", "edited": i == 9} for i, row in enumerate(words(40, 240, automation="drain"))
    ]
    (found,) = ask("rubber-stamp", approval=rows)
    assert (found.subject, found.values["n"], found.values["whose"]) == ("p1", 30, "of scaler")


@pytest.mark.parametrize(
    "rows",
    [
        words(40, 240) + words(1, 240, edited=True),
        words(27, 120, requesters=1),
        words(12, 30, requesters=1) + words(1, 30, requester="r0", id="e", edited=True),
        words(40, 30) + words(1, 30, id="no", granted=False),
        words(9, 4),
        words(29, 30),
        words(40, 4, granted=None),
        words(40, 4, decided=None),
        words(40, 4, asked=None),
        words(40, -4),
        [
            row | {"asked": row["asked"] - 99 * DAY, "decided": row["decided"] - 99 * DAY}
            for row in words(40, 4)
        ],
        words(1, 4) * 40,
    ],
    ids=[
        "twin",
        "one-pair-minutes",
        "one-pair-edited",
        "one-refused",
        "few",
        "not-all",
        "unknown",
        "undecided",
        "unasked",
        "wrong-order",
        "long-ago",
        "one",
    ],
)
def test_an_approval_with_a_look(ask: Any, rows: Any) -> None:
    assert ask("rubber-stamp", approval=rows) == []
