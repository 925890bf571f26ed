"""The page of acts in Chromium: what waits for a person, and the button that stops everything."""

from __future__ import annotations

from typing import Any

import pytest
from chromium import Opened, Running, has_no_sideways_scroll, until

from gadfly.errors import StoreError

pytestmark = [pytest.mark.slow, pytest.mark.first]

HOSTILE = "<img src=x onerror=\"document.title='pwned'\">"
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "has_touch": True}


def board(opened: Opened, fragment: str = "") -> Any:
    return opened.go(f"act{fragment}", shown="#ladder tbody th")


def in_view(page: Any, selector: str) -> bool:
    """Whether a press in its middle would reach it."""
    return bool(
        page.evaluate(
            """(s) => { const e = document.querySelector(s); const r = e.getBoundingClientRect();
            const x = r.x + r.width / 2, y = r.y + r.height / 2;
            return r.width > 0 && x > 0 && y > 0 && x < innerWidth && y < innerHeight
              && e.contains(document.elementFromPoint(x, y)); }""",
            selector,
        )
    )


def test_one_glance(opened: Opened) -> None:
    page = board(opened)
    assert page.inner_text("#stop-state") == "2 of 3 automations may act"
    first = page.inner_text("#approvals .approval >> nth=0")
    for words in (
        "restart-stuck-worker",
        "on 3 targets (orders-worker-03, orders-worker-07, orders-worker-11): 3 of group workers are stalled",
        "3 of 12 in group workers",
        "2 of 400 in region eu-north",
        "component alive within 30s",
        "It cannot be undone",
        "asked by automation:restart-stuck-worker",
        "payments, then platform may answer",
        "In stages: eu-north, then eu-west",
    ):
        assert words in first
    ladder = page.inner_text("#ladder")
    for words in (
        "41 of 41 verified, ≥ 92 %",
        "its record allows act-small",
        "overdue since",
        "2 of 6 an hour",
    ):
        assert words in ladder
    assert "8 of 25 % of group workers" in ladder
    assert "billing-00203" in page.inner_text("#unexplained")
    assert "2 runs in a row were not verified" in page.inner_text("#freezes")
    assert "overdue for 60 min" in page.inner_text("#reviews")
    assert "1 is not proven" in page.inner_text("#proofs-about")
    assert "let a destructive act in a freeze pass" in page.inner_text("#proofs")
    assert "too much: 4 pages at night" in page.inner_text("#owners")
    assert "acted 12 times on 14 targets: 11 verified, 1 failed" in page.inner_text("#report")
    assert "2 to approve" in page.title()


def test_the_dry_run_is_told_and_keeps_references(opened: Opened) -> None:
    page = board(opened)
    page.click("#approvals .approval >> nth=0 >> summary")
    lines = page.inner_text("#approvals .approval >> nth=0 >> pre")
    assert lines.split("\n")[0] == "systemctl restart orders-worker@orders-worker-03, with env:DEPLOY_KEY"


def test_one_press_stops_everything(opened: Opened, running: Running, token: str) -> None:
    page = board(opened, f"#token={token}")
    page.click("#stop")
    page.wait_for_selector("#stop-card.stopped")
    assert running.node.acts.called == [("stop", "everything", "", "person:olga", "pressed on the page")]
    assert page.inner_text("#stop-state") == "STOPPED: no automation acts"
    assert "Every automation stopped by person:olga since" in page.inner_text("#stops")
    assert "pressed on the page" in page.inner_text("#stops")
    assert page.locator("#stop").is_hidden()
    assert page.title().startswith("STOPPED")
    until(page, "document.getElementById('acts').textContent.startsWith('stopped')")
    page.click("#stops button")
    page.click("dialog button[type=submit]")
    assert page.locator("dialog").is_visible(), "resuming needs a reason"
    page.fill("dialog input[name=reason]", "the loop is mended")
    page.click("dialog button[type=submit]")
    until(page, "!document.getElementById('stop-card').classList.contains('stopped')")
    assert running.node.acts.called[-1] == ("resume", "s1", "person:olga", "the loop is mended")
    assert page.locator("#stop").is_visible()


def test_a_stop_from_elsewhere_is_seen(opened: Opened, running: Running) -> None:
    page = board(opened)
    running.do(running.node.acts.stop("everything", "", "person:bea", "the workers loop"))
    page.wait_for_selector("#stop-card.stopped", timeout=3000)
    assert "stopped by person:bea" in page.inner_text("#stops")
    assert "the workers loop" in page.inner_text("#stops")


