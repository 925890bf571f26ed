"""The first tables: who was heard, verdicts, alerts and what was told of them, and access."""

from __future__ import annotations

FIRST = """
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
    """
