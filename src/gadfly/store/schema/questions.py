"""The tables of questions."""

from __future__ import annotations

QUESTIONS = """
    -- What was asked, and what came of it. The body is the whole of it, JSON.
    CREATE TABLE question (
        id    INTEGER PRIMARY KEY AUTOINCREMENT,
        kind  TEXT NOT NULL,
        owner TEXT NOT NULL,
        state TEXT NOT NULL,
        asked REAL NOT NULL,
        body  TEXT NOT NULL
    );
    CREATE INDEX question_state ON question (state, id);
    CREATE INDEX question_owner ON question (owner, id);

    -- What was known when it was asked; never changed.
    CREATE TABLE question_evidence (
        question INTEGER PRIMARY KEY,
        sha256   TEXT NOT NULL,
        body     TEXT NOT NULL                -- JSON
    );

    -- What is known of a kind on a subject, from its first sighting on.
    CREATE TABLE question_matter (
        kind    TEXT NOT NULL,
        subject TEXT NOT NULL,
        counted REAL NOT NULL,
        asked   INTEGER NOT NULL,
        body    TEXT NOT NULL,                -- JSON
        PRIMARY KEY (kind, subject)
    ) WITHOUT ROWID;
    """