def test_the_first_page_says_that_it_is_stopped(opened: Opened, running: Running) -> None:
    page = opened.go()
    assert "2 to approve, 1 frozen" in page.inner_text("nav")
    running.do(running.node.acts.stop("everything", "", "person:bea", "the workers loop"))
    until(page, "document.getElementById('acts').textContent.startsWith('stopped')")
    page.click("nav a[href='/act']")
    page.wait_for_selector("#stop-card.stopped")


def test_stop_asks_for_a_token_and_then_stops(opened: Opened, running: Running, token: str) -> None:
    page = board(opened)
    page.click("#stop")
    page.fill("dialog input[name=token]", token)
    page.click("dialog button[type=submit]")
    page.wait_for_selector("#stop-card.stopped")
    assert len(running.node.acts.called) == 1
    opened.complaints[:] = [one for one in opened.complaints if "401" not in one]


def test_a_refused_stop_is_not_shown_as_one(opened: Opened, running: Running, reader: str) -> None:
    page = board(opened, f"#token={reader}")
    page.click("#stop")
    page.wait_for_selector("dialog:has-text(\"no scope 'stop'\")")
    page.keyboard.press("Escape")
    page.wait_for_selector("#toast:has-text('no scope')")
    assert not page.evaluate("document.getElementById('stop-card').classList.contains('stopped')")
    assert page.inner_text("#stop") == "Stop every automation"
    assert running.node.acts.called == []
    opened.complaints[:] = [one for one in opened.complaints if "403" not in one]


def test_stop_by_keyboard_alone(opened: Opened, running: Running, token: str) -> None:
    page = board(opened, f"#token={token}")
    page.keyboard.press("Tab")
    assert page.inner_text(":focus") == "To the stop button"
    page.keyboard.press("Enter")
    until(page, "document.activeElement.id === 'stop'")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("S")
    until(page, "document.activeElement.id === 'stop'")
    assert running.node.acts.called == [], "the key leads there; it does not press"
    page.keyboard.press("Enter")
    page.wait_for_selector("#stop-card.stopped")


@pytest.mark.parametrize(
    ("button", "called"),
    [
        ("#ladder .press button >> nth=0", ("stop", "automation", "restart-stuck-worker")),
        ("#owners button >> nth=1", ("stop", "owner", "platform")),
    ],
)
def test_smaller_stops(opened: Opened, running: Running, token: str, button: str, called: Any) -> None:
    page = board(opened, f"#token={token}")
    page.click(button)
    page.fill("dialog input[name=reason]", "it loops")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("#stop-card.partly")
    assert running.node.acts.called == [(*called, "person:olga", "it loops")]
    assert page.locator("#stop").is_visible(), "the rest can still be stopped"


def test_approve_names_the_plan_that_was_read(opened: Opened, running: Running, token: str) -> None:
    page = board(opened, f"#token={token}")
    page.locator("#approvals button:has-text('approve')").first.click()
    assert "asked by automation:restart-stuck-worker" in page.inner_text("dialog")
    assert page.inner_text("dialog button[type=submit]") == "Approve 3 targets"
    running.call(lambda: running.node.acts._approvals[0]["plan"].update(hash="another"))
    page.click("dialog button[type=submit]")
    page.wait_for_selector("#toast:has-text('has changed since you read it')")
    assert running.node.acts.called == []
    page.reload()
    page.wait_for_selector("#approvals .approval")
    page.locator("#approvals button:has-text('approve')").first.click()
    page.fill("dialog input[name=reason]", "go")
    page.click("dialog button[type=submit]")
    until(page, "document.querySelectorAll('#approvals .approval').length === 1")
    assert running.node.acts.called == [("approved", "7", "person:olga", "go")]
    opened.complaints[:] = [one for one in opened.complaints if "409" not in one]


def test_a_consent_is_withdrawn_by_a_press_and_a_reason(opened: Opened, running: Running, token: str) -> None:
    page = board(opened, f"#token={token}")
    assert "may systemd:reboot all that payments owns" in page.inner_text("#consents")
    page.click("#consents button:has-text('withdraw')")
    page.fill("dialog input[name=reason]", "the contract ended")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("#consents-card", state="hidden")
    assert running.node.acts.called == [("withdraw", "3", "person:olga", "the contract ended")]


