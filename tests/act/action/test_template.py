"""Fields are filled strictly: what is unknown, empty or unprintable never becomes part of an action."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gadfly.act.action import template


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("plain", "plain"),
        ("a@{component}", "a@x"),
        ("{component}{group}", "xg"),
        ("{{component}}", "{component}"),
        ("{label.app}/{parameter.size}", "shop/4"),
        ("", ""),
    ],
)
def test_fills(text: str, filled: str) -> None:
    values = {"component": "x", "group": "g", "label.app": "shop", "parameter.size": "4"}
    assert template.parse(text).fill(values, str) == filled


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "no field"),
        ("{compnent}", "no field"),
        ("{count}", "no field"),
        ("{component", "single"),
        ("component}", "single"),
        ("{label.}", "no field"),
        ("{component!r}", "no field"),
        ("{0.__class__}", "no field"),
        ("x" * 5000, "at most"),
    ],
)
def test_refuses_at_load(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        template.parse(text)


@pytest.mark.parametrize(
    ("value", "said"), [("", "no value"), ("a\nb", "printed"), ("a\0b", "printed"), ("x" * 201, "at most")]
)
def test_refuses_at_the_filling(value: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        template.parse("a@{component}").fill({"component": value}, str)


def test_an_absent_value_is_no_empty_one() -> None:
    with pytest.raises(ValueError, match="nothing is done with an empty name"):
        template.parse("{label.app}").fill({}, str)


def test_more_fields_are_known_where_an_action_has_them() -> None:
    assert template.parse("{count}", ("count",)).fields == ("count",)


@given(st.text(max_size=60))
def test_reads_anything_or_says_why(text: str) -> None:
    try:
        found = template.parse(text)
    except ValueError:
        return
    # What has no field is its own text, but for the doubled braces.
    if not found.fields:
        assert found.fill({}, str) == text.replace("{{", "{").replace("}}", "}")


@given(st.text(min_size=1, max_size=40))
def test_a_value_is_never_read_as_a_template(value: str) -> None:
    try:
        assert template.parse("[{component}]").fill({"component": value}, str) == f"[{value}]"
    except ValueError:
        assert not value.isprintable()
