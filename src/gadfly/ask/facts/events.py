"""What happened to components."""

from __future__ import annotations

from gadfly.ask.table import Column as C
from gadfly.ask.table import Table

JOB_RUN = Table(
    "job_run",
    "Runs of scheduled jobs, missed ones too. A node hears of jobs once a minute: of one that runs more often"
    " it tells some runs only.",
    (
        C("job", "text", "the component"),
        C("due", "time", ""),
        C("began", "time", "empty: it did not"),
        C("ended", "time", ""),
        C("period", "number", "seconds that are mostly between two runs"),
        C("lock", "flag", "two of it never run at once"),
    ),
    born="due",
)
INCIDENT = Table(
    "incident",
    "Real trouble.",
    (
        C("id", "text", ""),
        C("component", "text", ""),
        C("owner", "text", ""),
        C("began", "time", ""),
        C("ended", "time", ""),
        C("reported", "time", "first word of a user or other person"),
        C("first_alert", "time", "first alert along its chain of causes"),
        C("found_by", "text", "check that found it; empty: people", known="ended"),
        C("cause", "text", "in words", known="ended", names="words"),
        C("outside", "flag", "its cause lies outside what is observed", known="ended"),
        C("conditions", "list", "kinds of questions that name what contributed", known="ended"),
    ),
    born="began",
)
SPELL = Table(
    "spell",
    "Bad times of a component: down, or failing requests.",
    (
        C("component", "text", ""),
        C("kind", "text", "down, errors", word=True),
        C("began", "time", ""),
        C("ended", "time", ""),
        C("errors", "number", "share of requests that failed", known="ended"),
        C("normal", "number", "the usual share", known="ended"),
        C("health", "text", "what its health endpoint said: ok, fail", known="ended", word=True),
        C("sick", "number", "share of its instances that called themselves sick", known="ended"),
        C(
            "after",
            "text",
            "the dependency that failed just before; empty: seen by their times",
            known="ended",
        ),
        C("within", "number", "seconds from that failure to the spell", known="ended"),
        C("removed", "integer", "instances that were taken out because of it", known="ended"),
        C("remover", "text", "who took them out", known="ended"),
        C("limited", "flag", "the removal has a limit", known="ended"),
        C("cause", "text", "declared cause: `tenant`, a component, …", known="ended"),
    ),
    born="began",
)
CHANGE = Table(
    "change",
    "Changes: deploys, edits, configuration.",
    (
        C("at", "time", ""),
        C("subject", "text", "component, check, grant, …"),
        C("kind", "text", "deploy, edit, configuration, owner", word=True),
        C("owner", "text", "the team of who made it"),
        C("what", "text", "", names="words"),
    ),
    born="at",
)
