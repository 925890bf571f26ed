"""The tables, as numbered migrations. A migration once released is never edited.

Times are seconds since the epoch. Structures that are only read whole are JSON text.
A file of this folder has the tables of one capability; :data:`MIGRATIONS` has their order.
"""

from __future__ import annotations

import sqlite3

from gadfly.errors import StoreError
from gadfly.store.schema.act_changes import BREAKGLASS, IN_PART, LAPSED, RECORD_OF
from gadfly.store.schema.acts import ACTS
from gadfly.store.schema.deployed import DEPLOYED
from gadfly.store.schema.drills import DRILLS
from gadfly.store.schema.facts import FACTS
from gadfly.store.schema.first import FIRST
from gadfly.store.schema.indexes import INDEXES
from gadfly.store.schema.invocations import INVOCATIONS
from gadfly.store.schema.ledger import LEDGER, WITNESSED
from gadfly.store.schema.persons import PERSONS
from gadfly.store.schema.pings import PINGS
from gadfly.store.schema.predictions import PREDICTIONS, RESOLVED
from gadfly.store.schema.pushed import PUSHED
from gadfly.store.schema.question_letters import LETTERS
from gadfly.store.schema.questions import QUESTIONS
from gadfly.store.schema.versions import VERSIONS

MIGRATIONS: tuple[str, ...] = (
    FIRST,
    LEDGER,
    WITNESSED,
    ACTS,
    BREAKGLASS,
    IN_PART,
    PERSONS,
    INDEXES,
    RECORD_OF,
    LAPSED,
    PINGS,
    PUSHED,
    DEPLOYED,
    PREDICTIONS,
    INVOCATIONS,
    RESOLVED,
    QUESTIONS,
    LETTERS,
    FACTS,
    DRILLS,
    VERSIONS,
)
"""The text of each step; the first brings an empty file to schema 1. New ones are appended."""


def migrate(connection: sqlite3.Connection) -> int:
    """Bring the file to the newest schema, one transaction a step; returns how many steps were taken."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise StoreError(
            f"The state was written by a newer gadfly (schema {version}; this one knows {len(MIGRATIONS)}). "
            "Install that version again, or start with another `node.state` folder."
        )
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
    return len(MIGRATIONS) - version
