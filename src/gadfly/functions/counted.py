"""What the node's own metrics say of functions. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gadfly.instrument.exposition import Family, Sample


def families(
    *, ended: Mapping[tuple[str, str], int], waiting: Mapping[str, int], running: int, cells: int
) -> list[Family]:
    """`ended`: tries by function and outcome, since the start; `waiting`: calls by function."""
    over: list[Sample] = [
        ("", (("function", name), ("outcome", outcome)), float(count))
        for (name, outcome), count in ended.items()
    ]
    queued: list[Sample] = [("", (("function", name),), float(count)) for name, count in waiting.items()]
    return [
        Family("gadfly_function_invocations_total", "counter", "Tries that ended, by outcome.", over),
        Family("gadfly_function_waiting", "gauge", "Calls that wait.", queued),
        Family("gadfly_function_running", "gauge", "Tries that run.", [("", (), float(running))]),
        Family("gadfly_function_cells", "gauge", "Cells that are kept.", [("", (), float(cells))]),
    ]
