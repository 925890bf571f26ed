"""The tables of letters about questions."""

from __future__ import annotations

LETTERS = """
    -- What a team is to be told of its questions with its next letter.
    CREATE TABLE question_told (
        id       INTEGER PRIMARY KEY,
        team     TEXT NOT NULL,
        question INTEGER NOT NULL,
        why      TEXT NOT NULL,
        at       REAL NOT NULL
    );

    -- When it had its last one: there is one a day.
    CREATE TABLE question_letter (
        team TEXT PRIMARY KEY,
        at   REAL NOT NULL
    ) WITHOUT ROWID;

    -- Links that were used; forgotten once they would be over anyhow.
    CREATE TABLE question_link (
        mark     BLOB PRIMARY KEY,
        question INTEGER NOT NULL,
        used     REAL NOT NULL,
        ends     REAL NOT NULL
    ) WITHOUT ROWID;
    """
