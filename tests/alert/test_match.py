import time

import pytest

from gadfly.alert.match import LENGTH, check, matches
from gadfly.errors import LimitError, Refused

LABELS = {"component": "db1", "host": "h1", "env": "prod"}


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({}, True),
        ({"component": "db1"}, True),
        ({"component": "db"}, False),
        ({"component": "~db.*"}, True),
        ({"component": "~b1"}, False),  # the whole value counts
        ({"env": "!prod"}, False),
        ({"env": "!test"}, True),
        ({"env": "!~pr.*"}, False),
        ({"env": "!~te.*"}, True),
        ({"nowhere": ""}, True),
        ({"nowhere": "x"}, False),
        ({"nowhere": "!x"}, True),
        ({"component": "db1", "host": "h2"}, False),
    ],
)
def test_matching(match: dict[str, str], expected: bool) -> None:
    assert matches(match, LABELS) is expected


@pytest.mark.parametrize(
    ("match", "error"),
    [
        ({}, Refused),
        ({"a": "~("}, Refused),
        ({"a": "~(a+)+"}, Refused),  # each of these could run for minutes
        ({"a": "~(a|a)*b"}, Refused),
        ({"a": "!~(?:a{1,9}){1,9}"}, Refused),
        ({"a": "~.*.*.*.*x"}, Refused),
        ({"a": "~" + "a?" * 30 + "a" * 30}, Refused),
        ({"a": "~" + "(a|a|a)" * 30}, Refused),
        ({"a": r"~(.)\1"}, Refused),
        ({"a": "~" + "(" * 400}, Refused),
        ({"a": "x" * 501}, LimitError),
        ({str(n): "x" for n in range(33)}, LimitError),
    ],
)
def test_what_cannot_be_used_is_refused(match: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        check(match)


@pytest.mark.parametrize(
    "value",
    [
        "db1",
        "!db1",
        "~db.*",
        "~web-[0-9]+[.]dc[0-9]+[.].*",
        "~(web|db)1?",
        "~" + "|".join(f"w{n}" for n in range(40)),
    ],
)
def test_a_good_one_passes(value: str) -> None:
    check({"host": value})


@pytest.mark.parametrize("pattern", [".*.*.*x", "a?" * 10 + ".*x", "(a|a)(a|a)(a|a)(a|a).*.*x"])
def test_the_worst_that_is_let_through_is_quick(pattern: str) -> None:
    check({"host": f"~{pattern}"})
    begin = time.process_time()
    assert not matches({"host": f"~{pattern}"}, {"host": "a" * LENGTH + "!"})
    assert not matches({"host": f"~{pattern}"}, {"host": "a" * (LENGTH - 1) + "!"})
    assert time.process_time() - begin < 2.0


def test_a_value_that_is_too_long_fits_no_expression() -> None:
    assert not matches({"host": "~a*"}, {"host": "a" * (LENGTH + 1)})
    assert matches({"host": "!~a*"}, {"host": "a" * (LENGTH + 1)})
