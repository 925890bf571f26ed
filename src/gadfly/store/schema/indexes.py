"""What keeps questions that come again and again from reading whole tables."""

from __future__ import annotations

UNEXPLAINED = "instr(body, X'226B696E64223A22756E6578706C61696E656422') > 0"
"""Of a row of `ledger_entry`: its canonical JSON has `"kind":"unexplained"`. An index serves just this."""

INDEXES = f"""
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

    -- Who was called of late.
    CREATE INDEX outbox_created ON outbox (created);

    -- How often a target was touched of late.
    CREATE INDEX reservation_touched ON reservation (target, at);

    -- The members of a burst.
    CREATE INDEX flip_entry ON flip (entry) WHERE entry IS NOT NULL;

    -- The few entries of the kind `unexplained` among all others.
    CREATE INDEX ledger_unexplained ON ledger_entry (id) WHERE {UNEXPLAINED};
"""
