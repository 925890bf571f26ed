"""`gadfly fn doctor`: how well this machine shuts functions in."""

from __future__ import annotations

import textwrap

import click

from gadfly.cli.options import as_json, emit
from gadfly.cli.terminal import clean, columns

_MEANING = {
    "A": "all layers; functions run",
    "B": "no user namespaces; functions run, without scratch",
    "C": "functions are refused",
    "D": "no filter of calls; functions are refused",
}
_CODES = {"A": 0, "B": 1, "C": 2, "D": 2}


@click.command()
@as_json
def doctor(json_: bool) -> int:
    """Build a cell here, and say of each of its layers whether it holds, and how one knows.

    No node is needed. Tier A: all layers. B: this machine has no user namespaces, so Landlock, the filter of
    calls and limits do it alone; functions run, without scratch. C and D: less; functions are refused.

    Exit code 0 in tier A, 1 in tier B, 2 where functions are refused.
    """
    from gadfly.functions.sandbox.doctor import run

    health = run()
    if json_:
        emit(
            {
                "tier": health.tier,
                "runs": health.runs,
                "reasons": health.reasons,
                "layers": [layer._asdict() for layer in health.layers],
            }
        )
        return _CODES[health.tier]
    print(f"tier {health.tier}: {_MEANING[health.tier]}")
    for tier, words in health.reasons.items():
        print(f"  not {tier}: {clean(words)}")
    width = max((len(layer.name) for layer in health.layers), default=0)
    room = max(40, columns() - width - 12)
    for layer in health.layers:
        state = "holds" if layer.holds else "MISSING" if layer.needed else "no"
        first, *rest = textwrap.wrap(clean(layer.evidence), room) or [""]
        print(f"  {layer.name:<{width}}  {state:<7}  {first}")
        for line in rest:
            print(f"  {'':<{width}}  {'':<7}  {line}")
    return _CODES[health.tier]
