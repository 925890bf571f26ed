from __future__ import annotations

import pytest

from gadfly import rate


@pytest.mark.parametrize(
    ("text", "weekly"), [("5 a week", 5), ("2 a day", 14), ("1 an hour", 168), ("0 per week", 0)]
)
def test_how_often_a_week(text: str, weekly: float) -> None:
    assert rate.parse(text) == weekly


@pytest.mark.parametrize(
    "text", ["", "5", "five a week", "5 a month", "-1 a week", "5 a weekend", "1.5 a day"]
)
def test_what_is_no_rate_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(ValueError, match='write "5 a week"'):
        rate.parse(text)
