"""A worker that tells of its progress. SIGUSR1 makes its work stand still, and go on.

python -m gadfly.cli.demo.programs.worker NAME
"""

from __future__ import annotations

import signal
import sys
import time

from gadfly.instrument import Heart

PATIENCE = 1.5
"""Seconds without progress after which the heart says `stalled`."""


def main(name: str) -> None:
    stuck = False

    def toggle(*_: object) -> None:
        nonlocal stuck
        stuck = not stuck

    signal.signal(signal.SIGUSR1, toggle)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Heart(name, every=1.0, owner="shop", progress=PATIENCE) as heart:
        while True:
            time.sleep(0.2)
            if not stuck:
                heart.progress()


if __name__ == "__main__":
    main(sys.argv[1])
