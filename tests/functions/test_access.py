"""New access between two states of a catalogue."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from gadfly.config.functions import Functions
from gadfly.functions.access import news
from gadfly.functions.function import Function
from gadfly.functions.grant import parse

BEFORE = {
    "function": {
        "tidy": {
            "on": "schedule: 15 3 * * *  UTC",
            "grants": ["secret:use files", "http:GET https://h.example/a/*", "no grant of today"],
        }
    },
    "functions": {"secrets": {"files": "env:FILES"}, "networks": ["10.2.0.0/16", "nonsense"]},
}


def function(
    *grants: str, on: tuple[str, ...] = ("schedule: 15 3 * * * UTC",), name: str = "tidy"
) -> Function:
    return Function(
        name=name,
        path="/f.py",
        module="f",
        handler="handler",
        owner="o",
        purpose="Tidies what is left.",
        on=on,
        grants=tuple(map(parse, grants)),
        review=dt.date(2030, 1, 1),
    )


SAME = Functions(secrets={"files": "env:FILES"}, networks=("10.2.0.0/16",))


@pytest.mark.parametrize(
    ("before", "now", "settings", "new"),
    [
        (BEFORE, function("secret:use files", "http:GET https://h.example/a/b"), SAME, {}),
        (BEFORE, function(), SAME, {}),
        (BEFORE, function("metric:read up"), SAME, {"tidy": ["metric:read up"]}),
        (BEFORE, function("metric:read up", name="other"), SAME, {"other": ["metric:read up"]}),
        (BEFORE, function(on=("schedule: 0 4 * * * UTC",)), SAME, {}),
        (
            BEFORE,
            function(on=("webhook: github env:A",)),
            SAME,
            {"tidy": ["called by webhook: github env:A"]},
        ),
        (BEFORE, function(on=("logs: unit=a",)), SAME, {"tidy": ["called by logs: unit=a"]}),
        (
            BEFORE,
            function("secret:use files"),
            Functions(secrets={"files": "env:ROOT"}),
            {"tidy": ["secret:use files is another secret: env:ROOT"]},
        ),
        (
            BEFORE,
            function("secret:use files"),
            Functions(),
            {"tidy": ["secret:use files is another secret: from the environment"]},
        ),
        (BEFORE, function(), Functions(networks=("10.2.3.0/24",)), {}),
        (
            BEFORE,
            function(),
            Functions(networks=("10.0.0.0/8", "fd00::/16")),
            {"functions": ["the network 10.0.0.0/8 is open", "the network fd00::/16 is open"]},
        ),
        ({}, function("scratch:1MiB"), Functions(), {"tidy": ["scratch:1MiB"]}),
        ({"function": [1], "functions": 7}, function(), Functions(), {}),
    ],
    ids=[
        "same",
        "less",
        "grant",
        "function",
        "another time",
        "webhook",
        "logs",
        "secret",
        "secret from elsewhere",
        "narrower network",
        "networks",
        "nothing before",
        "nonsense before",
    ],
)
def test_new_access(before: Any, now: Function, settings: Functions, new: dict[str, list[str]]) -> None:
    assert news(before, [now], settings) == new
