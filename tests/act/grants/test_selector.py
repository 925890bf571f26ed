"""Which components a selector means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.act.grants import selector
from gadfly.monitor.subject import Subject

ONE = Subject(
    name="orders-1",
    kind="service",
    owner="payments",
    group="workers",
    host="h1",
    labels={"region": "eu", "tier": "1"},
)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("", True),
        ("  ", True),
        ('group = "workers"', True),
        ('group="workers"', True),
        ('group = "other"', False),
        ('group != "other"', True),
        ('component = "orders-1"', True),
        ('kind = "host"', False),
        ('owner = "payments" and region = "eu"', True),
        ('owner = "payments", region = "us"', False),
        ('region = "us" or tier = "1"', True),
        ('region = "us" or tier = "1" and group = "other"', False),
        ('(region = "us" or tier = "1") and group = "workers"', True),
        ('not region = "us"', True),
        ('not region = "eu" or group = "workers"', True),
        ('not (region = "eu" or group = "other")', False),
        ('host = "h1"', True),
        ('missing = ""', True),
        ('missing != ""', False),
        ('component =~ "orders-.*"', True),
        ('component =~ "orders"', False),
        ('component =~ "ORDERS-1"', False),
    ],
)
def test_what_it_means(text: str, means: bool) -> None:
    assert selector.parse(text)(ONE) is means


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("group", "at its end"),
        ("group =", "at its end"),
        ("group = workers", 'near "workers"'),
        ('= "workers"', 'near "="'),
        ('group = "a" group = "b"', 'near "group"'),
        ('group = "a" and', "at its end"),
        ('(group = "a"', "at its end"),
        ('group = "a")', r'near "\)"'),
        ('group > "a"', "not part of a selector"),
        ('group = "a', "not part of a selector"),
        ('and = "a" or', "at its end"),
        ('component =~ "(a+)+"', "too long"),
        ('component =~ "("', "not a regular expression|too long"),
        ("(" * 40 + 'a = "b"' + ")" * 40, "16 levels"),
        ("not " * 40 + 'a = "b"', "16 levels"),
        ('a = "' + "x" * 2000 + '"', "2000 characters"),
    ],
)
def test_what_is_none(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        selector.parse(text)


@given(st.text(max_size=200))
def test_any_text_is_a_selector_or_refused(text: str) -> None:
    try:
        found = selector.parse(text)
    except ValueError:
        return
    assert found(ONE) in (True, False)


@given(
    st.lists(st.sampled_from(['group = "a"', "and", "or", "not", "(", ")", ",", "x", '=~ "b"']), max_size=12)
)
def test_any_order_of_parts_is_a_selector_or_refused(parts: list[str]) -> None:
    test_any_text_is_a_selector_or_refused.hypothesis.inner_test(" ".join(parts))  # type: ignore[attr-defined]
