"""The command line.

``beat`` and ``exec`` belong into every program's surroundings, so they run with the standard library alone;
everything else needs the node's dependencies and imports them only when asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

NEEDS_NODE = (
    "gadfly: only `beat` and `exec` work with what is installed here. For `{command}`, install the node:"
    "  pip install 'gadfly[node]'"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 ok, 1 warning, 2 critical, 3 unknown or not possible.

    The codes are those of Nagios plugins, so that every command can be used as one. ``beat`` and ``exec``
    return the codes of the programs they wrap.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    if args[:1] == ["beat"]:
        from gadfly.instrument.beat import main as beat

        return beat(args[1:])
    if args[:1] == ["exec"]:
        from gadfly.instrument.exec import main as wrap

        return wrap(args[1:])
    try:
        import click  # noqa: F401
    except ImportError:
        print(NEEDS_NODE.format(command=" ".join(["gadfly", *args[:1]])), file=sys.stderr)
        return 3
    from gadfly.cli.root import run

    return run(args)
