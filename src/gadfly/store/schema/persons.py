"""Whose a token is; and what was done in the name of tokens before that was known."""

from __future__ import annotations

PERSONS = """
    -- Whose a token is; empty: a program's. Those that were there are programs': nobody said whose they are.
    ALTER TABLE token ADD COLUMN person TEXT NOT NULL DEFAULT '';
    UPDATE stop SET who = 'program:' || substr(who, 7) WHERE who LIKE 'token:%';
    UPDATE freeze SET who = 'program:' || substr(who, 7) WHERE who LIKE 'token:%';
    UPDATE breakglass SET who = 'program:' || substr(who, 7) WHERE who LIKE 'token:%';
    UPDATE consent SET principal = 'program:' || substr(principal, 7) WHERE principal LIKE 'token:%';
    -- Which person asked, or said yes, cannot be told any more: it must be asked for again.
    UPDATE request SET state = 'denied', decided_by = 'node' WHERE state IN ('waiting', 'approved');
    """
