"""What an expression may cost."""

import pytest

from gadfly.monitor.probe.expression import affordable


@pytest.mark.parametrize(
    ("pattern", "length", "here"),
    [
        ("all is well", 1_000_000, True),
        ("ok", 1_000_000, True),
        (r"\+PONG\*", 1_000_000, True),
        ("[a+*]x", 1_000_000, True),
        ("status.*ok", 90, True),
        ("status.*ok", 100_000, False),
        ("a.*b.*c", 40, True),
        ("a.*b.*c", 1000, False),
        ("(a+)+$", 10, False),
        ("(a|aa)*$", 10, False),
        ("(?:ab){2,}", 10, False),
        (r"(a)\1", 10, False),
        ("(?P<x>a)(?P=x)", 10, False),
        ("a?" * 20 + "a" * 20, 30, False),
        ("a{1,9}" * 9, 10, False),
    ],
)
def test_affordable(pattern: str, length: int, here: bool) -> None:
    assert affordable(pattern, length) is here
