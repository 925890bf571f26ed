"""The page of predictions in Chromium: what is foreseen, the fan, the record; wide and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from chromium import Opened, Running, has_no_sideways_scroll, until

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 375, "height": 812}, "color_scheme": "dark"}


@pytest.mark.parametrize("context", [pytest.param({}, id="wide"), pytest.param(PHONE, id="phone")])
def test_what_is_foreseen_and_how_good_it_was(
    browser: Any, running: Running, context: dict[str, Any]
) -> None:
    opened = Opened(browser, running, **context)
    page = opened.page
    page.goto(opened.url + "predictions")
    until(page, "document.querySelectorAll('.seen').length === 3")
    assert page.inner_text("#count") == "3 series · 1 more likely than not"
    assert "too little to say" in page.inner_text(".seen:last-child .chance")
    page.wait_for_selector(".trouble:has-text('queue is silent')")
    page.wait_for_selector(".score:has-text('silent: skill')")
    assert page.locator(".reliability circle").count() == 8
    assert page.locator(".item b").all_inner_texts() == ["in 4 d", "in 10 d"]
    licence = page.locator(".item").nth(1).inner_text()
    assert "ends " in licence
    assert "full at" not in licence
    assert page.locator(".made").count() == 40
    page.select_option("#which", "open=true")
    until(page, "document.querySelectorAll('.made').length === 10")
    assert "<img src=x onerror=alert(1)>" in page.inner_text("#foreseen")
    assert has_no_sideways_scroll(page)
    opened.context.close()
    assert opened.complaints == []


def test_the_fan_of_one(browser: Any, running: Running) -> None:
    opened = Opened(browser, running)
    page = opened.page
    page.goto(opened.url + "predictions")
    page.click("button.title:has-text('db-1')")
    page.wait_for_selector("#fan svg")
    assert page.locator("#fan .band").count() == 4
    assert page.locator("#fan .limit").count() == 1
    assert page.locator("#fan .deadline").count() == 1
    # Of the past so much that what comes can be seen: three times the day ahead, of the week that is known.
    assert 65 <= (page.locator("#fan .gone").get_attribute("d") or "").count(" ") <= 73
    assert "db-1" in page.inner_text("#one-title")
    # It is there again for whoever is given the address.
    page.reload()
    page.wait_for_selector("#fan svg")
    page.keyboard.press("Escape")
    page.wait_for_selector("#one", state="hidden")
    page.click("button.title:has-text('onerror')")
    page.wait_for_selector("#fan:has-text('Too little is known')")
    page.keyboard.press("/")
    page.keyboard.type("db-1")
    until(page, "document.querySelectorAll('.seen').length === 1")
    opened.context.close()
    assert [one for one in opened.complaints if "409" not in one] == []
