"""Handlers: tokens. A token is shown once, when it is made; what is kept cannot be turned back into it."""

from __future__ import annotations

from starlette.responses import Response

from gadfly.web import auth
from gadfly.web.answers.tokens import (
    Minting,
    NewToken,
    Token,
    Tokens,
    Whoami,
)
from gadfly.web.problem import Trouble
from gadfly.web.route import Call, json, shape

MOST = 1000
"""Tokens a node keeps; each request compares with all of them."""


async def tokens(call: Call) -> Response:
    return json(Tokens(tokens=[shape(one, Token) for one in call.node.tokens.all()]))


async def add(call: Call) -> Response:
    wanted: Minting = call.body
    beyond = [scope for scope in wanted.scopes if not call.who.gives(scope)]
    if beyond:
        raise Trouble(403, f"A token can give only what it has; yours lacks {', '.join(beyond)}.")
    if wanted.person and not call.who.person:
        raise Trouble(403, "A program makes no token for a person; a person must, with a token of their own.")
    if len(call.node.tokens.all()) >= MOST:
        raise Trouble(409, f"{MOST} tokens are kept already; remove one first.")
    secret = auth.mint()
    expires = None if wanted.lasts is None else call.node.clock.wall() + wanted.lasts
    scopes = sorted(set(wanted.scopes))
    kept = await call.node.tokens.add(
        wanted.name, scopes, expires, auth.digest(secret), call.who.name, wanted.person
    )
    made = shape(kept, Token)
    shown = NewToken(
        token=secret,
        id=made.id,
        name=made.name,
        scopes=made.scopes,
        expires=made.expires,
        person=made.person,
    )
    return json(shown, 201)


async def remove(call: Call) -> Response:
    text = call.path("id")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Trouble(404, "No such token.")
    await call.node.tokens.remove(int(text), call.who.name)
    return Response(status_code=204)


async def whoami(call: Call) -> Response:
    return json(Whoami(name=call.who.name, scopes=sorted(call.who.scopes), principal=call.who.principal))