def test_a_denial_needs_a_reason(opened: Opened, running: Running, token: str) -> None:
    page = board(opened, f"#token={token}")
    page.locator("#approvals button:has-text('deny')").first.click()
    page.click("dialog button[type=submit]")
    assert page.locator("dialog").is_visible()
    page.fill("dialog input[name=reason]", "not in the sale")
    page.click("dialog button[type=submit]")
    until(page, "document.querySelectorAll('#approvals .approval').length === 1")
    assert running.node.acts.called == [("denied", "7", "person:olga", "not in the sale")]


def test_nobody_approves_their_own(opened: Opened, running: Running, token: str) -> None:
    running.call(lambda: running.node.acts._approvals[1].update(who="person:olga"))
    page = board(opened, f"#token={token}")
    page.locator("#approvals button:has-text('approve')").last.click()
    page.click("dialog button[type=submit]")
    page.wait_for_selector("#toast:has-text('person:olga asked for this and cannot answer it')")
    assert page.locator("#approvals .approval").count() == 2
    opened.complaints[:] = [one for one in opened.complaints if "403" not in one]


def test_brakes_and_reviews(opened: Opened, running: Running, token: str) -> None:
    page = board(opened, f"#token={token}")
    for card, words in (("#freezes", "the disk was changed"), ("#reviews", "it was needed")):
        page.click(f"{card} button")
        page.fill("dialog input[name=reason]", words)
        page.click("dialog button[type=submit]")
        until(page, f"!document.querySelector('{card} button')")
    assert running.node.acts.called == [
        ("release", "f1", "person:olga", "the disk was changed"),
        ("review", "r1", "person:olga", "it was needed"),
    ]


def test_what_its_record_allows_is_raised_for_a_reason(opened: Opened, running: Running, token: str) -> None:
    page = board(opened, f"#token={token}")
    page.click("#ladder button:has-text('raise')")
    assert "41 of 41 runs were verified" in page.inner_text("dialog")
    page.fill("dialog input[name=reason]", "a good record")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("dialog", state="hidden")
    called = [("raise", "restart-stuck-worker", "person:olga", "a good record")]
    until(page, "!document.getElementById('dialog').open")
    page.wait_for_timeout(100)
    assert running.node.acts.called == called


def test_one_automation_is_told(opened: Opened) -> None:
    page = board(opened)
    page.click("#ladder a")
    page.wait_for_selector("#story h2:has-text('restart-stuck-worker')")
    told = page.inner_text("#story")
    for words in ("has never recovered by itself", "orders-worker-07", "alive after 6 s, measured by node"):
        assert words in told
    link = page.get_attribute("#story a.button", "href")
    assert link == "/ledger#about=automation%3Arestart-stuck-worker"
    assert in_view(page, "#stop"), "the sheet does not cover the stop button"
    page.keyboard.press("Escape")
    assert page.locator("#story").is_hidden()


@pytest.mark.parametrize("context", [{}, PHONE], ids=["desktop", "phone"])
def test_the_stop_button_is_always_within_reach(browser: Any, running: Running, context: Any) -> None:
    opened = Opened(browser, running, **context)
    page = board(opened)
    assert in_view(page, "#stop")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_timeout(100)
    assert in_view(page, "#stop")
    page.goto(opened.url + "act#a=drain-full-disk")
    page.wait_for_selector("#story h2")
    page.wait_for_timeout(200)
    assert in_view(page, "#stop")
    opened.context.close()
    assert opened.complaints == []


def test_phone(browser: Any, running: Running, token: str) -> None:
    opened = Opened(browser, running, **PHONE)
    page = board(opened, f"#token={token}")
    assert has_no_sideways_scroll(page)
    tall = page.evaluate("Math.max(...[...document.querySelectorAll('main li')].map((e) => e.offsetHeight))")
    assert tall < 500, "a column of single letters"
    page.tap("#stop")
    page.wait_for_selector("#stop-card.stopped")
    assert has_no_sideways_scroll(page)
    assert running.node.acts.called[0][:2] == ("stop", "everything")
    assert in_view(page, "#stops button")
    opened.context.close()
    assert opened.complaints == []


