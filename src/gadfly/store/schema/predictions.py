"""The tables of predictions."""

from __future__ import annotations

PREDICTIONS = """
    -- What was foretold, and what became of it.
    CREATE TABLE prediction (
        id          INTEGER PRIMARY KEY,
        predictor   TEXT NOT NULL,
        kind        TEXT NOT NULL,
        series      TEXT NOT NULL,           -- as an expression writes it
        labels      TEXT NOT NULL,           -- JSON
        component   TEXT NOT NULL,
        owner       TEXT NOT NULL,
        made        REAL NOT NULL,
        deadline    REAL NOT NULL,
        probability REAL NOT NULL,
        base        REAL NOT NULL,           -- what the naive guess was
        told        INTEGER NOT NULL,        -- somebody was told of it
        evidence    TEXT NOT NULL,           -- JSON
        entry       INTEGER,                 -- in the ledger; NULL: it took none
        outcome     TEXT NOT NULL DEFAULT '',
        resolved    REAL,
        happened    REAL,
        why         TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX prediction_open ON prediction (predictor, deadline) WHERE outcome = '';
    CREATE INDEX prediction_made ON prediction (made);
    CREATE INDEX prediction_of ON prediction (predictor, made);
    CREATE INDEX prediction_told ON prediction (predictor, made) WHERE told = 1;

    -- Predictors that were demoted to silent; and what one must know again after a restart.
    CREATE TABLE predictor (
        name   TEXT PRIMARY KEY,
        silent REAL,                         -- since when; NULL: it speaks
        why    TEXT NOT NULL DEFAULT '',
        state  BLOB                          -- of a detector
    ) WITHOUT ROWID;
    """

RESOLVED = """
    -- What may be forgotten, by its number: found without a walk through all of it.
    CREATE INDEX prediction_resolved ON prediction (id, made) WHERE outcome != '';
    """
