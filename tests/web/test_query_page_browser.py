"""Charts in Chromium: an expression on the page of queries, and the series in a component's story."""

from __future__ import annotations

from typing import Any

import pytest
from chromium import Opened, Running, has_no_sideways_scroll, until

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "has_touch": True}


def query(opened: Opened, text: str, span: str = "1 h") -> Any:
    page = opened.page
    page.goto(opened.url + "query")
    page.fill(".expression", text)
    page.keyboard.press("Escape")
    page.click("#ask .strong")
    until(
        page,
        "/series|sample/.test(document.getElementById('about').textContent)"
        " || document.querySelector('.mistake')",
    )
    if span != "1 h":
        page.click(f"#spans button:has-text('{span}')")
    return page


def test_an_expression_is_a_chart_and_a_line_for_each_series(opened: Opened) -> None:
    page = query(opened, "up")
    assert page.locator("#chart .line").count() == 2
    assert page.inner_text("#rows") == 'up instance="<b onload=x>"\t0.5\nup instance="a"\t1'
    assert "2 series · one point every 15 s" in page.inner_text("#about")
    assert "q=up" in page.url


def test_the_pointer_chooses_the_time(opened: Opened) -> None:
    page = query(opened, "heartbeat_received_total")
    last = page.inner_text("#rows .number")
    box = page.locator("#chart svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    until(page, f"document.querySelector('#rows .number').textContent !== {last!r}")
    until(page, "/^\\d\\d:\\d\\d:\\d\\d$/.test(document.querySelector('#chart .at').textContent)")
    page.mouse.move(0, 0)
    until(page, f"document.querySelector('#rows .number').textContent === {last!r}")


def test_nothing_is_said_in_words(opened: Opened) -> None:
    page = query(opened, "never_written")
    assert page.inner_text("#about") == "no series has a sample there"
    assert page.locator("#rows tr").count() == 0


def test_an_example_is_asked_with_a_click_and_names_are_suggested(opened: Opened) -> None:
    page = opened.page
    page.goto(opened.url + "query")
    page.click("#examples a >> nth=0")
    page.wait_for_selector("#chart .line")
    assert page.input_value(".expression") == 'probe_duration_seconds{phase=""}'
    page.fill(".expression", "")
    for typed, offered, taken in (
        ("heartbeat_r", "heartbeat_received_total", "heartbeat_received_total"),
        ("{", "component", 'heartbeat_received_total{component="'),
        ("", "api-00001", 'heartbeat_received_total{component="api-00001"'),
    ):
        page.type(".expression", typed)
        page.wait_for_selector(f".completing li:has-text('{offered}')")
        page.press(".expression", "Tab")
        assert page.input_value(".expression") == taken


def test_several_expressions_share_a_chart_and_the_address(opened: Opened) -> None:
    page = query(opened, "up")
    page.click("#more")
    page.fill(".expression >> nth=1", "sum(up)")
    page.press(".expression >> nth=1", "Escape")
    page.press(".expression >> nth=1", "Enter")
    until(page, "document.querySelectorAll('#chart .line').length === 3")
    assert page.inner_text("#rows .of >> nth=1") == "sum(up)"
    page.reload()
    until(page, "document.querySelectorAll('#chart .line').length === 3")
    page.click("#views button:has-text('table')")
    until(
        page,
        "!document.querySelector('#chart .line') && /at /.test(document.getElementById('about').textContent)",
    )
    assert "1.5" in page.inner_text("#rows")
    assert "view=table" in page.url


def test_back_in_time(opened: Opened) -> None:
    page = query(opened, "up")
    page.click("#earlier")
    until(page, "location.hash.includes('to=')")
    page.click("#later")
    until(page, "!location.hash.includes('to=')")


def test_a_mistake_says_where_it_is(browser: Any, running: Running) -> None:
    opened = Opened(browser, running)
    page = query(opened, "sum(")
    assert "parse error" in page.inner_text(".mistake .bad >> nth=1")
    assert page.inner_text(".mistake code").startswith("sum(")
    assert page.locator("#chart svg").count() == 0
    opened.context.close()


def test_the_story_shows_its_probes_and_what_was_lost(opened: Opened) -> None:
    page = opened.go("#c=api-00001")
    page.wait_for_selector("#charts .plot >> nth=1")
    assert page.inner_text("#charts h4 >> nth=0").startswith("probes seconds taken; failed where red")
    assert page.inner_text("#charts h4 >> nth=1").startswith("heartbeats lost")
    assert page.locator("#charts .failed").count() == 2
    page.click("#charts button:has-text('6 h')")
    until(page, "document.querySelector('#charts [aria-pressed=true]').textContent === '6 h'")
    kept = page.query_selector("#charts .plot")
    page.wait_for_timeout(3500)  # the story is written anew meanwhile, the charts stay
    assert kept.is_visible()


def test_the_story_shows_any_other_metric(opened: Opened) -> None:
    page = opened.go("#c=api-00001")
    page.wait_for_selector("#charts select")
    page.select_option("#charts select", "heartbeat_received_total")
    page.wait_for_selector("#charts .plot >> nth=2")
    assert page.inner_text("#charts h4 >> nth=2").endswith("a second")
    page.select_option("#charts select", "probe_duration_seconds")
    until(page, "document.querySelectorAll('#charts .plot')[2]?.querySelectorAll('.line').length === 2")
    assert "connect" in page.inner_text("#charts .plot >> nth=2")


def test_a_story_without_series_has_no_charts(opened: Opened) -> None:
    page = opened.go("#c=api-00002")
    page.wait_for_selector("#story h2")
    until(page, "document.querySelector('#charts .head') !== null")
    assert page.locator("#charts").is_hidden()


@pytest.mark.parametrize("opened", [PHONE], indirect=True)
def test_on_a_phone(opened: Opened) -> None:
    page = query(opened, "up")
    assert has_no_sideways_scroll(page)
    page = opened.go("#c=api-00001")
    page.wait_for_selector("#charts .plot")
    assert has_no_sideways_scroll(page)


DRAWN = """
const style = (node) => getComputedStyle(node);
const look = (node) => [style(node).stroke, style(node).strokeDasharray].join();
const lines = [...document.querySelectorAll("#chart .line")];
const marks = [...document.querySelectorAll("#rows i")];
"""


def test_each_of_twenty_lines_looks_otherwise_and_as_its_mark(opened: Opened) -> None:
    again = (f'label_replace(up, "again", "{n}", "", "")' for n in range(1, 12))
    page = query(opened, " or ".join(("up", *again)))
    assert "24 series, the first 20 are drawn" in page.inner_text("#about")
    assert page.evaluate(f"() => {{ {DRAWN} return new Set(lines.map(look)).size; }}") == 20
    same = "lines.every((line, n) => look(line) === look(marks[n])) && marks.length === lines.length"
    assert page.evaluate(f"() => {{ {DRAWN} return {same}; }}")
    numbers = page.eval_on_selector_all("#rows .number", "all => all.map((one) => one.textContent)")
    assert len(numbers) == 24
    assert all(numbers)  # also of those that are not drawn
