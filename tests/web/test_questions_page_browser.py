"""The page of questions in Chromium: read, answered by keyboard alone, and on a phone; nothing is markup."""

from __future__ import annotations

from typing import Any

import pytest
from chromium import Opened, Running, has_no_sideways_scroll, until

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}
DARK = {"color_scheme": "dark"}
TIME = 30_000
REASON = "The sale needs it this loud until spring."


@pytest.fixture(params=[{}])
def opened(request: Any, browser: Any, running: Running) -> Any:
    made = Opened(browser, running, **request.param)
    made.page.set_default_timeout(TIME)
    yield made
    made.context.close()
    # What is refused is said in words on the page; the browser says it once more in its log.
    assert [one for one in made.complaints if "status of 422" not in one] == []
    assert [url for url in made.requested if not url.startswith(running.url)] == []


def questions(opened: Opened, token: str = "", more: str = "") -> Any:
    page = opened.page
    page.goto(f"{opened.url}questions#{more}{f'&token={token}' if token else ''}")
    page.wait_for_selector("#open .question")
    return page


def test_what_a_team_is_asked(opened: Opened, running: Running) -> None:
    page = questions(opened)
    page.wait_for_selector("#closed .question")
    found = {
        part: page.locator(f"#{part} .question").count()
        for part in ("open", "assumed", "accepted", "learnt", "closed")
    }
    assert found == {"open": 4, "assumed": 1, "accepted": 1, "learnt": 1, "closed": 2}
    assert "4 questions · about 25 minutes" in page.inner_text("#count")
    assert page.locator("#q-q1 rect").count() == 9
    assert "share" in page.inner_text("#q-q1 .figures")
    assert page.locator("main img").count() == 0
    evil = page.inner_text("#q-q4")
    assert "<img src=x onerror=alert(1)>" in evil
    assert "\u202e" not in evil
    assert len(page.inner_text("#q-q4 .meta")) < 200
    page.click("#q-q3 summary")
    page.wait_for_selector("#q-q3 .evidence tbody tr >> nth=13")
    assert "payments was asked q3" in page.inner_text("#q-q3 .life")
    page.select_option("#team", "search")
    until(page, "document.querySelectorAll('#open .question').length === 1", TIME)
    assert page.url.endswith("#team=search")
    page.goto(opened.url + "questions#about=disk-03")
    until(page, "document.querySelector('#open-title').textContent === 'open about disk-03'", TIME)
    until(page, "document.querySelectorAll('.question').length === 1", TIME)


def test_it_is_answered_by_keyboard_alone(opened: Opened, token: str, running: Running) -> None:
    page = questions(opened, token)
    page.keyboard.press("j")
    until(page, "document.activeElement?.textContent === 'Change'", TIME)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#answer[open] .for-accept textarea")
    until(page, "document.activeElement?.name === 'reason'", TIME)
    page.keyboard.type("ok")
    page.keyboard.press("Tab")
    until(page, "document.activeElement?.name === 'until'", TIME)
    page.keyboard.press("Enter")
    page.wait_for_selector("#error-accept-reason:not(:empty)")
    assert "12 characters" in page.inner_text("#error-accept-reason")
    until(page, "document.activeElement?.getAttribute('aria-invalid') === 'true'", TIME)
    assert running.node.questioning.answered == []
    page.keyboard.press("Control+A")
    page.keyboard.type(REASON)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(page, "!document.querySelector('#answer').open", TIME)
    until(page, "!document.querySelector('#toast').hidden", TIME)
    assert "What happens next" in page.inner_text("#toast")
    ((id, given, who),) = running.node.questioning.answered
    assert (id, given.reason, who) == ("q1", REASON, "person:olga")
    assert given.until
    until(page, "document.querySelectorAll('#accepted .question').length === 2", TIME)


def test_escape_leaves_and_says_nothing(opened: Opened, token: str, running: Running) -> None:
    page = questions(opened, token)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#answer[open] .for-change textarea")
    page.keyboard.press("Escape")
    until(page, "!document.querySelector('#answer').open", TIME)
    assert running.node.questioning.answered == []


def test_who_has_no_token_is_asked_for_it_and_loses_nothing(
    opened: Opened, token: str, running: Running
) -> None:
    page = questions(opened)
    page.click("#q-q3 button >> text=Change")
    page.fill(".for-change textarea", "deleted two of them")
    page.click(".which summary")
    page.uncheck(".ones input >> nth=0")
    page.click("#answer button[type=submit]")
    page.wait_for_selector("#dialog[open] input[name=token]")
    page.fill("#dialog input[name=token]", token)
    page.keyboard.press("Enter")
    until(page, "!document.querySelector('#answer').open", TIME)
    ((id, given, _),) = running.node.questioning.answered
    assert (id, given.change, len(given.subjects)) == ("q3", "deleted two of them", 13)
    opened.complaints[:] = [one for one in opened.complaints if "status of 401" not in one]


@pytest.mark.parametrize("opened", [{**PHONE, **DARK}], ids=["dark"], indirect=True)
def test_on_a_phone(opened: Opened, token: str, running: Running) -> None:
    page = questions(opened, token)
    assert has_no_sideways_scroll(page)
    page.click("#q-q3 summary")
    page.wait_for_selector("#q-q3 .evidence tbody tr >> nth=13")
    assert has_no_sideways_scroll(page)
    page.tap("#q-q2 button >> text=Wrong question")
    page.wait_for_selector("#answer[open] .for-wrong select")
    assert has_no_sideways_scroll(page)
    page.select_option(".for-wrong select", "not mine")
    page.tap("#answer button[type=submit]")
    until(page, "!document.querySelector('#answer').open", TIME)
    assert running.node.questioning.answered[0][1].reason == "not mine"


@pytest.mark.parametrize("opened", [{**PHONE, "java_script_enabled": False}], ids=["phone"], indirect=True)
def test_the_link_of_a_letter_without_scripts(opened: Opened, running: Running) -> None:
    page = opened.page
    page.goto(opened.url + "q/good-link")
    page.wait_for_selector("form.answering")
    assert page.is_hidden(".for-accept")
    page.check("input[value=accept]")
    page.wait_for_selector(".for-accept textarea")
    page.fill(".for-accept textarea", "ok")
    page.click("button[type=submit]")
    page.wait_for_selector("#error")
    assert "12 characters" in page.inner_text("#error")
    page.fill(".for-accept textarea", REASON)
    page.click("button[type=submit]")
    page.wait_for_selector("text=Thank you.")
    assert running.node.questioning.answered[0][2] == "person:pay@example.org"


def test_a_component_tells_what_is_assumed_of_it(opened: Opened) -> None:
    page = opened.go("#c=api-00001", "#story h2")
    page.wait_for_selector("#story a[href='/questions#q=q1']")
    assert "accepted until" in page.inner_text("#story")
    page.click("#story a[href='/questions#q=q1']")
    page.wait_for_selector("#q-q1")
    until(page, "document.activeElement?.closest('#q-q1') !== null", TIME)
