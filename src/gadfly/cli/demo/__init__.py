"""`gadfly demo`: see it work, in less than a minute."""

from __future__ import annotations

import shutil
import signal
import tempfile
import time
from pathlib import Path

import click

from gadfly.cli.terminal import colourful, painter


@click.command()
@click.option("--keep", is_flag=True, help="Go on when the play is over, until Ctrl-C: look at the page.")
def demo(keep: bool) -> int:
    """Break a small fleet piece by piece; tell what the node saw.

    Real processes on this machine, in a folder of their own; a node of its own on free loopback ports. All of
    it is ended when the play is over. Exit code 0 when every breakage was seen and nothing false was said.
    """
    from gadfly.cli.demo.play import Play

    paint = painter(colourful())
    total = min(100, shutil.get_terminal_size((80, 24)).columns)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gadfly-demo-") as folder:
        play = Play(Path(folder), total, paint)
        try:
            code = play.run()
            if keep:
                print(f"\nIt goes on. The page is at {paint(play.page(), 'link')}\nCtrl-C ends everything.")
                play.wait()
            print(f"\nThat took {time.monotonic() - began:.0f} s.", end=" ")
            print(f"{paint('gadfly up', 'strong')} starts a node to keep.")
        finally:
            play.end()
    return code


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
