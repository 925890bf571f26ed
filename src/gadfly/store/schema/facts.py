"""The tables of facts that no other table gives."""

from __future__ import annotations

FACTS = """
    -- Facts that came over the API: a row of a table that questions are asked of, by its key.
    CREATE TABLE fact_given (
        tbl  TEXT NOT NULL,
        key  TEXT NOT NULL,                  -- what tells rows of the table apart
        body TEXT NOT NULL,                  -- JSON
        at   REAL NOT NULL,                  -- when it came last
        who  TEXT NOT NULL,
        PRIMARY KEY (tbl, key)
    ) WITHOUT ROWID;

    -- Since when something is declared as it is, and what it was before.
    CREATE TABLE fact_declared (
        id     INTEGER PRIMARY KEY,
        tbl    TEXT NOT NULL,
        name   TEXT NOT NULL,
        digest BLOB NOT NULL,                -- of the body
        body   TEXT NOT NULL,                -- JSON
        since  REAL NOT NULL,
        until  REAL                          -- NULL: it is
    );
    CREATE UNIQUE INDEX fact_declared_now ON fact_declared (tbl, name) WHERE until IS NULL;
    CREATE INDEX fact_declared_past ON fact_declared (until) WHERE until IS NOT NULL;

    -- Series summed up a day, so that each day of them is read once.
    CREATE TABLE fact_daily (
        tbl  TEXT NOT NULL,
        day  INTEGER NOT NULL,               -- since 1970-01-01 UTC
        name TEXT NOT NULL,                  -- a check, a component
        body TEXT NOT NULL,                  -- JSON
        PRIMARY KEY (tbl, day, name)
    ) WITHOUT ROWID;
    """
