"""Careless grants are named; careful ones are not."""

from __future__ import annotations

import pytest

from gadfly.functions.grant import parse
from gadfly.functions.policy import examine, never_used, new_access

PURPOSE = "Posts the number of open uploads to the chat every morning."


def kinds(lines: list[str], purpose: str = PURPOSE) -> set[str]:
    return {one.kind for one in examine([parse(line) for line in lines], purpose)}


@pytest.mark.parametrize(
    ("lines", "purpose", "kind"),
    [
        (["http:GET https://h.example/*"], PURPOSE, "whole host"),
        (["http:DELETE https://h.example/a/*"], PURPOSE, "wildcard that writes"),
        (["http:GET https://h.example/a/*", "http:GET https://h.example/a/b"], PURPOSE, "said twice"),
        (["alert:silence group=web"], "Reads how many alerts are open now.", "writes"),
        (["metric:read up"], "stuff", "no purpose"),
        (
            ["secret:use s", "http:GET https://a.example/x", "http:POST https://b.example/y"],
            PURPOSE,
            "secret and several hosts",
        ),
        (["alert:silence group=web", "act:request restart"], PURPOSE, "acts unseen"),
        (["component:read group=web", "http:POST https://h.example/in/*"], PURPOSE, "carries out"),
        ([f"metric:read m{n}" for n in range(13)], PURPOSE, "many"),
    ],
)
def test_careless(lines: list[str], purpose: str, kind: str) -> None:
    assert kind in kinds(lines, purpose)


@pytest.mark.parametrize(
    ("lines", "purpose"),
    [
        (["metric:read uploads_open", "http:POST https://chat.example/hooks/a", "secret:use chat"], PURPOSE),
        (["http:GET https://h.example/a/*"], "Checks that each page below a answers."),
        (["http:DELETE https://h.example/a/b"], "Removes the lock that a crash left."),
        (["scratch:64MiB", "component:read group=web"], "Counts the components of the web group."),
        ([], "Computes a number and prints it."),
    ],
)
def test_careful(lines: list[str], purpose: str) -> None:
    assert kinds(lines, purpose) == set()


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        (["metric:read a"], ["metric:read a"], []),
        (["metric:read a"], ["metric:read b"], ["metric:read b"]),
        (["http:GET https://h.example/a/*"], ["http:GET https://h.example/a/b"], []),
        (["http:GET https://h.example/a/*"], ["http:GET https://h.example/a/b/*"], []),
        (
            ["http:GET https://h.example/a/b"],
            ["http:GET https://h.example/a/*"],
            ["http:GET https://h.example/a/*"],
        ),
        (["scratch:64MiB"], ["scratch:32MiB"], []),
        (["scratch:32MiB"], ["scratch:64MiB"], ["scratch 64MiB"]),
    ],
)
def test_new_access(before: list[str], after: list[str], new: list[str]) -> None:
    found = new_access([parse(one) for one in before], [parse(one) for one in after])
    assert [str(one) for one in found] == new


def test_unused() -> None:
    grants = [parse("metric:read a"), parse("metric:read b")]
    day = 86400.0
    assert never_used(grants, {}, 0.0, 29 * day) == []
    assert [one.grant for one in never_used(grants, {"metric:read a": 5.0}, 0.0, 31 * day)] == [
        "metric:read b"
    ]
