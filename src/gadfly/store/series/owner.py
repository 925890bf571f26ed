"""Whose a series is, by the source under which it is counted: a sender's, or the node's own."""

from __future__ import annotations

NODE = frozenset({"gadfly", "job", "log", "predict", "rule"})
"""Sources under which the node counts what it writes itself: probes, heartbeats and its own metrics; runs of
jobs; lines of logs; predictions; what rules record, and their alerts."""
REPORT = "scrape report"
"""And what it says of the targets that it scrapes (`up`, `scrape_…`): this, a colon and the job's name. No
sender can have such a source: theirs begin with the way in which they send."""


def by_node(source: str) -> bool:
    """Whether it is the node's own."""
    return source in NODE or source.startswith(f"{REPORT}:")
