"""What the API takes and gives, as structs; the OpenAPI document is made from them. A file a subject.

Times are wall seconds since the epoch, durations seconds, shares of one between 0 and 1.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Word = Annotated[str, Meta(max_length=200)]

Text = Annotated[str, Meta(max_length=2000)]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Something the API gives."""


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something the API takes; an unknown key is refused, so that a typing mistake is not consent."""


class Problem(Answer, frozen=True, kw_only=True):
    """An error, RFC 9457."""

    title: str
    status: int
    detail: str = ""
    type: str = "about:blank"
    instance: str = ""
    problems: list[str] = []
    """A line for each thing to mend, where there are several."""