CONTRAST = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const ground = (e) => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c;
  } return [255, 255, 255]; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), bad = [];
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement, style = getComputedStyle(e);
    const hidden = !e.checkVisibility() || e.closest(".unseen, .skip, noscript, :disabled");
    if (hidden || !walker.currentNode.data.trim()) continue;
    const [a, b] = [light(parse(style.color)), light(ground(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) bad.push([e.outerHTML.slice(0, 90), (a + 0.05) / (b + 0.05)]);
  }
  return bad;
}"""


@pytest.mark.parametrize("stopped", [False, True], ids=["running", "stopped"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_can_be_read(browser: Any, running: Running, theme: str, stopped: bool) -> None:
    """WCAG 2.2, 1.4.3: text has a contrast of 4.5 to 1."""
    if stopped:
        running.do(running.node.acts.stop("everything", "", "person:bea", "the workers loop"))
    opened = Opened(browser, running, color_scheme=theme)
    page = board(opened)
    assert page.evaluate(CONTRAST) == []
    opened.context.close()
    assert opened.complaints == []


def test_everything_to_press_has_a_name_and_shows_the_focus(opened: Opened) -> None:
    page = board(opened, "#a=restart-stuck-worker")
    page.wait_for_selector("#story h2")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, a, input, select, summary, [tabindex='0']")]
        .filter((e) => !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length))
        .map((e) => e.outerHTML)"""
    )
    assert nameless == []
    names = page.locator("#ladder button").evaluate_all("all => all.map((e) => e.ariaLabel)")
    assert len(set(names)) == len(names) == 4, "each says what it stops, or raises"
    page.keyboard.press("Escape")
    for _ in range(14):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(s => [s.outlineStyle, s.outlineWidth])(getComputedStyle(document.activeElement))"
        )
        assert style == ["solid", "2px"]


def test_the_focus_stays_when_the_board_changes(opened: Opened, running: Running) -> None:
    page = board(opened)
    page.focus("#approvals .approval:nth-child(2) button:has-text('deny')")
    page.click("#approvals .approval:nth-child(2) summary")
    page.focus("#approvals .approval:nth-child(2) button:has-text('deny')")
    running.do(running.node.acts.deny("7", "person:bea", "no"))
    until(page, "document.querySelectorAll('#approvals .approval').length === 1")
    assert page.evaluate("document.activeElement.dataset.key") == "deny 8"
    assert page.locator("#approvals details").first.evaluate("e => e.open")


def test_a_lost_node_is_not_shown_as_running(opened: Opened, running: Running) -> None:
    page = board(opened)
    running.do(running.server.stop())
    page.wait_for_selector("#live:has-text('not live since')", timeout=4000)
    assert page.inner_text("#stop-state").startswith("Not known: the node does not answer.")
    running.do(running.server.start())
    opened.complaints[:] = [one for one in opened.complaints if "net::ERR" not in one]


def test_hostile_words_stay_words(opened: Opened, running: Running, token: str) -> None:
    acts = running.node.acts
    acts._approvals[0] |= {"automation": HOSTILE, "why": HOSTILE, "who": HOSTILE}
    acts._approvals[0]["plan"] |= {"action": HOSTILE, "lines": [HOSTILE], "expect": HOSTILE}
    acts.freezes[0] |= {"what": HOSTILE, "why": HOSTILE}
    acts.reviews[0] |= {"what": HOSTILE}
    running.do(acts.stop("owner", HOSTILE, HOSTILE, HOSTILE))
    page = board(opened, f"#token={token}")
    assert HOSTILE in page.inner_text("#approvals")
    assert HOSTILE in page.inner_text("#stops")
    page.click("#stops button")
    page.wait_for_selector("dialog h2")
    page.wait_for_timeout(200)
    assert "pwned" not in page.title()
    assert page.locator("img, iframe, script:not([src])").count() == 0


def test_nothing_declared(browser: Any, running: Running) -> None:
    acts = running.node.acts
    acts.automations = list  # type: ignore[method-assign]
    acts._approvals, acts.freezes, acts.reviews = [], [], []
    opened = Opened(browser, running)
    page = opened.go("act", shown="#ladder tbody td")
    assert page.inner_text("#stop-state") == "No automation is declared"
    assert "docs/act.md" in page.inner_text("#ladder")
    assert "Nothing waits for an approval." in page.inner_text("#approvals")
    assert page.locator("#freezes-card").is_hidden()
    opened.context.close()
    assert opened.complaints == []


def test_the_stop_is_shown_also_when_the_rest_cannot_be_read(
    opened: Opened, running: Running, token: str
) -> None:
    page = board(opened, f"#token={token}")

    async def fails() -> object:
        raise StoreError("the disk is full")

    running.node.acts.board = fails
    page.click("#stop")
    page.wait_for_selector("#stop-card.stopped")
    assert "pressed on the page" in page.inner_text("#stops")
    del running.node.acts.board
    page.reload()
    page.wait_for_selector("#stop-card.stopped")
    opened.complaints[:] = [one for one in opened.complaints if "503" not in one]
