"""The tables of deployed functions: their versions, and what each try asked for and when a grant was used."""

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

    -- What a try asked the broker for, where it asked for anything.
    CREATE TABLE function_asked (
        invocation INTEGER NOT NULL,
        number     INTEGER NOT NULL,         -- of the try
        at         REAL NOT NULL,
        used       TEXT NOT NULL,            -- grants and how often, JSON
        denied     TEXT NOT NULL,            -- what it was denied and how often, JSON
        PRIMARY KEY (invocation, number)
    ) WITHOUT ROWID;
    CREATE INDEX function_asked_at ON function_asked (at);

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
