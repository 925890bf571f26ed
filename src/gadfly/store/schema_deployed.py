"""The tables of deployed functions: their versions, what ran, and when a grant was used last."""

from __future__ import annotations

DEPLOYED = """
    -- Every version that was ever deployed; the code lies in the state folder under its hash.
    CREATE TABLE function_version (
        function TEXT NOT NULL,
        hash     TEXT NOT NULL,              -- SHA-256 of the code, hexadecimal
        module   TEXT NOT NULL,
        handler  TEXT NOT NULL,
        files    INTEGER NOT NULL,
        bytes    INTEGER NOT NULL,
        at       REAL NOT NULL,              -- when it was deployed first
        who      TEXT NOT NULL,
        PRIMARY KEY (function, hash)
    ) WITHOUT ROWID;

    -- The version that is called.
    CREATE TABLE function_current (
        function TEXT PRIMARY KEY,
        hash     TEXT NOT NULL,
        since    REAL NOT NULL,
        who      TEXT NOT NULL
    ) WITHOUT ROWID;

    -- Invocations: what was begun, and how it ended.
    CREATE TABLE function_run (
        id       INTEGER PRIMARY KEY AUTOINCREMENT,
        function TEXT NOT NULL,
        hash     TEXT NOT NULL,
        trigger  TEXT NOT NULL,              -- what called it, in words
        who      TEXT NOT NULL,              -- on whose behalf
        work     INTEGER NOT NULL,           -- its number in the queue; 0: it did not wait there
        attempt  INTEGER NOT NULL,
        began    REAL NOT NULL,
        seconds  REAL,                       -- NULL: it runs, or the node ended on the way
        outcome  TEXT NOT NULL DEFAULT '',   -- ok, error, ended; empty: not over
        words    TEXT NOT NULL DEFAULT '',   -- one line: why it is not ok
        answer   BLOB NOT NULL DEFAULT '',   -- JSON, what fits
        event    BLOB NOT NULL DEFAULT '',   -- JSON, what fits
        log      BLOB NOT NULL DEFAULT '',   -- what it wrote, as it wrote it
        unsaid   INTEGER NOT NULL DEFAULT 0, -- bytes of that beyond what is kept
        used     TEXT NOT NULL DEFAULT '{}', -- grants and how often, JSON
        denied   TEXT NOT NULL DEFAULT '[]'  -- what it was denied, and why, JSON
    );
    CREATE INDEX function_run_of ON function_run (function, id);
    CREATE INDEX function_run_began ON function_run (began);
    CREATE INDEX function_run_open ON function_run (id) WHERE outcome = '';

    -- The use of each grant.
    CREATE TABLE function_use (
        function TEXT NOT NULL,
        line     TEXT NOT NULL,              -- the grant as it is written
        first    REAL NOT NULL,
        last     REAL NOT NULL,
        count    INTEGER NOT NULL,
        PRIMARY KEY (function, line)
    ) WITHOUT ROWID;
"""
