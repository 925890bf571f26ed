"""The page of targets in Chromium: what is down stands first, and nothing in a label is markup."""

from __future__ import annotations

from typing import Any

import pytest
from chromium import Opened, has_no_sideways_scroll, until

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "has_touch": True}


def targets(opened: Opened) -> Any:
    page = opened.page
    page.goto(opened.url + "targets")
    page.wait_for_selector(".target")
    return page


def test_what_is_down_stands_first_and_labels_are_text(opened: Opened) -> None:
    page = targets(opened)
    assert page.inner_text("#count") == "603 targets · 1 down"
    assert page.inner_text("#targets h3 >> nth=0") == "node<b> · 1 of 3 up"
    assert page.inner_text(".target >> nth=0").startswith("down")
    assert "line 3: '<b>' is not a number" in page.inner_text(".target >> nth=0")
    assert page.locator("#targets img").count() == 0
    assert page.locator(".target").count() == 500


def test_targets_are_found_by_words_and_state(opened: Opened) -> None:
    page = targets(opened)
    page.fill("#filter", "host-59")
    until(page, "document.querySelectorAll('.target').length === 11")
    page.fill("#filter", "")
    page.select_option("#state", "unknown")
    until(page, "document.querySelectorAll('.target').length === 1")
    assert "not asked yet" in page.inner_text(".target")
    page.select_option("#state", "dropped")
    until(page, "document.querySelector('.target').innerText.includes('db9:9100')")


@pytest.mark.parametrize("opened", [PHONE], indirect=True)
def test_on_a_phone(opened: Opened) -> None:
    assert has_no_sideways_scroll(targets(opened))
