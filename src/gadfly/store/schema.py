"""The tables, as numbered migrations. A migration once released is never edited.

Times are seconds since the epoch. Structures that are only read whole are JSON text.
"""

from __future__ import annotations

import sqlite3

from gadfly.errors import StoreError

MIGRATIONS: tuple[str, ...] = (
    """
    -- Every component that was ever heard, so that a restart knows whom to expect.
    CREATE TABLE heard (
        name        TEXT PRIMARY KEY,
        id          BLOB NOT NULL,           -- 8 bytes, as on the wire
        card        BLOB NOT NULL,           -- the last announce, JSON
        interval    REAL NOT NULL,           -- seconds between beats
        first_heard REAL NOT NULL,
        last_seen   REAL NOT NULL,
        liveness    INTEGER NOT NULL,
        status      INTEGER NOT NULL,        -- what it said of itself
        incarnation BLOB NOT NULL            -- 8 bytes, as on the wire
    ) WITHOUT ROWID;

    -- History of verdicts.
    CREATE TABLE flip (
        id        INTEGER PRIMARY KEY,
        at        REAL NOT NULL,
        component TEXT NOT NULL,
        before    INTEGER NOT NULL,
        after     INTEGER NOT NULL,
        reason    TEXT NOT NULL
    );
    CREATE INDEX flip_component ON flip (component, id);

    -- Alerts grouped by cause.
    CREATE TABLE incident (
        id       INTEGER PRIMARY KEY,
        opened   REAL NOT NULL,
        resolved REAL,
        body     TEXT NOT NULL
    );
    CREATE INDEX incident_open ON incident (id) WHERE resolved IS NULL;

    -- One firing of a bad verdict.
    CREATE TABLE alert (
        id        INTEGER PRIMARY KEY,
        component TEXT NOT NULL,
        incident  INTEGER NOT NULL,
        since     REAL NOT NULL,
        resolved  REAL,
        body      TEXT NOT NULL
    );
    CREATE INDEX alert_open ON alert (id) WHERE resolved IS NULL;
    CREATE INDEX alert_component ON alert (component, id);
    CREATE INDEX alert_incident ON alert (incident);

    -- What has been told to whom about an incident.
    CREATE TABLE thread (
        incident INTEGER NOT NULL,
        target   TEXT NOT NULL,
        body     TEXT NOT NULL,
        PRIMARY KEY (incident, target)
    ) WITHOUT ROWID;

    -- Notifications on their way. `contact` is a reference, never an address that may hold a secret.
    CREATE TABLE outbox (
        id       INTEGER PRIMARY KEY,
        key      TEXT NOT NULL UNIQUE,
        incident INTEGER NOT NULL,
        contact  TEXT NOT NULL,
        label    TEXT NOT NULL,
        kind     TEXT NOT NULL,
        body     TEXT NOT NULL,
        state    TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'claimed', 'sent', 'dead')),
        attempts INTEGER NOT NULL DEFAULT 0,
        created  REAL NOT NULL,
        due      REAL NOT NULL,
        lease    REAL,
        sent     REAL,
        error    TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX outbox_waiting ON outbox (contact, incident, id) WHERE state IN ('pending', 'claimed');
    CREATE INDEX outbox_incident ON outbox (incident, id);
    CREATE INDEX outbox_state ON outbox (state, id);

    CREATE TABLE silence (
        id       INTEGER PRIMARY KEY,
        matchers TEXT NOT NULL,
        starts   REAL NOT NULL,
        ends     REAL NOT NULL,
        reason   TEXT NOT NULL,
        who      TEXT NOT NULL,
        ended_by TEXT NOT NULL DEFAULT ''
    );

    -- Who took an incident upon them.
    CREATE TABLE acknowledgement (
        id       INTEGER PRIMARY KEY,
        incident INTEGER NOT NULL,
        at       REAL NOT NULL,
        who      TEXT NOT NULL,
        note     TEXT NOT NULL
    );
    CREATE INDEX acknowledgement_incident ON acknowledgement (incident);

    -- Access. Only a digest of the secret is kept.
    CREATE TABLE token (
        id      INTEGER PRIMARY KEY,
        name    TEXT NOT NULL UNIQUE,
        digest  BLOB NOT NULL UNIQUE,
        scopes  TEXT NOT NULL,
        created REAL NOT NULL,
        expires REAL,
        used    REAL
    );
    """,
    """
    -- The ledger. `id` is the entry's index in the tree, from 0; `body` its canonical JSON, which is the leaf.
    CREATE TABLE ledger_entry (
        id   INTEGER PRIMARY KEY,
        body BLOB NOT NULL
    );

    -- Which entries speak of a subject.
    CREATE TABLE ledger_about (
        subject TEXT NOT NULL,
        entry   INTEGER NOT NULL,
        PRIMARY KEY (subject, entry)
    ) WITHOUT ROWID;

    -- The hash tree, eight of its levels a tile. On level 0 only full tiles; above it the last one grows.
    CREATE TABLE ledger_tile (
        level  INTEGER NOT NULL,
        number INTEGER NOT NULL,
        hashes BLOB NOT NULL,                -- at most 256 of 32 bytes
        middle BLOB NOT NULL,                -- the root of each full 16 of them, so that a proof is short work
        PRIMARY KEY (level, number)
    );

    -- Signed tree heads.
    CREATE TABLE ledger_checkpoint (
        size  INTEGER PRIMARY KEY,           -- entries that it covers
        peaks BLOB NOT NULL,                 -- roots of the full subtrees of that size, largest first
        note  TEXT NOT NULL                  -- as the ledger signed it
    );

    -- What witnesses signed beneath them.
    CREATE TABLE ledger_cosignature (
        size INTEGER NOT NULL,
        name TEXT NOT NULL,                  -- the witness's key name
        line TEXT NOT NULL,                  -- the signature line, as in the note
        PRIMARY KEY (size, name)
    ) WITHOUT ROWID;
    """,
    """
    -- The entry of the ledger in which a change of verdict stands; many that change at once are one entry.
    ALTER TABLE flip ADD COLUMN entry INTEGER;

    -- Of each ledger that this node witnesses: the newest checkpoint it cosigned.
    CREATE TABLE witnessed (
        origin TEXT PRIMARY KEY,
        size   INTEGER NOT NULL,
        root   BLOB NOT NULL,                -- 32 bytes
        note   TEXT NOT NULL,                -- as the ledger signed it
        at     REAL NOT NULL
    ) WITHOUT ROWID;

    -- Checkpoints with a good signature that do not continue what was seen: proof that a history was changed.
    CREATE TABLE witness_conflict (
        id     INTEGER PRIMARY KEY,
        origin TEXT NOT NULL,
        at     REAL NOT NULL,
        kept   TEXT NOT NULL,                -- the note that was cosigned before
        note   TEXT NOT NULL,                -- the one that contradicts it
        UNIQUE (origin, note)
    );
    """,
)


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
