"""The tables of functions: what is to run, what ran, and how far each trigger was taken."""

from __future__ import annotations

INVOCATIONS = """
    -- One call of a function that a trigger asked for; or one that was not made, with the reason.
    CREATE TABLE invocation (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        function TEXT NOT NULL,
        called   TEXT NOT NULL,              -- the trigger, as it is written in the catalogue
        key      TEXT NOT NULL,              -- what of it: an instant, the id of a delivery, lines of a log
        lane     TEXT NOT NULL DEFAULT '',   -- those of one lane run one after another; empty: whenever
        overlap  TEXT NOT NULL DEFAULT 'queue' CHECK (overlap IN ('queue', 'skip')),
        event    BLOB NOT NULL,              -- JSON; empty where it is not kept any more
        created  REAL NOT NULL,
        due      REAL NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, -- so far
        allowed  INTEGER NOT NULL,           -- attempts, in all
        state    TEXT NOT NULL DEFAULT 'waiting'
                 CHECK (state IN ('waiting', 'running', 'done', 'dead', 'skipped')),
        reason   TEXT NOT NULL DEFAULT '',   -- why it is dead, skipped or tried again
        ended    REAL,
        UNIQUE (function, called, key)
    );
    CREATE INDEX invocation_due ON invocation (function, due, id) WHERE state = 'waiting' AND lane = '';
    CREATE INDEX invocation_waiting ON invocation (function) WHERE state = 'waiting';
    CREATE INDEX invocation_next ON invocation (due) WHERE state = 'waiting';
    CREATE INDEX invocation_lane ON invocation (function, lane, id)
        WHERE state IN ('waiting', 'running') AND lane <> '';
    CREATE INDEX invocation_overlap ON invocation (due) WHERE state = 'waiting' AND overlap = 'skip';
    CREATE INDEX invocation_function ON invocation (function, id);
    CREATE INDEX invocation_running ON invocation (id) WHERE state = 'running';
    CREATE INDEX invocation_dead ON invocation (id) WHERE state = 'dead';

    -- One try of it, written before it runs.
    CREATE TABLE attempt (
        invocation INTEGER NOT NULL,
        number     INTEGER NOT NULL,         -- from 1
        began      REAL NOT NULL,
        ended      REAL,
        outcome    TEXT NOT NULL DEFAULT 'running'
                   CHECK (outcome IN ('running', 'ok', 'failed', 'ended', 'refused', 'lost')),
        error      TEXT NOT NULL DEFAULT '',
        version    TEXT NOT NULL DEFAULT '', -- hash of the code that ran
        answer     BLOB NOT NULL DEFAULT x'',
        log        BLOB NOT NULL DEFAULT x'',
        unsaid     INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (invocation, number)
    ) WITHOUT ROWID;

    -- How far a trigger was taken: the last instant of a schedule, the last line of a log stream.
    CREATE TABLE trigger_place (
        function TEXT NOT NULL,
        called   TEXT NOT NULL,
        place    TEXT NOT NULL,
        PRIMARY KEY (function, called)
    ) WITHOUT ROWID;
    """
