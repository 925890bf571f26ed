"""The link of a letter over HTTP: opened by anybody any number of times, good for one answer."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from gadfly.ask.answers import LONGEST
from gadfly.web.auth import FAILURES
from gadfly.web.question_link import LOOKS

LINK = "/q/good-link"
FORM = {"content-type": "application/x-www-form-urlencoded"}
REASON = "The checkout sale needs it loud until spring."


class Seen(HTMLParser):
    """Tags and text, as a browser reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def form(**fields: str | list[str]) -> bytes:
    return urlencode(fields, doseq=True).encode()


async def test_it_is_opened_without_a_login_and_nothing_changes(ask: Any, node: Any) -> None:
    for _ in range(3):
        told = await ask("GET", LINK)
        assert told.status == 200
    assert (await ask("HEAD", LINK)).status == 200
    seen = Seen(told.body.decode())
    assert "What should a person do at the next one?" in seen.text
    assert "This page causes action." in seen.text
    radios = [one["value"] for one in seen.all("input") if one.get("type") == "radio"]
    assert radios == ["change", "accept", "wrong", "unknown"]
    assert seen.all("script") == []
    policy = told.headers["content-security-policy"]
    assert "form-action 'self'" in policy
    assert "script-src" not in policy
    assert told.headers["cache-control"] == "no-store"
    assert told.headers["referrer-policy"] == "no-referrer"
    assert node.questioning.answered == []


async def test_only_this_page_may_send_a_form(ask: Any) -> None:
    for path in ("/", "/questions", "/api/v1/questions"):
        assert "form-action 'none'" in (await ask("GET", path)).headers["content-security-policy"]


async def test_it_answers_once_in_the_name_of_whom_it_was_sent_to(ask: Any, node: Any) -> None:
    given = form(
        answer="accept", reason=REASON, until="2027-03-31", change="ignored", wrong="data wrong", knows="x"
    )
    told = await ask("POST", LINK, body=given, headers=FORM)
    assert told.status == 200
    assert "Thank you. What happens next stands here." in Seen(told.body.decode()).text
    ((id, taken, who),) = node.questioning.answered
    assert (id, who) == ("q1", "person:pay@example.org")
    assert (taken.answer, taken.reason, taken.until) == ("accept", REASON, "2027-03-31")
    assert (taken.change, taken.knows, taken.subjects) == ("", "", [])
    again = await ask("POST", LINK, body=given, headers=FORM)
    assert again.status == 410
    assert "good for one answer" in again.body.decode()
    assert (await ask("GET", LINK)).status == 410
    assert len(node.questioning.answered) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Choose one of the four answers."),
        ({"answer": "maybe"}, "Choose one of the four answers."),
        ({"answer": "accept", "reason": "ok"}, "at least 12 characters"),
        ({"answer": "accept", "reason": REASON}, "Say until when"),
        ({"answer": "wrong"}, "Say what is wrong"),
        ({"answer": "change", "change": "x" * (LONGEST + 1)}, "too long"),
    ],
    ids=["nothing", "another", "short", "no-day", "no-what", "too-long"],
)
async def test_what_is_wrong_stands_by_its_field(
    ask: Any, node: Any, given: dict[str, str], words: str
) -> None:
    told = await ask("POST", LINK, body=form(**given), headers=FORM)
    assert told.status == 422
    seen = Seen(told.body.decode())
    assert words in seen.text
    assert [one for _, one in seen.tags if one.get("aria-describedby") == "error"]
    assert node.questioning.answered == []
    if given.get("reason"):
        assert given["reason"] in seen.text


async def test_what_comes_from_outside_is_never_markup(ask: Any, node: Any) -> None:
    evil = '"><script>alert(1)</script>'
    node.questioning.kept["q1"] = node.questioning._question(
        1, evil, subjects=[evil, "b"], figures={evil: evil}, assumed=evil, then=evil, whom=evil, type=evil
    )
    told = await ask(
        "POST", LINK, body=form(answer="accept", reason="<b>x</b>", until=evil[:10]), headers=FORM
    )
    seen = Seen(told.body.decode())
    assert seen.all("script") == []
    assert evil in seen.text
    assert "<b>x</b>" in seen.text


async def test_names_are_short_and_turn_nothing_around(ask: Any, node: Any) -> None:
    one = node.questioning.kept["q3"]
    node.questioning.kept["q1"] = msgspec.structs.replace(
        one, id="q1", text="Is x\u202egpj.exe still so?", subjects=["x\u202egpj.exe" + "x" * 4000, "b"]
    )
    page = (await ask("GET", LINK)).body.decode()
    assert "\u202e" not in page
    assert "Is x\ufffdgpj.exe still so?" in page
    assert "x" * 81 not in page


