"""Who runs what, and who needs whom."""

from __future__ import annotations

from gadfly.ask.table import Column as C
from gadfly.ask.table import Table

OWNER = Table(
    "owner",
    "Teams and roles that answer.",
    (
        C("name", "text", "as elsewhere"),
        C("parent", "text", "its own owner"),
        C("zone", "text", "IANA name of its time zone; empty: UTC"),
        C("members", "integer", "people in it"),
        C(
            "promise",
            "number",
            "seconds within which it promises to acknowledge a page; of a node its `after`, if written",
        ),
        C("away", "flag", "it is declared to be away"),
        C("since", "time", "exists from then on"),
        C("until", "time", "and no longer from then on"),
    ),
    born="since",
    gone="until",
)
ROTA = Table(
    "rota",
    "Who is on call when, as planned.",
    (
        C("owner", "text", "the team"),
        C("person", "text", "who", names="person"),
        C("level", "integer", "1: called first; 2: when 1 does not answer; …"),
        C("starts", "plan", ""),
        C("ends", "plan", ""),
    ),
)
COMPONENT = Table(
    "component",
    "What runs, declared or only seen.",
    (
        C("name", "text", ""),
        C("kind", "text", "service, host, job, device, function, library, monitor", word=True),
        C("owner", "text", "empty: nobody"),
        C("grp", "text", "group of alike components"),
        C("tier", "integer", "1 (most important) … 4; empty: 3"),
        C("environment", "text", "production (also when empty), staging, …", word=True),
        C("declared", "flag", "it stands in the catalogue"),
        C("users", "flag", "people use it directly"),
        C("ephemeral", "flag", "meant to live for hours"),
        C("period", "number", "seconds between its runs, where it runs on a schedule"),
        C("hosts", "integer", "on how many hosts it was seen"),
        C("slo", "number", "share of requests that it promises to serve"),
        C("on_call", "flag", "somebody is called for it at night"),
        C("since", "time", "declared or first seen"),
        C("until", "time", "retired"),
    ),
    born="since",
    gone="until",
)
EDGE = Table(
    "edge",
    "Who needs whom.",
    (
        C("src", "text", "the one that needs"),
        C("dst", "text", "what it needs"),
        C("kind", "text", "hard, soft, startup, repair, watch; empty: not said", word=True),
        C("declared", "flag", ""),
        C("calls", "number", "a minute"),
        C("paths", "integer", "independent network paths between them"),
        C("witness", "flag", "a third one decides when they lose sight of each other"),
        C("fences", "flag", "src ends or takes over from dst when it hears it no more"),
        C("cached", "number", "seconds that src lives without dst, tested"),
        C("since", "time", ""),
        C("until", "time", ""),
    ),
    born="since",
    gone="until",
)
MONITOR = Table(
    "monitor",
    "What watches and tells: nodes, paths of alerts.",
    (
        C("name", "text", ""),
        C("owner", "text", ""),
        C("dead_man", "flag", "an independent listener hears it beat"),
        C("since", "time", ""),
        C("until", "time", ""),
    ),
    born="since",
    gone="until",
)
