"""What keeps questions that come again and again from reading whole tables."""

from __future__ import annotations

INDEXES = """
    -- Acts that are not over in their order, those that are, and those of an owner.
    CREATE INDEX intent_left ON intent (id) WHERE state IN ('open', 'unknown');
    CREATE INDEX intent_over ON intent (finished) WHERE state NOT IN ('open', 'unknown');
    CREATE INDEX intent_owner ON intent (owner, at);

    -- Stops that executors are told of, and those after an intent.
    CREATE INDEX stop_lifted ON stop (lifted);
    CREATE INDEX stop_entry ON stop (entry);

    -- Words that are in their time, and those of one act.
    CREATE INDEX approval_intent ON approval (intent) WHERE intent IS NOT NULL;
    CREATE INDEX approval_ends ON approval (ends);
    CREATE INDEX consent_ends ON consent (ends);
    CREATE INDEX request_ends ON request (ends);
    CREATE INDEX request_at ON request (at);

    -- How often a target was touched of late.
    CREATE INDEX reservation_touched ON reservation (target, at);

    -- The members of a burst.
    CREATE INDEX flip_entry ON flip (entry) WHERE entry IS NOT NULL;

    -- The few entries of the kind `unexplained` among all others; the bytes are its canonical JSON.
    CREATE INDEX ledger_unexplained ON ledger_entry (id) WHERE instr(body, '"kind":"unexplained"') > 0;
"""
