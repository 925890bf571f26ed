"""The page in Chromium, against the simulated node: what a person sees and does."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from chromium import Opened, Running, has_no_sideways_scroll, until

from gadfly.monitor.verdict import Verdict

pytestmark = [pytest.mark.slow, pytest.mark.first]

HOSTILE = "<img src=x onerror=\"document.title='pwned'\">"


def counts(page: Any) -> dict[str, int]:
    texts = page.locator("#counts .chip").all_text_contents()
    return {text.split()[1]: int(text.split()[0].replace(",", "")) for text in texts}


def pixels(page: Any) -> set[str]:
    """Every colour on the canvas."""
    return set(
        page.evaluate(
            """() => { const c = document.getElementById("grid");
            const d = new Uint32Array(c.getContext("2d").getImageData(0, 0, c.width, c.height).data.buffer);
            return [...new Set(d)].map((n) => "#" + [n & 255, (n >> 8) & 255, (n >> 16) & 255]
              .map((b) => b.toString(16).padStart(2, "0")).join("")); }"""
        )
    )


def test_one_glance(opened: Opened, running: Running) -> None:
    page = opened.go()
    assert counts(page) == dict(running.node.picture.counts())
    assert page.inner_text("h1") == "north"
    assert "2,000 by slot" in page.inner_text("#grid-about")
    assert {"#cfe3d4", "#d9402f", "#e5a11f", "#ffffff"} <= pixels(page)
    assert page.locator("#incidents > li").count() == 3
    assert "host node-0007 is down" in page.inner_text("#incidents")
    assert "not well" in page.title()


def test_a_change_is_on_the_page_at_once(opened: Opened, running: Running) -> None:
    running.call(lambda: running.node.picture.set(range(2000), Verdict.healthy, 0.0))
    page = opened.go()
    assert pixels(page) == {"#cfe3d4", "#ffffff"}
    running.set(77, Verdict.zombie)
    until(page, "document.querySelector('#counts').textContent.startsWith('1,999 healthy')", timeout=2000)
    page.wait_for_timeout(60)
    assert pixels(page) == {"#cfe3d4", "#ffffff", "#8f67c6"}


def test_filter_by_verdict(opened: Opened, running: Running) -> None:
    page = opened.go()
    page.click("#counts .chip:has-text('degraded')")
    until(page, "!document.querySelector('#rows').textContent.includes('down')")
    assert set(page.locator("#rows .verdict").all_inner_texts()) == {"degraded"}
    assert page.get_attribute("#counts .chip:has-text('degraded')", "aria-pressed") == "true"
    assert "#d9402f" not in pixels(page)
    assert "v=degraded" in page.url
    page.reload()
    page.wait_for_selector("#rows tr")
    assert set(page.locator("#rows .verdict").all_inner_texts()) == {"degraded"}


def test_search_and_pages(opened: Opened) -> None:
    page = opened.go()
    page.fill("#search", "auth-")
    until(page, "document.querySelector('#rows').textContent.split('auth-').length > 20")
    assert all(name.startswith("auth-") for name in page.locator("#rows a").all_inner_texts())
    first = page.locator("#rows a").first.inner_text()
    page.click("#after")
    until(page, f"document.querySelector('#rows a').textContent !== {json.dumps(first)}")
    assert page.inner_text("#range").startswith("26–50 of")


def test_a_story_is_told(opened: Opened, running: Running) -> None:
    running.set(1, Verdict.gray)
    page = opened.go()
    page.goto(opened.url + "#c=api-00001")
    page.wait_for_selector("#story h2")
    told = page.inner_text("#story")
    for words in (
        "api-00001",
        "beats arrive, but GET /readyz answered 503",
        "Without it nobody can pay.",
        "jitter 4.2 ms",
        "lost 12",
        "first byte 41 ms",
        "certificate for 4",
        "payments pay@example.org",
        "api-00002",
        "api-00006",
        "waiting, 3 tries: answered 502",
    ):
        assert words in told
    assert "s3cret" not in told
    assert page.locator("#story .timeline rect").count() > 3
    assert page.locator("#story .phases rect").count() >= 5
    page.click("#story a:has-text('api-00002')")
    page.wait_for_selector("#story h2:has-text('api-00002')")
    page.keyboard.press("Escape")
    assert page.locator("#story").is_hidden()
    assert "c=" not in page.url


def test_a_story_follows_its_component(opened: Opened, running: Running) -> None:
    running.set(4, Verdict.healthy)
    page = opened.go("#c=api-00004")
    page.wait_for_selector("#story .reason:has-text('healthy')")
    running.set(4, Verdict.down)
    page.wait_for_selector("#story .reason:has-text('down for')", timeout=2000)


def test_acknowledge_asks_for_a_token_when_needed(opened: Opened, running: Running, token: str) -> None:
    page = opened.go()
    page.locator("#incidents button:has-text('ack')").first.click()
    page.fill("dialog input[name=note]", "at it")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("dialog input[name=token]")
    assert page.get_attribute("dialog input[name=token]", "type") == "password"
    page.fill("dialog input[name=token]", token)
    page.click("dialog button[type=submit]")
    page.wait_for_selector("#incidents:has-text('acknowledged by this machine: at it')")
    assert running.node._acknowledged["i1"] == ("this machine", "at it")
    opened.complaints[:] = [one for one in opened.complaints if "401" not in one]


def test_silence_and_end_it(opened: Opened, running: Running, token: str) -> None:
    page = opened.go(f"#token={token}")
    assert "token" not in page.url
    assert page.evaluate("sessionStorage.length") == 1
    page.locator("#incidents button:has-text('silence')").first.click()
    page.select_option("dialog select", "7200")
    page.click("dialog button[type=submit]")
    assert page.locator("dialog").is_visible()
    page.fill("dialog input[name=reason]", "new disk")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("#silences li:has-text('new disk')")
    (made,) = running.node._silences
    assert made["match"] == {"host": "node-0007"}
    assert 7100 < made["ends"] - made["starts"] < 7300
    page.click("#silences button")
    until(page, "document.getElementById('silences-card').hidden")
    assert running.node._silences == []


def test_what_is_gone_for_good_is_forgotten(opened: Opened, running: Running, token: str) -> None:
    running.set(9, Verdict.left)
    page = opened.go(f"#token={token}&c=api-00009")
    page.click("#story button:has-text('forget')")
    page.click("dialog button:has-text('Cancel')")
    assert running.node.done == []
    page.click("#story button:has-text('forget')")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("#story", state="hidden")
    assert running.node.done == [("forget", "api-00009", "this machine")]


def test_dead_letters_are_seen_and_tried_again(opened: Opened, token: str) -> None:
    page = opened.go(f"#token={token}")
    page.wait_for_selector("#outbox :text('answered 410')")
    page.click("#outbox button")
    until(page, "document.getElementById('outbox-card').hidden")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_light_and_dark(browser: Any, running: Running, theme: str) -> None:
    opened = Opened(browser, running, color_scheme=theme)
    page = opened.go()
    grounds = {"light": "rgb(251, 250, 247)", "dark": "rgb(20, 22, 24)"}
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    assert page.evaluate(ground) == grounds[theme]
    seen = pixels(page)
    page.keyboard.press("t")
    other = "dark" if theme == "light" else "light"
    until(page, f"{ground} === '{grounds[other]}'")
    deadline = time.monotonic() + 30
    while pixels(page) == seen:  # drawn with the next picture
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)
    page.reload()
    assert page.evaluate(ground) == grounds[other]
    opened.context.close()
    assert opened.complaints == []


def test_phone_width(browser: Any, running: Running) -> None:
    running.call(lambda: running.node.picture.rename(3, "a-very-long-name-without-any-space-" * 4))
    running.set(3, Verdict.down)
    opened = Opened(
        browser, running, viewport={"width": 390, "height": 844}, device_scale_factor=3, has_touch=True
    )
    page = opened.go()
    assert has_no_sideways_scroll(page)
    page.tap("#rows tr:nth-child(2) a")
    page.wait_for_selector("#story h2")
    assert has_no_sideways_scroll(page)
    assert page.evaluate("document.getElementById('story').scrollWidth <= innerWidth")
    page.tap("#story [aria-label='Close (Esc)']")
    page.tap("#grid", position={"x": 100, "y": 20})
    page.wait_for_selector("#tip strong")
    assert page.locator("#story").is_hidden()
    page.tap("#grid", position={"x": 100, "y": 20})
    page.wait_for_selector("#story h2")
    opened.context.close()
    assert opened.complaints == []


def test_by_keyboard_alone(opened: Opened) -> None:
    page = opened.go()
    page.keyboard.press("/")
    page.keyboard.type("cache-")
    until(page, "document.querySelector('#rows a').textContent.startsWith('cache-')")
    page.keyboard.press("Enter")
    until(page, "document.activeElement.closest('#rows')")
    first = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("j")
    second = page.evaluate("document.activeElement.textContent")
    assert first != second
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == first
    page.keyboard.press("Enter")
    page.wait_for_selector("#story h2")
    until(page, "document.getElementById('story').contains(document.activeElement)")
    page.keyboard.press("Escape")
    assert page.locator("#story").is_hidden()
    assert page.evaluate("document.activeElement.textContent") == first
    page.keyboard.press("x")
    until(page, "document.getElementById('list-about').textContent.startsWith('2,000')")
    page.keyboard.press("?")
    page.wait_for_selector("dialog:has-text('drop all filters')")
    page.keyboard.press("Escape")
    assert page.locator("dialog").is_hidden()


def test_the_last_row_leads_to_the_next_page(opened: Opened) -> None:
    page = opened.go()
    for _ in range(25):
        page.keyboard.press("j")
    page.keyboard.press("j")
    until(page, "document.getElementById('range').textContent.startsWith('26–50')")


def test_the_grid_by_pointer_and_by_keyboard(opened: Opened, running: Running) -> None:
    page = opened.go()
    page.hover("#grid", position={"x": 100, "y": 10})
    page.wait_for_selector("#tip strong")
    assert re.search(r"\w+-\d{5}", page.inner_text("#tip"))
    page.mouse.move(5, 5)
    page.wait_for_selector("#tip", state="hidden")
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.wait_for_selector("#tip strong")
    verdict = page.inner_text("#tip").split("\n")[0].split()[-1]
    assert Verdict[verdict] < Verdict.unknown
    name = page.inner_text("#tip strong")
    page.keyboard.press("ArrowRight")
    until(page, f"document.querySelector('#tip strong')?.textContent !== {json.dumps(name)}")
    page.keyboard.press("ArrowLeft")
    until(page, f"document.querySelector('#tip strong')?.textContent === {json.dumps(name)}")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#story h2:has-text('{name}')")


def test_the_grid_by_group(opened: Opened, running: Running) -> None:
    page = opened.go()
    page.select_option("#grid-by", "group")
    until(page, "document.querySelectorAll('#labels bdi').length === 12")
    page.keyboard.press("Escape")
    page.hover("#grid", position={"x": 110, "y": 4})
    page.wait_for_selector("#tip strong:has-text('api-00')")


def test_a_lost_connection_is_said_and_mended(opened: Opened, running: Running) -> None:
    page = opened.go()
    before = counts(page)["healthy"]
    running.do(running.server.stop())
    page.wait_for_selector("#live:has-text('not live since')", timeout=4000)
    assert page.evaluate("document.body.classList.contains('lost')")
    slot = int((running.node.picture.verdicts[:2000] == Verdict.healthy).argmax())
    running.set(slot, Verdict.down)
    host, port = running.url.removeprefix("http://").rstrip("/").split(":")
    node = running.node.config.node
    object.__setattr__(running.node, "config", _listening(running.node.config, node, f"{host}:{port}"))
    running.restart()
    until(page, "document.getElementById('live')?.textContent === 'live'", timeout=15000)
    until(
        page,
        f"document.querySelector('#counts').textContent.includes('{before - 1:,} healthy')",
        timeout=3000,
    )
    grids = [url for url in opened.requested if url.endswith("/grid")]
    assert len(grids) == 1, "it resumes with the changes, not with the whole picture"
    opened.complaints[:] = [one for one in opened.complaints if "net::ERR" not in one]


def _listening(config: Any, node: Any, listen: str) -> Any:
    import msgspec

    return msgspec.structs.replace(config, node=msgspec.structs.replace(node, listen=listen))


def test_a_hidden_tab_rests_and_resumes(opened: Opened, running: Running) -> None:
    """A browser has six connections to a node; tabs that nobody sees must not hold them all."""
    opened.page.clock.install()
    page = opened.go()
    before = counts(page)["healthy"]
    hide = "Object.defineProperty(document, 'hidden', {configurable: true, get: () => %s});"
    tell = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(hide % "true" + tell)
    page.clock.run_for(61_000)
    until(page, "document.getElementById('live').textContent.startsWith('resting since')")
    assert page.title().startswith("resting")
    stream = running.server.app.state.stream
    deadline = time.monotonic() + 5
    while stream.watchers and time.monotonic() < deadline:
        page.wait_for_timeout(20)
    assert stream.watchers == 0
    slot = int((running.node.picture.verdicts[:2000] == Verdict.healthy).argmax())
    running.set(slot, Verdict.down)
    page.evaluate(hide % "false" + tell)
    until(page, f"document.querySelector('#counts').textContent.includes('{before - 1:,} healthy')")
    until(page, "document.getElementById('live')?.textContent === 'live'")


def test_a_filtered_grid_shows_the_others_as_if_well(opened: Opened, running: Running) -> None:
    running.set(3, Verdict.zombie)
    page = opened.go("#v=zombie")
    assert pixels(page) <= {"#cfe3d4", "#8f67c6", "#ffffff"}


def test_a_small_fleet_and_an_empty_one(browser: Any, make_node: Any) -> None:
    for size, says in ((7, "7 components"), (0, "gadfly beat NAME")):
        running = Running(make_node, size=size)
        opened = Opened(browser, running)
        page = opened.page
        page.goto(running.url)
        until(page, f"document.getElementById('list-about').textContent.includes('{says}')")
        assert page.locator(".pager").is_hidden()
        opened.context.close()
        running.close()
        assert opened.complaints == []


def test_hostile_names_stay_names(opened: Opened, running: Running, token: str) -> None:
    picture = running.node.picture
    running.call(lambda: picture.rename(0, HOSTILE))
    running.call(lambda: picture.rename(280, "</script><script>document.title='pwned'</script>"))
    running.call(lambda: picture.rename(2, "javascript:document.title='pwned'"))
    running.set(0, Verdict.down)
    page = opened.go(f"#token={token}&q=%3Cimg")
    page.wait_for_selector("#rows a")
    assert page.locator("#rows a").first.inner_text() == HOSTILE
    page.locator("#rows a").first.click()
    page.wait_for_selector("#story h2")
    assert page.inner_text("#story h2") == HOSTILE
    page.click("#story button:has-text('silence')")
    page.wait_for_selector("dialog h2")
    assert HOSTILE in page.inner_text("dialog h2")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("#tip strong")
    assert page.inner_text("#tip strong") == HOSTILE
    assert "</script>" in page.inner_text("#incidents")
    page.wait_for_timeout(200)
    assert "pwned" not in page.title()
    assert page.locator("img, iframe, script:not([src])").count() == 0


def test_reading_with_a_token_only(browser: Any, make_node: Any, reader: str) -> None:
    running = Running(make_node, size=500, reading="token")
    opened = Opened(browser, running)
    page = opened.page
    page.goto(running.url)
    page.wait_for_selector("dialog input[name=token]")
    page.fill("dialog input[name=token]", reader)
    page.click("dialog button[type=submit]")
    until(page, "document.getElementById('live')?.textContent === 'live'")
    page.wait_for_selector("#rows tr")
    page.reload()
    until(page, "document.getElementById('live')?.textContent === 'live'")
    opened.context.close()
    running.close()
    assert [one for one in opened.complaints if "401" not in one] == []


def test_a_hundred_thousand_are_drawn(browser: Any, make_node: Any) -> None:
    running = Running(make_node, size=100_000)
    opened = Opened(browser, running)
    page = opened.go()
    assert counts(page) == dict(running.node.picture.counts())
    assert {"#cfe3d4", "#d9402f", "#e5a11f"} <= pixels(page)
    assert opened.complaints == []
    opened.context.close()
    running.close()


def test_what_is_focused_can_be_seen(opened: Opened) -> None:
    page = opened.go()
    for _ in range(12):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "(s => [s.outlineStyle, s.outlineWidth])(getComputedStyle(document.activeElement))"
        )
        assert style == ["solid", "2px"]


def test_everything_to_press_has_a_name(opened: Opened) -> None:
    page = opened.go("#c=api-00001")
    page.wait_for_selector("#story h2")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, a, input, select, canvas, [role=img]")]
        .filter((e) => !(e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length))
        .map((e) => e.outerHTML)"""
    )
    assert nameless == []
