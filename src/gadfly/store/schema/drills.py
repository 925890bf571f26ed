"""The table of fire drills."""

from __future__ import annotations

DRILLS = """
    CREATE TABLE drill (
        id    INTEGER PRIMARY KEY,
        at    REAL NOT NULL,
        state TEXT NOT NULL,                  -- running, told, not told, not run
        body  TEXT NOT NULL                   -- gadfly.ask.drill.record.Drill, JSON
    );
    """
