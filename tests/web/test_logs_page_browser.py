"""The page of logs in Chromium: lines, live, searched, and harmless whatever stands in them."""

from __future__ import annotations

from typing import Any

import pytest
from chromium import Opened, Running, has_no_sideways_scroll, until

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "has_touch": True}


def logs(opened: Opened) -> Any:
    page = opened.page
    page.goto(opened.url + "logs")
    page.wait_for_selector("#lines tr")
    return page


def test_lines_are_text_whatever_stands_in_them_and_the_older_ones_follow(opened: Opened) -> None:
    page = logs(opened)
    assert page.locator("#lines img").count() == 0
    assert page.inner_text("#lines tr >> nth=0").endswith(
        "<b>h2</b>\tweb\t\n<img src=x onerror=alert(1)> �evil�[31m"
    )
    assert page.inner_text("#about") == "100 lines"
    page.click("#more")
    until(page, "document.querySelectorAll('#lines tr').length === 200")
    page.click("#lines .short >> nth=1")
    assert "severity=error  pid=42" in page.inner_text("#lines tr >> nth=1")


def test_words_expressions_and_a_click_choose_lines(opened: Opened) -> None:
    page = logs(opened)
    page.fill("#q", "out of MEMORY")
    page.click("#ask button")
    until(page, "document.querySelectorAll('#lines tr').length === 1")
    page.fill("#q", "/checkout/.5 /")
    page.press("#q", "Enter")
    until(page, "document.querySelectorAll('#lines tr').length === 9")
    page.fill("#q", "")
    page.press("#q", "Enter")
    until(page, "document.querySelectorAll('#lines tr').length === 100")
    page.click("#lines td.where:has-text('kernel')")
    until(page, "document.querySelectorAll('#lines tr').length === 1")
    assert "unit=kernel" in page.url


def test_a_pattern_that_is_none_is_said(browser: Any, running: Running) -> None:
    opened = Opened(browser, running)
    page = logs(opened)
    page.fill("#q", "/(/")
    page.press("#q", "Enter")
    page.wait_for_selector("#about.bad")
    assert "missing )" in page.inner_text("#about")
    opened.context.close()


def test_what_comes_is_put_on_top(opened: Opened, running: Running) -> None:
    page = logs(opened)
    running.node.logs.say("a line that came", at=running.node.clock.wall())
    until(page, "document.querySelector('#lines tr .text').textContent === 'a line that came'")
    assert page.inner_text("#about") == "101 lines"


@pytest.mark.parametrize("opened", [PHONE], indirect=True)
def test_on_a_phone(opened: Opened) -> None:
    assert has_no_sideways_scroll(logs(opened))
