"""The tables, as numbered migrations. A migration once released is never edited.

Times are seconds since the epoch. Structures that are only read whole are JSON text.
"""

from __future__ import annotations

import sqlite3

from gadfly.errors import StoreError
from gadfly.store.indexes import INDEXES
from gadfly.store.schema_ask import QUESTIONS
from gadfly.store.schema_deployed import DEPLOYED
from gadfly.store.schema_drill import DRILLS
from gadfly.store.schema_facts import FACTS
from gadfly.store.schema_functions import INVOCATIONS
from gadfly.store.schema_predict import RESOLVED
from gadfly.store.schema_predict import TABLES as PREDICTIONS
from gadfly.store.schema_question_letters import LETTERS

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
    -- The ledger. `id` is the entry's index in the tree, from 0; `body` its canonical JSON, the leaf.
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
        middle BLOB NOT NULL,                -- the root of each full 16 of them: proofs are short work
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

    -- Checkpoints with a good signature that were not cosigned, as they do not continue what was.
    CREATE TABLE witness_conflict (
        id     INTEGER PRIMARY KEY,
        origin TEXT NOT NULL,
        at     REAL NOT NULL,
        why    TEXT NOT NULL,                -- forked: proof by itself; unproved: no proof came with it
        kept   TEXT NOT NULL,                -- the note that was cosigned before
        note   TEXT NOT NULL,                -- the one that contradicts it
        UNIQUE (origin, note)
    );
    """,
    """
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
    """,
    """
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
    """,
    """
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
    """,
    """
    -- Whose a token is; empty: a program's. Those that were there are programs': nobody said whose they are.
    ALTER TABLE token ADD COLUMN person TEXT NOT NULL DEFAULT '';
    UPDATE stop SET who = 'program:' || substr(who, 7) WHERE who LIKE 'token:%';
    UPDATE freeze SET who = 'program:' || substr(who, 7) WHERE who LIKE 'token:%';
    UPDATE breakglass SET who = 'program:' || substr(who, 7) WHERE who LIKE 'token:%';
    UPDATE consent SET principal = 'program:' || substr(principal, 7) WHERE principal LIKE 'token:%';
    -- Which person asked, or said yes, cannot be told any more: it must be asked for again.
    UPDATE request SET state = 'denied', decided_by = 'node' WHERE state IN ('waiting', 'approved');
    """,
    INDEXES,
    """
    -- Of what the record is: a digest of what the automation did. Empty: nobody noted it.
    ALTER TABLE standing ADD COLUMN does TEXT NOT NULL DEFAULT '';
    """,
    """
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
    """,
    """
    -- Jobs that tell by pings that they ran: what they told so far, and apart from it what they printed last.
    CREATE TABLE pinged (
        component TEXT PRIMARY KEY,
        created   INTEGER NOT NULL,           -- a ping made it: no catalogue declares it
        body      BLOB NOT NULL               -- MessagePack
    ) WITHOUT ROWID;
    CREATE TABLE ping_output (
        component TEXT NOT NULL UNIQUE,
        body      BLOB NOT NULL
    );
    -- The same as they come, the newest last; folded into the table above now and then.
    CREATE TABLE ping_log (
        id        INTEGER PRIMARY KEY,
        component TEXT NOT NULL,
        created   INTEGER NOT NULL,
        body      BLOB NOT NULL
    );
    """,
    """
    -- Groups of metrics that jobs pushed, until somebody deletes them.
    CREATE TABLE pushed (
        key  BLOB PRIMARY KEY,                -- the labels of the group, JSON
        body BLOB NOT NULL                    -- MessagePack, as numbers may be NaN
    ) WITHOUT ROWID;
    """,
    DEPLOYED,
    PREDICTIONS,
    INVOCATIONS,
    RESOLVED,
    QUESTIONS,
    LETTERS,
    FACTS,
    DRILLS,
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
