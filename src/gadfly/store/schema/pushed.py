"""The table of metrics that jobs pushed."""

from __future__ import annotations

PUSHED = """
    -- Groups of metrics that jobs pushed, until somebody deletes them.
    CREATE TABLE pushed (
        key  BLOB PRIMARY KEY,                -- the labels of the group, JSON
        body BLOB NOT NULL                    -- MessagePack, as numbers may be NaN
    ) WITHOUT ROWID;
    """
