"""`gadfly beat NAME`: beat for something that cannot do it itself, until stopped."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Sequence

from gadfly import duration
from gadfly.instrument.beating import open_link
from gadfly.instrument.card import card
from gadfly.instrument.destination import find
from gadfly.instrument.heart import Heart
from gadfly.instrument.options import about, parser, seconds
from gadfly.instrument.pulse import Pulse

ONCE_LIMIT = 5.0
"""Seconds within which a single beat must have left."""


def main(argv: Sequence[str]) -> int:
    """Return 0 after Ctrl-C, SIGTERM or a single beat; 2 for wrong arguments; 3 when it could not leave."""
    options = parser("beat", "Beat for a component until stopped; Ctrl-C or SIGTERM says goodbye.", "service")
    options.add_argument(
        "--every",
        type=seconds,
        default=None,
        help="between two beats; default: as the node wishes (heartbeat.every), else 1s",
    )
    options.add_argument("--status", default="pass", choices=("pass", "warn", "fail"))
    options.add_argument("--reason", default="", help="why, in words")
    options.add_argument(
        "--once", action="store_true", help="one beat and no goodbye: the next comes --every later"
    )
    args = options.parse_args(argv)
    try:
        heart = Heart(args.name, args.every, **about(args))
        to = find(args.to)
    except (ValueError, OSError) as error:
        print(f"gadfly beat: {error}", file=sys.stderr)
        return 2
    heart.say(args.status, args.reason)
    if args.once:
        return _once(heart, args.status, args.reason)
    print(
        f"beating as {args.name} every {duration.format(heart.every)} to {to}; Ctrl-C says goodbye",
        flush=True,
    )
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    told = ""
    with heart:
        while not stopped.wait(1.0):
            if heart.trouble != told:
                told = heart.trouble
                print(f"gadfly beat: {told or 'beats leave again'}", file=sys.stderr, flush=True)
    print("said goodbye")
    return 0


def _once(heart: Heart, status: str, reason: str) -> int:
    link = open_link(find(heart.to), ONCE_LIMIT)
    described = card(heart.name, started=time.time(), pid=0, **heart.about)
    pulse = Pulse(described, heart.every, heart.secret, time.time_ns())
    datagram = pulse.beat(time.time_ns(), status, reason)
    until = time.monotonic() + ONCE_LIMIT
    while not (left := link.send(datagram)) and time.monotonic() < until:
        time.sleep(0.05)
    trouble = link.trouble
    link.close()
    if left:
        return 0
    print(f"gadfly beat: the beat could not be sent: {trouble}", file=sys.stderr)
    return 3
