"""The tables of questions: when it is asked, of which facts, and which kinds of questions."""

from __future__ import annotations

import datetime as dt

from gadfly.config.section import Section


class AskKind(Section, frozen=True, kw_only=True):
    """One kind of question, where this place differs from what the kind says."""

    muted: bool = False
    """It is not asked here, and what is open of it is withdrawn. `because` then says why."""
    because: str = ""
    """Why it is muted, or why its thresholds are others; needed for either."""
    threshold: dict[str, float] = {}
    """In place of the kind's own: `{ days = 60, n = 12 }`. `gadfly ask kinds NAME` names them."""
    review: dt.date | None = None
    """Until when it is muted. Empty: until somebody takes it out."""


class Ask(Section, frozen=True, kw_only=True):
    """Questions that the node puts to owners, one assumption each, from its own data."""

    on: bool = True
    """Whether the node asks by itself. On: it asks few, none at night and only of what has been there for
    weeks; who wants none says so here."""
    at: str = "0 9 * * *"
    """When the data is looked at: cron, with a zone behind it where UTC is not meant. In the morning of a
    day, as that is when questions can be answered; an owner whose night it is gets them afterwards. What is
    asked must be found at two looks in a row, on two days at least."""
    facts: str = ""
    """A folder of what the node cannot know: `rota.csv`, `incident.jsonl`, `change.parquet`. A relative one
    is looked for from the folder in which the node was started. Empty: there is none."""
    kinds: str = ""
    """A folder of kinds of your own, `NAME.toml`; one named as one of ours stands in its place. Empty: there
    is none."""
    memory_mb: int = 512
    """What queries over the facts may use of memory, once a day. Beyond it they spill, up to 4 GB, into
    `ask-spill` in the state folder, which is empty again afterwards. What gathering the
    facts takes before is not limited by it. Half a gigabyte leaves a small machine room for all else."""
    rows: int = 1_000_000
    """Rows that may be kept of facts that came over the API: a year of a large fleet's deploys and rotas."""
    series: int = 2_000
    """Series whose past is read for the checks of rules, in all; rules beyond that are not asked about."""
    kind: dict[str, AskKind] = {}
    """`[ask.kind.NAME]`."""
