"""What fired, and what was hushed."""

from __future__ import annotations

from gadfly.ask.table import Column as C
from gadfly.ask.table import Table

ALERT = Table(
    "alert",
    "Firings of checks.",
    (
        C("id", "text", ""),
        C("check", "text", ""),
        C("component", "text", ""),
        C("owner", "text", "who was told"),
        C("started", "time", ""),
        C("ended", "time", ""),
        C("severity", "text", "", word=True),
        C("page", "flag", "somebody was woken or rung; of a node: a letter named it that did not wait"),
        C(
            "person",
            "text",
            "who was told first: of a contact that is no mailbox, the contact",
            names="person",
        ),
        C("acked", "time", "since it began and before it ended"),
        C("acked_by", "text", "who", known="acked", names="person"),
        C("acted", "time", "first thing done about it"),
        C("actor", "text", "who did it: human, machine", known="acted", word=True),
        C("action", "text", "what was done", known="acted"),
        C("resolver", "text", "who ended it; empty: nobody", known="ended", names="person"),
        C("end_reason", "text", "human, machine, itself", known="ended", word=True),
        C("traced", "time", "last later trace: comment, ticket, change, acknowledgement anew"),
        C("runbook_opened", "flag", "", known="acked"),
        C("incident", "text", "it belongs to", known="acted"),
    ),
    born="started",
)
SILENCE = Table(
    "silence",
    "What was hushed.",
    (
        C("id", "text", ""),
        C("owner", "text", "who ordered it"),
        C("matchers", "text", "as written; equal ones are renewals"),
        C("component", "text", "the one its reason names"),
        C("reason", "text", "", names="words"),
        C("broad", "flag", "meant to be wide: maintenance of a whole site"),
        C("project", "text", "the dated piece of work that it belongs to"),
        C("work_at", "plan", "begin of the scheduled work that it waits for"),
        C("created", "time", ""),
        C("starts", "plan", ""),
        C("ends", "plan", ""),
        C("ended", "time", "ended before its time"),
    ),
    born="created",
)
SILENCED = Table(
    "silenced",
    "Alerts that a silence hushed.",
    (C("silence", "text", "its id"), C("alert", "text", "its id"), C("at", "time", "")),
    born="at",
)
WINDOW = Table(
    "window",
    "Declared maintenance.",
    (
        C("id", "text", ""),
        C("component", "text", ""),
        C("starts", "plan", ""),
        C("ends", "plan", ""),
        C("finished", "time", "last action or recovery in it"),
        C("incident", "flag", "something else happened in it", known="finished"),
        C("created", "time", ""),
    ),
    born="created",
)
