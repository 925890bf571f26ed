"""The tables of jobs that tell of themselves by pings."""

from __future__ import annotations

PINGS = """
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
    """
