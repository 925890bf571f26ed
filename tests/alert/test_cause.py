from collections import Counter

import pytest

from gadfly.alert.cause import Cause, keys, likely, words
from gadfly.monitor.subject import Subject
from gadfly.monitor.verdict import Verdict


@pytest.mark.parametrize(
    ("subject", "above", "expected"),
    [
        (Subject(name="a"), (), [("upon", "a")]),
        (
            Subject(name="a", group="g", subnet="10.0.0.0/24"),
            ("h",),
            [("upon", "a"), ("upon", "h"), ("group", "g"), ("subnet", "10.0.0.0/24")],
        ),
        (Subject(name="a", subnet="127.0.0.0/24"), (), [("upon", "a")]),
        (Subject(name="a", subnet="::1/64"), (), [("upon", "a")]),
    ],
)
def test_keys(subject: Subject, above: tuple, expected: list) -> None:
    assert list(keys(subject, above)) == expected


U, G, S = ("upon", "h"), ("group", "g"), ("subnet", "s")


@pytest.mark.parametrize(
    ("size", "tally", "ranks", "cause"),
    [
        (1, {U: 1}, {}, Cause("component", "only")),
        (5, {U: 5, G: 5, S: 5}, {}, Cause("upon", "h")),
        (5, {G: 4, S: 5}, {}, Cause("group", "g")),
        (5, {G: 3, S: 4}, {}, Cause("subnet", "s")),
        (5, {G: 3, S: 3}, {}, Cause("everything")),
        (2, {G: 1}, {}, Cause("everything")),
        # the one that is itself gone is the cause, and the highest of those
        (5, {U: 5, ("upon", "db"): 4}, {"db": 1}, Cause("upon", "db")),
        (5, {U: 4, ("upon", "db"): 5}, {"db": 1, "h": 2}, Cause("upon", "h")),
    ],
)
def test_the_likely_cause(size: int, tally: dict, ranks: dict, cause: Cause) -> None:
    assert likely(size, Counter(tally), lambda name: ranks.get(name, 0), "only") == cause


@pytest.mark.parametrize(
    ("cause", "size", "text"),
    [
        (Cause("component", "db"), 1, "db is down"),
        (Cause("component", "h"), 1, "host h is down"),
        (Cause("component", "x"), 1, "x is well again"),
        (Cause("upon", "h"), 3, "host h is down, and 2 components that run on or need it"),
        (Cause("upon", "h"), 2, "host h is down, and 1 component that runs on or needs it"),
        (Cause("upon", "x"), 3, "3 components that run on or need x"),
        (Cause("group", "g"), 3, "3 components, most in group g"),
        (Cause("subnet", "s"), 3, "3 components, most in subnet s"),
        (Cause("labels", "owner=ops"), 1, "1 component with owner=ops"),
    ],
)
def test_in_words(cause: Cause, size: int, text: str) -> None:
    bad = {"db": Verdict.down, "h": Verdict.down}
    assert words(cause, size, bad.get, lambda name: "host" if name == "h" else "service") == text


def test_everything_says_where_to_look() -> None:
    text = words(Cause("everything"), 100_000, lambda name: None, lambda name: "")
    assert text.startswith("100,000 components at once")
    assert "this node itself" in text
