"""The page of functions in Chromium: when each ran, what it used, what it wrote; nothing in it is markup."""

from __future__ import annotations

from typing import Any

import pytest
from chromium import Opened, Running, has_no_sideways_scroll, until

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "has_touch": True}


def functions(opened: Opened, token: str = "") -> Any:
    page = opened.page
    page.goto(opened.url + "functions" + (f"#token={token}" if token else ""))
    page.wait_for_selector(".call")
    return page


def test_functions_their_calls_and_dead_letters(opened: Opened) -> None:
    page = functions(opened)
    until(page, "document.querySelector('#count').textContent.startsWith('2 functions')")
    assert page.locator(".fn").count() == 2
    assert "1 of 2 grants used" in page.inner_text(".fn >> nth=0")
    assert "not deployed" in page.inner_text(".fn >> nth=1")
    assert page.locator(".fn >> nth=0 >> rect").count() == 200
    assert page.locator(".call").count() == 100
    page.click("#more")
    until(page, "document.querySelectorAll('.call').length === 200")
    page.select_option("#state", "dead")
    until(page, "document.querySelectorAll('.call').length === 4")
    assert "denied 1 ask" in page.inner_text(".call >> nth=0")


def test_one_function_and_what_a_call_wrote(opened: Opened, token: str, running: Running) -> None:
    page = functions(opened, token)
    page.click(".fn >> nth=0")
    page.wait_for_selector("#one:not([hidden]) .grant")
    assert "never used" in page.inner_text("#about")
    page.click(".call >> nth=0 >> summary")
    page.wait_for_selector(".try pre")
    assert "<img src=x onerror=alert(1)>" in page.inner_text(".try pre")
    assert "\u202e" not in page.inner_text(".try pre")
    assert page.locator("main img").count() == 0
    page.click("text=Make it again")
    until(page, "!document.querySelector('#toast').hidden")
    assert running.node.functions.replayed[0][0] == 200
    page.keyboard.press("Escape")
    until(page, "document.querySelector('#one').hidden")


@pytest.mark.parametrize("opened", [PHONE, {"color_scheme": "dark"}], ids=["phone", "dark"], indirect=True)
def test_on_a_phone_and_in_the_dark(opened: Opened) -> None:
    assert has_no_sideways_scroll(functions(opened))
