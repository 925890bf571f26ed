"""The page of the ledger in Chromium: a person reads what happened, to whom, by whom, and takes the proof."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from chromium import Opened, Running, has_no_sideways_scroll, until

from gadfly.ledger import receipt

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "has_touch": True}


def ledger(opened: Opened, fragment: str = "") -> Any:
    return opened.go(f"ledger{fragment}", shown="#entries li")


def sentences(page: Any) -> list[str]:
    return list(page.locator("#entries summary > span:nth-child(3)").all_inner_texts())


def test_what_happened_in_sentences(opened: Opened) -> None:
    page = ledger(opened)
    assert sentences(page)[1] == "checkout went from healthy to down: its process ended."
    assert "gadfly/north/00000001: 3 entries, root " in page.inner_text("#seal")
    assert "Nobody witnesses it" in page.inner_text("#witnesses")
    assert page.title() != "pwned"
    assert opened.complaints == []


def test_the_story_of_one_component(opened: Opened) -> None:
    page = ledger(opened, "#about=component%3Acheckout")
    assert len(sentences(page)) == 2
    assert page.input_value("#subject") == "component:checkout"
    page.fill("#subject", "owner:payments")
    page.press("#subject", "Enter")
    until(page, "document.querySelectorAll('#entries summary').length === 1")
    assert "about=owner" in page.url
    page.select_option("#kind", "silence")
    until(page, "document.querySelector('#entries').textContent.includes('Nothing is recorded')")


def test_an_entry_opens_with_its_subjects_and_bytes(opened: Opened) -> None:
    page = ledger(opened)
    page.locator("#entries summary").nth(1).click()
    page.wait_for_selector("#entries pre")
    assert page.inner_text("#entries pre").startswith('{"about":["component:checkout"')
    page.click("#entries .subjects a:has-text('owner:payments')")
    until(page, "document.querySelectorAll('#entries summary').length === 1")
    page.locator("#entries summary").first.click()
    page.click("#entries details[open] .subjects a:has-text('by node')")
    until(page, "document.querySelector('#chosen').textContent.includes('by node')")
    page.click("#chosen button")
    until(page, "document.querySelectorAll('#entries summary').length === 3")


def test_the_proof_is_taken_along_and_holds(opened: Opened, running: Running) -> None:
    page = ledger(opened)
    page.locator("#entries summary").nth(1).click()
    with page.expect_download() as coming:
        page.click("#entries details[open] button:has-text('proof')")
    text = Path(coming.value.path()).read_text()
    assert coming.value.suggested_filename == "entry-1.tlog-proof"
    assert receipt.verify(text, running.node.ledger.log.verifier).index == 1


def test_what_is_new_comes_by_itself_and_what_is_open_stays(opened: Opened, running: Running) -> None:
    page = ledger(opened)
    page.locator("#entries summary").nth(1).click()
    page.wait_for_selector("#entries pre")
    running.call(lambda: running.node.ledger.add("node", ("node:north",), event="stopped"))
    until(page, "document.querySelectorAll('#entries summary').length === 4")
    assert sentences(page)[0] == "The node north stopped."
    assert page.locator("#entries details[open]").count() == 1
    assert page.get_attribute("#entries details[open]", "data-index") == "1"


def test_older_ones_are_behind_a_button(opened: Opened, running: Running) -> None:
    def fill() -> None:
        for number in range(150):
            running.node.ledger.add(
                "token", (f"token:t{number}",), event="made", scopes=["ack"], expires="never"
            )

    running.call(fill)
    page = ledger(opened)
    assert len(sentences(page)) == 100
    page.click("#older")
    until(page, "document.querySelectorAll('#entries summary').length === 153")
    assert page.locator("#older").is_hidden()


def test_a_witness_that_contradicts_is_seen_at_once(opened: Opened, running: Running) -> None:
    def contradict() -> None:
        running.node.ledger.witnesses = [
            {
                "name": "south",
                "key": "k",
                "url": "http://south/",
                "standing": "contradicted",
                "words": "the history was changed",
                "size": 2,
                "at": 1.0,
            }
        ]
        running.node.ledger.trouble = "The ledger was cut"

    running.call(contradict)
    page = ledger(opened)
    until(page, "document.querySelector('#witnesses .bad') !== null")
    assert "witness south: contradicted, 2 entries" in page.inner_text("#witnesses .bad")
    assert page.inner_text("#trouble") == "The ledger was cut"


def test_with_the_keyboard(opened: Opened) -> None:
    page = ledger(opened)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#entries pre")
    assert page.get_attribute("#entries details[open]", "data-index") == "1"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "subject"


def test_from_the_story_of_a_component_to_its_ledger(opened: Opened) -> None:
    page = opened.go()
    page.locator("#rows a").first.click()
    page.wait_for_selector("#story a.button")
    name = page.inner_text("#story h2")
    page.click("#story a.button")
    until(page, "location.pathname === '/ledger'")
    until(page, "document.getElementById('live')?.textContent === 'live'")
    assert page.input_value("#subject") == f"component:{name}"


@pytest.mark.parametrize("opened", [PHONE], indirect=True)
def test_on_a_phone(opened: Opened) -> None:
    page = ledger(opened)
    page.locator("#entries summary").nth(1).click()
    page.wait_for_selector("#entries pre")
    assert has_no_sideways_scroll(page)
