"""The page of rules in Chromium: states, bars, filters; light and dark, wide and narrow."""

from __future__ import annotations

from typing import Any

import pytest
from chromium import Opened, Running, has_no_sideways_scroll, until

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


@pytest.mark.parametrize("context", [{}, PHONE])
def test_what_each_rule_is_and_how_near(browser: Any, running: Running, context: dict[str, Any]) -> None:
    opened = Opened(browser, running, **context)
    page = opened.page
    page.goto(opened.url + "rules")
    until(page, "document.querySelectorAll('.rule').length === 6")
    assert page.inner_text("#count") == "6 rules · 1 firing · 1 pending · 1 failing"
    assert page.locator(".bar").count() == 4
    assert "many-to-many" in page.inner_text(".rule .bad")
    assert "<b onload=x> down" in page.inner_text("#rules")
    assert has_no_sideways_scroll(page)
    page.select_option("#state", "near")
    until(page, "document.querySelectorAll('.rule .name').length === 5")
    page.select_option("#state", "")
    page.fill("#filter", "load 3.5")
    until(page, "document.querySelectorAll('.rule').length === 1")
    assert page.inner_text(".rule .name") == "Near"
    page.context.close()
    assert opened.complaints == []
