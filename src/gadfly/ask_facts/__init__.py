"""Facts from the node's own stores, for the tables that questions are asked of: one file a family.

::

    catalogue, state (SQLite), series ──FAMILIES──▶ columns ──definitions──▶ World
    API ───────────────────────────────given───────────────────────────────▶

What a node cannot know stays empty, and :mod:`.lacking` says so.
"""

from gadfly.ask_facts.gather import FAMILIES, Gathered, gather
from gadfly.ask_facts.stores import Stores

__all__ = ["FAMILIES", "Gathered", "Stores", "gather"]
