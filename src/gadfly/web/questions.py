"""Handlers: what owners are asked, and what they answer.

Answers are a person's: what is accepted becomes a decision, and a program decides nothing.
"""

from __future__ import annotations

from typing import get_args

import msgspec
from starlette.responses import Response

from gadfly.ask.answers import Shown
from gadfly.store.tokens import APPROVE
from gadfly.web.answers.questions import Answering, Unfit
from gadfly.web.auth import Principal
from gadfly.web.problem import MEDIA, Trouble
from gadfly.web.questioning import UnfitAnswer
from gadfly.web.route import Call, json

MOST = 1_000
BODY = 5_000_000
"""Bytes of an answer: a thousand subjects, each of the longest name."""
DAY = 86_400.0
DAYS = 366
"""A review looks back so many days at most."""
STATES = ("", *get_args(Shown))


async def questions(call: Call) -> Response:
    """Those that fit."""
    given = call.query
    if given["state"] not in STATES:
        raise Trouble(422, f"`state` is one of {', '.join(STATES[1:])}.")
    if not 1 <= given["limit"] <= MOST:
        raise Trouble(422, f"`limit` is 1 to {MOST:,}.")
    return json(await call.node.questioning.all(**given))


async def question(call: Call) -> Response:
    """One, with its evidence."""
    return json(await call.node.questioning.one(id_of(call)))


async def review(call: Call) -> Response:
    """What a team goes through together."""
    owner, days = call.query["owner"], call.query["days"]
    if not owner:
        raise Trouble(422, "`owner` says whose review it is.")
    if not 1 <= days <= DAYS:
        raise Trouble(422, f"`days` is 1 to {DAYS}.")
    since = call.node.clock.wall() - days * DAY
    return json(await call.node.questioning.review(owner, since))


async def answer(call: Call) -> Response:
    """One of the four answers."""
    given: Answering = call.body
    who = call.who
    if not who.person:
        raise Trouble(
            403,
            f"The token {who.name!r} is a program's, and questions are answered by persons; whoever runs the "
            "node makes a token for one: gadfly token create NAME --person PERSON --scope ack.",
        )
    try:
        return json(await call.node.questioning.answer(id_of(call), given, who.principal, speaks_for(who)))
    except UnfitAnswer as error:
        return unfit(error, call.request.url.path)


def unfit(error: UnfitAnswer, path: str) -> Response:
    """A problem document that says in which field the reason lies."""
    body = Unfit(
        title="Unprocessable Content", status=422, detail=str(error), instance=path, field=error.field
    )
    return Response(msgspec.json.encode(body), 422, {"cache-control": "no-store"}, MEDIA)


def speaks_for(who: Principal) -> list[str] | None:
    """The owners that a token may answer for; None: all."""
    if who.gives("ack") or who.gives(APPROVE):
        return None
    return [one.partition(":")[2] for one in who.scopes if one.startswith(f"{APPROVE}:")]


def id_of(call: Call) -> str:
    """What the path names, where it can be a question."""
    text = call.path("id")
    if not (text.isascii() and text.isalnum() and len(text) < 20):
        raise Trouble(404, f"There is no question {text[:40]!r}.")
    return text