async def test_some_of_several(ask: Any, node: Any) -> None:
    node.questioning.kept["q1"] = node.questioning.kept["q3"]
    page = Seen((await ask("GET", LINK)).body.decode())
    boxes = [one for one in page.all("input") if one.get("name") == "subjects"]
    assert len(boxes) == 14
    assert not any("checked" in one for one in boxes)  # none of them: all
    chosen = [str(one["value"]) for one in boxes[1:3]]
    told = await ask("POST", LINK, body=form(answer="change", change="gone", subjects=chosen), headers=FORM)
    assert told.status == 200
    assert node.questioning.answered[0][1].subjects == ["disk-01", "disk-02"]


async def test_a_thousand_of_the_longest_names(ask: Any, node: Any) -> None:
    names = [f"{n:04d}{'x' * 4_092}" for n in range(1_000)]
    node.questioning.kept["q1"] = msgspec.structs.replace(
        node.questioning.kept["q3"], id="q1", subjects=names
    )
    page = Seen((await ask("GET", LINK)).body.decode())
    boxes = [str(one["value"]) for one in page.all("input") if one.get("name") == "subjects"]
    body = form(answer="change", change="gone", subjects=boxes[:999])
    assert (await ask("POST", LINK, body=body, headers=FORM)).status == 200
    assert node.questioning.answered[0][1].subjects == names[:999]


async def test_what_is_not_asked_about_any_more_is_chosen_anew(ask: Any, node: Any) -> None:
    body = form(answer="change", change="the words stay", subjects=["another"])
    told = await ask("POST", LINK, body=body, headers=FORM)
    assert told.status == 422
    assert "has changed meanwhile" in told.body.decode()
    assert "the words stay" in told.body.decode()
    assert node.questioning.answered == []


@pytest.mark.parametrize("link", ["/q/another", "/q/good-linkx", "/q/" + "a" * 3000, "/q/%00"], ids=range(4))
async def test_a_link_that_is_none(ask: Any, node: Any, link: str) -> None:
    for method in ("GET", "POST"):
        told = await ask(method, link, body=form(answer="change", change="abc"), headers=FORM)
        assert told.status == 404
        assert "not whole" in told.body.decode()
    assert node.questioning.answered == []


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{}", {"content-type": "application/json"}, 415),
        (b"answer", FORM, 400),
        (b"\xff=1", FORM, 400),
        (b"a=1&" * 2000, FORM, 400),
        (b"a=" + b"x" * 300_000, FORM, 413),
    ],
    ids=["json", "no-pairs", "not-text", "too-many", "too-much"],
)
async def test_what_is_no_form(
    ask: Any, node: Any, body: bytes, headers: dict[str, str], status: int
) -> None:
    assert (await ask("POST", LINK, body=body, headers=headers)).status == status
    assert node.questioning.answered == []


async def test_who_guesses_is_slowed_down_and_a_good_link_is_still_good(ask: Any) -> None:
    for n in range(FAILURES):
        assert (await ask("GET", f"/q/guess-{n}")).status == 404
    slowed = await ask("GET", "/q/guess")
    assert (slowed.status, slowed.headers["retry-after"]) == (429, "60")
    assert (await ask("GET", LINK)).status == 200
    assert (await ask("GET", "/q/guess", client="127.0.0.2")).status == 404


async def test_a_good_link_is_looked_at_so_often(ask: Any) -> None:
    found = [(await ask("GET", LINK)).status for _ in range(LOOKS + 1)]
    assert found == [200] * LOOKS + [429]


async def test_another_sites_page_sends_nothing(ask: Any, node: Any) -> None:
    headers = {**FORM, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    told = await ask("POST", LINK, body=form(answer="change", change="abc"), headers=headers)
    assert told.status == 403
    assert node.questioning.answered == []
    assert (await ask("GET", LINK, headers=headers)).status == 200  # from a mail read in a browser


async def test_a_link_stands_in_no_log(ask: Any, node: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def breaks(link: str) -> Any:
        raise RuntimeError("a defect")

    node.questioning.linked = breaks
    assert (await ask("GET", LINK)).status == 500
    assert "/q/… failed" in caplog.text
    assert "good-link" not in "".join(one.getMessage() for one in caplog.records)
