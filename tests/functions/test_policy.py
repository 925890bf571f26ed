"""Careless grants are named; careful ones are not."""

from __future__ import annotations

import datetime as dt

import pytest

from gadfly.functions.grant import parse
from gadfly.functions.policy import examine, never_used, new_access, overdue

PURPOSE = "Posts the number of open uploads to the chat every morning."


def kinds(lines: list[str], purpose: str = PURPOSE) -> set[str]:
    return {one.kind for one in examine([parse(line) for line in lines], purpose, name="me")}


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
        (["http:GET https://h.example/api/v1/*"], PURPOSE, "whole host"),
        (["http:DELETE https://h.example/lock"], PURPOSE, "beyond the purpose"),
        (["alert:silence group=web"], "Unfinished uploads are never finished.", "beyond the purpose"),
        (["act:request failover-replica"], "Notifies the team when replication lags.", "beyond the purpose"),
        (["secret:use a"], PURPOSE, "secret without a place"),
        (["alert:silence kind=service"], "Silences alerts during the rebuild.", "silences a whole kind"),
        (["function:invoke me"], "Calls the next page of the crawl.", "calls itself"),
        (["http:GET https://169.254.169.254/x"], PURPOSE, "credentials of the machine"),
        (["http:POST http://127.0.0.1:7171/api/v1/silences"], PURPOSE, "past the gate"),
        (["http:POST https://a.webhook.site/x"], PURPOSE, "anybody's box"),
        (["http:POST https://h.example/T0/aZ9kQ2mX7pL4vN8sR3tY6wEb"], PURPOSE, "token in the address"),
        (["http:GET https://h.example/jobs/restart"], PURPOSE, "GET that changes"),
        (["http:GET https://10.0.0.7/x", "http:POST https://h.example/in"], PURPOSE, "carries out"),
        ([f"http:GET https://h{n}.example/x" for n in range(4)], PURPOSE, "many hosts"),
        ([*(f"secret:use s{n}" for n in range(3)), "http:GET https://h.example/x"], PURPOSE, "many secrets"),
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
        (
            [
                "http:DELETE https://files.example.org/uploads/*",
                "secret:use files-token",
                "metric:read uploads_open",
            ],
            "Unfinished uploads older than a day are never finished.",
        ),
        (["http:POST https://h.example/services/*", "secret:use hook"], PURPOSE),
        (["http:GET https://h.example/Release-Notes-2026"], PURPOSE),
        (["http:GET https://h.example/restart/manual"], PURPOSE),
        (["act:request restart-mail-worker"], "The mail worker hangs until a restart."),
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
        (["scratch:32MiB"], ["scratch:64MiB"], ["scratch:64MiB"]),
    ],
)
def test_new_access(before: list[str], after: list[str], new: list[str]) -> None:
    found = new_access([parse(one) for one in before], [parse(one) for one in after])
    assert [str(one) for one in found] == new


def test_unused() -> None:
    grants = [parse("metric:read a"), parse("metric:read b")]
    day = 86400.0
    assert never_used(grants, {}, 0.0, 44 * day) == []
    never, last = never_used(grants, {"metric:read b": 5 * day}, 0.0, 51 * day)
    assert never.words.startswith("metric:read a was never used since 1970-01-01, 51 days ago")
    assert last.words == "metric:read b was used last on 1970-01-06, 46 days ago: is it still needed?"
    assert len(never_used(grants, {"metric:read b": 7 * day}, 0.0, 51 * day)) == 1


def test_scratch_is_not_asked_for_so_its_use_is_not_known() -> None:
    assert never_used([parse("scratch:1MiB")], {}, 0.0, 100 * 86400.0) == []


@pytest.mark.parametrize(
    ("on", "kind"),
    [("logs: unit=shop match=ERROR", {"a log line does it"}), ("schedule: 0 3 * * * UTC", set())],
)
def test_what_a_log_line_may_not_do(on: str, kind: set[str]) -> None:
    found = examine([parse("alert:silence group=web")], "Silences the web group at night.", on=[on])
    assert {one.kind for one in found} == kind


def test_a_review_that_is_overdue() -> None:
    day = dt.date(2026, 5, 1)
    assert list(overdue(day, day)) == []
    (found,) = overdue(day, dt.date(2026, 5, 4))
    assert "3 days overdue" in found.words
