"""The tables of the ledger, and of what this node witnesses for others."""

from __future__ import annotations

LEDGER = """
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
    """

WITNESSED = """
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
    """
