"""Facts from the node's own stores, for the tables that questions are asked of: one file a family.

::

    catalogue, state (SQLite), series ──facts(stores)──▶ columns ──▶ World
    folder of files, API ─────────────given──────────────────────────▶

What a node cannot know stays empty, and :mod:`.lacking` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gadfly.ask_facts import catalogue
from gadfly.ask_facts.columns import Tables
from gadfly.ask_facts.stores import Stores

FAMILIES: Mapping[str, Callable[[Stores], Tables]] = {
    "catalogue": catalogue.facts,
}
"""By name, in the order in which they are gathered; the cheap ones first."""

__all__ = ["FAMILIES", "Stores", "Tables"]
