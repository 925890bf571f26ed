"""Handlers: the link of a letter, by which one question is answered once, without a login.

Mail scanners fetch every link, so nothing changes by that. Whoever guesses is slowed down; a signature cannot
be guessed, so that protects the processor and not the secret.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.responses import Response

from gadfly.ask.answers import ANSWERS
from gadfly.errors import Refused
from gadfly.web import question_page
from gadfly.web.answers.questions import Answering
from gadfly.web.auth import Failures
from gadfly.web.guard import FORM_POLICY
from gadfly.web.problem import Trouble
from gadfly.web.questioning import UnfitAnswer
from gadfly.web.route import Call, read_body

MEDIA = "text/html"
FORM = "application/x-www-form-urlencoded"
BODY = 262_144
"""Bytes of a form: of the longest words, and a thousand subjects by their short names."""
FIELDS = 1_100
"""A question has a thousand subjects at most, and each is a field."""
LOOKS = 60
"""Times a minute that one good link may be opened or sent; more than a person and a scanner need."""
LINK = 1_000
"""Characters of a link that are looked at."""


class Turns:
    """Who asked too often: bad links by address, good ones by themselves."""

    def __init__(self) -> None:
        self.bad = Failures()
        self.good = Failures(LOOKS)


async def show(call: Call) -> Response:
    """The question and its form."""
    try:
        found = await _linked(call)
    except Refused as error:
        return _refusal(call, error)
    now = call.node.clock.wall()
    return _page(question_page.form(call.node.name(), found, None, None, now))


async def take(call: Call) -> Response:
    """One answer."""
    data = await read_body(call.request, BODY)
    media = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != FORM:
        raise Trouble(415, f"The answer comes as Content-Type: {FORM}.")
    given: Answering | None = None
    try:
        found = await _linked(call)
        try:
            given = parse(data)
            given = named(given, found.subjects)
            done = await call.node.questioning.answer_linked(call.path("link"), check(given))
        except UnfitAnswer as error:
            now = call.node.clock.wall()
            return _page(question_page.form(call.node.name(), found, given, error, now), 422)
    except Refused as error:
        return _refusal(call, error)
    title = f"Answered: {ANSWERS[given.answer].title}"
    return _page(question_page.plain(call.node.name(), title, f"Thank you. {done.then}"))


def parse(data: bytes) -> Answering:
    """The fields of the form, however long; subjects by their short names.

    UnfitAnswer; Trouble (400) where it is no form."""
    try:
        pairs = parse_qsl(
            data.decode(), keep_blank_values=True, strict_parsing=bool(data), max_num_fields=FIELDS
        )
    except ValueError:
        raise Trouble(400, "This is not a form.") from None
    fields = dict(pairs)
    answer = fields.get("answer", "")
    if answer not in ANSWERS:
        raise UnfitAnswer("Choose one of the four answers.", "answer")
    # A form without a script sends the fields of all four answers.
    wanted: dict[str, Any] = {
        "change": fields.get("change", "") if answer == "change" else "",
        "reason": fields.get({"accept": "reason", "wrong": "wrong"}.get(answer, ""), ""),
        "until": fields.get("until", "") if answer == "accept" else "",
        "knows": fields.get("knows", "") if answer == "unknown" else "",
        "subjects": [value for name, value in pairs if name == "subjects"],
    }
    return Answering(answer=answer, **wanted)  # type: ignore[arg-type]  # it is one of the four


def named(given: Answering, subjects: Iterable[str]) -> Answering:
    """`given` with the subjects' own names. UnfitAnswer where one is not asked about any more."""
    names = {question_page.short(one): one for one in subjects}
    if not names.keys() >= set(given.subjects):
        raise UnfitAnswer(
            "What is asked about has changed meanwhile. Open the link again, and choose anew.", "subjects"
        )
    return msgspec.structs.replace(given, subjects=[names[one] for one in given.subjects])


def check(given: Answering) -> Answering:
    """`given`, where it is not larger than it may be. UnfitAnswer."""
    for name, value in msgspec.structs.asdict(given).items():
        try:
            msgspec.convert({"answer": given.answer, name: value}, Answering)
        except msgspec.ValidationError:
            raise UnfitAnswer("This is too long.", name) from None
    return given


async def _linked(call: Call) -> Any:
    """The question; counts every try. Refused, Trouble (429)."""
    link = call.path("link")
    turns: Turns = call.request.app.state.turns
    now = call.node.clock.monotonic()
    try:
        found = await call.node.questioning.linked(link[:LINK])
    except Refused as error:
        if error.status == 404:
            address = call.request.client.host if call.request.client else ""
            _wait(turns.bad.add(address, now))
        raise
    _wait(turns.good.add(link, now))
    return found


def _wait(seconds: float) -> None:
    if seconds > 0:
        raise Refused("Too many tries; wait a minute.", 429)


def _refusal(call: Call, error: Refused) -> Response:
    title = "Not now" if error.status == 429 else "This link does not answer a question"
    more = {"retry-after": "60"} if error.status == 429 else {}
    return _page(question_page.plain(call.node.name(), title, str(error)), error.status, more)


def _page(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    said = {"content-security-policy": FORM_POLICY, "x-robots-tag": "noindex", **(headers or {})}
    return Response(text, status, said, f"{MEDIA}; charset=utf-8")
