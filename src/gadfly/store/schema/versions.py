"""What tells which versions of functions are kept."""

from __future__ import annotations

VERSIONS = """
    -- When it became the one that is called, the last time; NULL: before this was written down.
    ALTER TABLE function_version ADD COLUMN taken REAL;
    -- Whether somebody rolled back to it: it is known to work, and stays.
    ALTER TABLE function_version ADD COLUMN back INTEGER NOT NULL DEFAULT 0;
"""
