"""Who may do what, and what was used of it."""

from __future__ import annotations

from gadfly.ask.table import Column as C
from gadfly.ask.table import Table

GRANT = Table(
    "grant",
    "What a principal may do. A row for each time its definition held.",
    (
        C("id", "text", ""),
        C("principal", "text", "as `person:NAME`", names="principal"),
        C("person", "text", "whose principal it is; empty: a program's, or everybody's", names="person"),
        C("owner", "text", "who answers for it; empty: nobody, unless its principal has an owner"),
        C(
            "function",
            "text",
            "what it may run, or one duty: propose, approve, act, silence, edit-check, "
            "write-ledger, prune-ledger",
        ),
        C("scope", "text", "on what"),
        C("targets", "integer", "things that it may touch"),
        C("by_labels", "flag", "its targets live shortly and are chosen by labels"),
        C("wildcard", "flag", "* in function or scope"),
        C("purpose", "text", "", names="words"),
        C("classes", "list", "classes of triggers or callers that its purpose names; empty: not listed"),
        C("breakglass", "flag", "only for emergencies, reviewed"),
        C("drilled", "plan", "date of the drill for which it is kept"),
        C("since", "time", "given"),
        C("renewed", "time", "last looked at and given anew"),
        C("expires", "plan", "empty: it has no end"),
        C("review", "plan", "due"),
        C("until", "time", "taken back"),
    ),
    born="since",
    gone="until",
)
USE = Table(
    "use",
    "Uses of grants and principals.",
    (
        C("grant", "text", "its id"),
        C("principal", "text", "as `person:NAME`", names="principal"),
        C("at", "time", ""),
        C("function", "text", ""),
        C("target", "text", ""),
        C("class", "text", "of the trigger or caller"),
        C("host", "text", "from where"),
        C("owner", "text", "from whose host"),
    ),
    born="at",
)
PRINCIPAL = Table(
    "principal",
    "Names under which somebody or something acts.",
    (
        C("name", "text", "", names="principal"),
        C("owner", "text", ""),
        C("shared", "flag", "declared to be used from several hosts: a pair for availability"),
        C("since", "time", ""),
        C("until", "time", ""),
    ),
    born="since",
    gone="until",
)
