"""What was decided, asked and answered."""

from __future__ import annotations

from gadfly.ask.table import Column as C
from gadfly.ask.table import Table

DECISION = Table(
    "decision",
    "What was decided, and why.",
    (
        C("id", "text", ""),
        C("at", "time", ""),
        C("owner", "text", ""),
        C("subject", "text", "what it is about: check, component, function, …"),
        C("kind", "text", "kind of question that it answers; empty: any"),
        C("what", "text", "", names="words"),
        C("reason", "text", "", names="words"),
        C("until", "plan", "holds until"),
        C("reversibility", "text", "easy, hard", word=True),
        C("cites", "integer", "pieces of evidence; empty: none"),
        C("carries", "integer", "checks and grants that rest on it"),
        C("then", "number", "what its evidence was"),
        C("now", "number", "what it is; empty although `then` is known: it is gone"),
        C("superseded", "time", "renewed, or taken back"),
    ),
    born="at",
    gone="superseded",
)
QUESTION = Table(
    "question",
    "What was asked, and what came of it.",
    (
        C("id", "text", ""),
        C("kind", "text", "as never-near"),
        C("subject", "text", ""),
        C("owner", "text", ""),
        C("asked", "time", ""),
        C("answered", "time", ""),
        C("answer", "text", "change, accept, wrong, unknown", known="answered", word=True),
        C("new_reason", "flag", "an accept with a reason not given before", known="answered"),
        C("took", "number", "seconds that answering took", known="answered"),
        C("change", "text", "what was changed", known="answered"),
        C("before", "number", "what the evidence was"),
        C("measured", "time", "when the evidence was run again after a change"),
        C("after", "number", "what it is now", known="measured"),
        C("complete", "flag", "the data since is complete and comparable", known="measured"),
        C("withdrawn", "time", ""),
    ),
    born="asked",
)
