import pytest

from gadfly.alert.match import check, matches
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
        ({"a": "x" * 501}, LimitError),
        ({str(n): "x" for n in range(33)}, LimitError),
    ],
)
def test_what_cannot_be_used_is_refused(match: dict[str, str], error: type[Exception]) -> None:
    with pytest.raises(error):
        check(match)


def test_a_good_one_passes() -> None:
    check({"host": "~db.*"})
