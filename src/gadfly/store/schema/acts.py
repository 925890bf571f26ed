"""The tables of acts: what was allowed, what it holds, who said yes, what stops it, and each record."""

from __future__ import annotations

ACTS = """
    -- Acts that were allowed and written down before any effect. `id` is the fencing number.
    CREATE TABLE intent (
        id         INTEGER PRIMARY KEY AUTOINCREMENT,
        entry      INTEGER NOT NULL UNIQUE,  -- its place in the ledger
        plan       TEXT NOT NULL,            -- SHA-256 of the plan, hex
        body       BLOB NOT NULL,            -- the plan, JSON
        principal  TEXT NOT NULL,
        automation TEXT NOT NULL,            -- empty: a person's act
        owner      TEXT NOT NULL,
        action     TEXT NOT NULL,
        symptom    TEXT NOT NULL,
        cost       REAL NOT NULL,
        at         REAL NOT NULL,
        ends       REAL NOT NULL,            -- from then on, without an outcome, unknown
        state      TEXT NOT NULL DEFAULT 'open'
                   CHECK (state IN ('open', 'unknown', 'verified', 'failed', 'cancelled')),
        finished   REAL,
        reason     TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX intent_principal ON intent (principal, at);
    CREATE INDEX intent_automation ON intent (automation, id);
    CREATE INDEX intent_plan ON intent (plan);
    CREATE INDEX intent_open ON intent (ends) WHERE state IN ('open', 'unknown');

    -- What an intent uses, a row a target: held until its outcome was measured.
    CREATE TABLE reservation (
        intent      INTEGER NOT NULL,
        target      TEXT NOT NULL,
        automation  TEXT NOT NULL,
        action      TEXT NOT NULL,
        argument    TEXT NOT NULL DEFAULT '',
        symptom     TEXT NOT NULL,
        grp         TEXT NOT NULL,
        cell        TEXT NOT NULL,
        environment TEXT NOT NULL,
        disturbs    INTEGER NOT NULL,
        well        INTEGER NOT NULL,        -- whether the target worked when the plan was made
        at          REAL NOT NULL,
        ended       REAL,                    -- NULL: held
        PRIMARY KEY (intent, target)
    ) WITHOUT ROWID;
    CREATE INDEX reservation_target ON reservation (target) WHERE ended IS NULL;
    CREATE INDEX reservation_held
        ON reservation (automation, action, argument, grp, cell, environment, disturbs, intent)
        WHERE ended IS NULL;
    CREATE INDEX reservation_at ON reservation (at) WHERE disturbs;
    CREATE INDEX reservation_ended ON reservation (ended) WHERE ended IS NOT NULL AND disturbs AND well;
    CREATE INDEX reservation_symptom ON reservation (target, symptom, at);

    -- Targets on which no more is tried against a symptom until a person releases the brake.
    CREATE TABLE brake (
        target      TEXT NOT NULL,
        symptom     TEXT NOT NULL,
        since       REAL,                    -- NULL: it is off
        released    REAL,
        released_by TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (target, symptom)
    ) WITHOUT ROWID;

    -- Plans that lack only a person's word.
    CREATE TABLE request (
        id         INTEGER PRIMARY KEY,
        plan       TEXT NOT NULL,
        body       BLOB NOT NULL,
        principal  TEXT NOT NULL,
        automation TEXT NOT NULL,
        owner      TEXT NOT NULL,
        asked_by   TEXT NOT NULL DEFAULT '',
        lacks      TEXT NOT NULL,            -- what the guards want, for people
        at         REAL NOT NULL,
        ends       REAL NOT NULL,
        state      TEXT NOT NULL DEFAULT 'waiting'
                   CHECK (state IN ('waiting', 'approved', 'denied', 'done')),
        decided_by TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX request_plan ON request (plan, state);
    CREATE INDEX request_waiting ON request (ends) WHERE state = 'waiting';

    -- The last refusal of each plan, so that what is refused every second is not an entry every second.
    CREATE TABLE refused (
        plan   TEXT PRIMARY KEY,
        guards TEXT NOT NULL,
        entry  INTEGER NOT NULL,
        times  INTEGER NOT NULL,             -- since that entry
        at     REAL NOT NULL                 -- of that entry
    ) WITHOUT ROWID;
    CREATE INDEX refused_at ON refused (at);

    CREATE TABLE approval (
        id       INTEGER PRIMARY KEY,
        plan     TEXT NOT NULL,
        who      TEXT NOT NULL,
        owner    TEXT NOT NULL,              -- for whom that person speaks
        asked_by TEXT NOT NULL,
        note     TEXT NOT NULL,
        at       REAL NOT NULL,
        ends     REAL NOT NULL,
        intent   INTEGER                     -- the one act it was good for; NULL: not used yet
    );
    CREATE INDEX approval_plan ON approval (plan) WHERE intent IS NULL;

    CREATE TABLE consent (
        id        INTEGER PRIMARY KEY,
        owner     TEXT NOT NULL,
        principal TEXT NOT NULL,
        action    TEXT NOT NULL,
        target    TEXT NOT NULL,             -- empty: all of the owner's
        who       TEXT NOT NULL,
        at        REAL NOT NULL,
        ends      REAL NOT NULL
    );
    CREATE INDEX consent_principal ON consent (principal, action);

    -- Stops: `ledger_entry` number in `entry`; every intent before it is void.
    CREATE TABLE stop (
        id        INTEGER PRIMARY KEY,
        scope     TEXT NOT NULL,
        name      TEXT NOT NULL,
        owner     TEXT NOT NULL,
        who       TEXT NOT NULL,
        because   TEXT NOT NULL,
        at        REAL NOT NULL,
        entry     INTEGER NOT NULL,
        lifted    REAL,
        lifted_by TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX stop_standing ON stop (id) WHERE lifted IS NULL;

    -- Freezes that were ordered while running; those of the catalogue are not here.
    CREATE TABLE freeze (
        id         INTEGER PRIMARY KEY,
        name       TEXT NOT NULL,
        selector   TEXT NOT NULL,
        automation TEXT NOT NULL,
        who        TEXT NOT NULL,
        because    TEXT NOT NULL,
        starts     REAL NOT NULL,
        ends       REAL,
        lifted     REAL,
        lifted_by  TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX freeze_standing ON freeze (id) WHERE lifted IS NULL;

    -- Scheduled destructions, and when their owners were told.
    CREATE TABLE announcement (
        target TEXT NOT NULL,
        action TEXT NOT NULL,
        due    REAL NOT NULL,
        told   REAL NOT NULL,
        PRIMARY KEY (target, action, due, told)
    ) WITHOUT ROWID;

    -- The record of each automation.
    CREATE TABLE standing (
        automation TEXT PRIMARY KEY,
        level      TEXT NOT NULL,            -- what it has earned
        since      INTEGER NOT NULL,         -- the intent from which on its runs count
        failures   INTEGER NOT NULL,         -- in a row
        frozen     TEXT NOT NULL,            -- why it may not act; empty: it may
        proposed   TEXT NOT NULL             -- the level that its record would bear, as was told; empty: none
    ) WITHOUT ROWID;

    -- Each guard's last synthetic request.
    CREATE TABLE proof (
        guard  TEXT PRIMARY KEY,
        at     REAL NOT NULL,
        denied INTEGER NOT NULL,
        reason TEXT NOT NULL
    ) WITHOUT ROWID;

    -- The latest time that anything was decided at: a clock that is set back brings nothing back to life.
    CREATE TABLE latest (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        at  REAL NOT NULL
    );
    INSERT INTO latest VALUES (1, 0);
    """
