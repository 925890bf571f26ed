"""Rows of the API's table: tokens."""

from __future__ import annotations

from gadfly.web import tokens
from gadfly.web.answers.tokens import Minting, NewToken, Tokens, Whoami
from gadfly.web.route import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/api/v1/tokens",
        handler=tokens.tokens,
        summary="Tokens, without what would let one use them",
        scope="tokens",
        gives=Tokens,
    ),
    Endpoint(
        method="POST",
        path="/api/v1/tokens",
        handler=tokens.add,
        summary="Make a token; it is shown this once",
        scope="tokens",
        body=Minting,
        gives=NewToken,
        status=201,
        errors=(409, 422),
    ),
    Endpoint(
        method="DELETE",
        path="/api/v1/tokens/{id}",
        handler=tokens.remove,
        summary="Remove a token",
        scope="tokens",
        status=204,
        errors=(404,),
    ),
    Endpoint(
        method="GET",
        path="/api/v1/whoami",
        handler=tokens.whoami,
        summary="What the presented token may do",
        scope="",
        gives=Whoami,
    ),
)
