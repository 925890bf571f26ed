"""What the tables of acts became since: each step changes those in :mod:`gadfly.store.schema.acts`."""

from __future__ import annotations

BREAKGLASS = """
    -- Authority that was taken in an emergency. Open until `ends` or `ended`; owed until it was reviewed.
    CREATE TABLE breakglass (
        id          INTEGER PRIMARY KEY,
        who         TEXT NOT NULL,
        because     TEXT NOT NULL,
        at          REAL NOT NULL,
        ends        REAL NOT NULL,
        entry       INTEGER NOT NULL,        -- its place in the ledger
        ended       REAL,                    -- NULL: not before its time
        reviewed    REAL,
        reviewed_by TEXT NOT NULL DEFAULT '',
        review      TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX breakglass_owed ON breakglass (id) WHERE reviewed IS NULL;
    """

IN_PART = """
    -- An act may be done in part. Its state, what it counts for, and what its actor said.
    CREATE TABLE act (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        entry      INTEGER NOT NULL UNIQUE,
        plan       TEXT NOT NULL,
        body       BLOB NOT NULL,
        principal  TEXT NOT NULL,
        automation TEXT NOT NULL,
        owner      TEXT NOT NULL,
        action     TEXT NOT NULL,
        symptom    TEXT NOT NULL,
        cost       REAL NOT NULL,
        at         REAL NOT NULL,
        ends       REAL NOT NULL,
        state      TEXT NOT NULL DEFAULT 'open'
                   CHECK (state IN ('open', 'unknown', 'verified', 'partial', 'failed', 'cancelled')),
        finished   REAL,
        reason     TEXT NOT NULL DEFAULT '',
        counted    TEXT NOT NULL DEFAULT '', -- as what it stands in its automation's record; empty: not there
        output     TEXT NOT NULL DEFAULT ''  -- the end of what its actor said; the ledger has its hash
    );
    INSERT INTO act (id, entry, plan, body, principal, automation, owner, action, symptom, cost, at, ends,
                     state, finished, reason, counted)
        SELECT id, entry, plan, body, principal, automation, owner, action, symptom, cost, at, ends,
               state, finished, reason,
               CASE WHEN state IN ('verified', 'failed', 'unknown') THEN state ELSE '' END
        FROM intent;
    -- Fencing numbers never come again, also where the newest intents are gone.
    DELETE FROM sqlite_sequence WHERE name = 'act';
    INSERT INTO sqlite_sequence (name, seq) SELECT 'act', seq FROM sqlite_sequence WHERE name = 'intent';
    DROP TABLE intent;
    ALTER TABLE act RENAME TO intent;
    CREATE INDEX intent_principal ON intent (principal, at);
    CREATE INDEX intent_automation ON intent (automation, id);
    CREATE INDEX intent_plan ON intent (plan);
    CREATE INDEX intent_open ON intent (ends) WHERE state IN ('open', 'unknown');

    -- How many contacts of its owner's chain were told of a plan that waits.
    ALTER TABLE request ADD COLUMN told INTEGER NOT NULL DEFAULT 1;
    """

RECORD_OF = """
    -- Of what the record is: a digest of what the automation did. Empty: nobody noted it.
    ALTER TABLE standing ADD COLUMN does TEXT NOT NULL DEFAULT '';
    """

LAPSED = """
    -- What nobody answered in its time has an end of its own.
    CREATE TABLE asked (
        id         INTEGER PRIMARY KEY,
        plan       TEXT NOT NULL,
        body       BLOB NOT NULL,
        principal  TEXT NOT NULL,
        automation TEXT NOT NULL,
        owner      TEXT NOT NULL,
        asked_by   TEXT NOT NULL DEFAULT '',
        lacks      TEXT NOT NULL,
        at         REAL NOT NULL,
        ends       REAL NOT NULL,
        state      TEXT NOT NULL DEFAULT 'waiting'
                   CHECK (state IN ('waiting', 'approved', 'denied', 'lapsed', 'done')),
        decided_by TEXT NOT NULL DEFAULT '',
        told       INTEGER NOT NULL DEFAULT 1
    );
    INSERT INTO asked (id, plan, body, principal, automation, owner, asked_by, lacks, at, ends, state,
                       decided_by, told)
        SELECT id, plan, body, principal, automation, owner, asked_by, lacks, at, ends, state, decided_by,
               told
        FROM request;
    DROP TABLE request;
    ALTER TABLE asked RENAME TO request;
    CREATE INDEX request_plan ON request (plan, state);
    CREATE INDEX request_waiting ON request (ends) WHERE state = 'waiting';
    CREATE INDEX request_ends ON request (ends);
    CREATE INDEX request_at ON request (at);
    CREATE INDEX request_open ON request (ends) WHERE state IN ('waiting', 'approved');

    -- Who took a consent back; its end is then the moment of that. Empty: nobody did.
    ALTER TABLE consent ADD COLUMN withdrawn_by TEXT NOT NULL DEFAULT '';

    -- What an automation did within the last hour, by whomever.
    CREATE INDEX intent_of_automation ON intent (automation, at);
    """
