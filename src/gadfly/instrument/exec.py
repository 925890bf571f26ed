"""`gadfly exec NAME -- COMMAND`: run a job or service and tell how it starts, goes and ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType
from typing import IO, Any

from gadfly.instrument.heart import Heart
from gadfly.instrument.job import Tail, exit_code, finished, running
from gadfly.instrument.options import about, parser, seconds
from gadfly.instrument.parent_death import ends_with_us

NOT_FOUND, NOT_EXECUTABLE = 127, 126
"""What a shell returns in these cases."""
_FROM_TERMINAL = {"SIGINT", "SIGHUP", "SIGQUIT"}


def main(argv: Sequence[str]) -> int:
    """Return the command's exit code (128 + n when signal n ended it); 2 for wrong arguments of our own."""
    options = parser(
        "exec", "Run a command and tell its start, end, exit code and last lines of output.", "job"
    )
    options.usage = "gadfly exec NAME [options] -- COMMAND ..."
    plan = options.add_mutually_exclusive_group()
    plan.add_argument("--every", type=seconds, default=0.0, help="it should start so often, such as 1h")
    plan.add_argument("--schedule", default="", help="when it should start: '0 2 * * * Europe/Berlin'")
    options.add_argument("--grace", type=seconds, default=0.0, help="how late it may be")
    options.add_argument("--runs", type=seconds, default=0.0, help="how long a run may take")
    options.add_argument(
        "--beat",
        type=seconds,
        default=None,
        help="beat so often while it runs; default: as the node wishes (heartbeat.every), else 1s",
    )
    options.add_argument(
        "--no-output", action="store_true", help="leave its output alone: none is kept or told"
    )
    options.add_argument(
        "--outlive",
        action="store_true",
        help="it goes on when gadfly exec is killed; default: it gets SIGTERM then (on Linux)",
    )
    own, command = _split(list(argv))
    args = options.parse_args(own)
    if not command:
        options.error("no command: write -- and then the command")
    if args.schedule and len(args.schedule.split()) not in (5, 6):
        options.error(f"--schedule {args.schedule!r}: five fields, and a time zone if it is not UTC")
    if len(args.schedule.split()) == 6 and not _zone(args.schedule.split()[5]):
        options.error(f"--schedule {args.schedule!r}: {args.schedule.split()[5]} is no time zone")
    agreed = {key: getattr(args, key) for key in ("every", "grace", "schedule", "runs")}
    try:
        heart = Heart(args.name, args.beat, **about(args))
    except (ValueError, OSError) as error:
        print(f"gadfly exec: {error}", file=sys.stderr)
        return 2
    return _run(command, heart, agreed, keep=not args.no_output, outlive=args.outlive)


def _zone(name: str) -> bool:
    """Whether there is a time zone of that name; where none are installed at all, any may be right."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return not available_timezones()
    return True


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """Our own arguments and the command behind the first ``--``."""
    at = argv.index("--") if "--" in argv else len(argv)
    return argv[:at], argv[at + 1 :]


def _run(command: list[str], heart: Heart, plan: dict[str, Any], *, keep: bool, outlive: bool) -> int:
    child: subprocess.Popen[bytes] | None = None
    waiting: list[int] = []

    def forward(number: int, _: FrameType | None) -> None:
        if signal.Signals(number).name in _FROM_TERMINAL and _in_terminal():
            return  # the terminal sends it to the child as well
        if child is None:
            waiting.append(number)
        else:
            child.send_signal(number)

    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, forward)
    start = time.monotonic()
    pipe = subprocess.PIPE if keep else None
    tail = Tail()
    try:
        child = subprocess.Popen(  # noqa: S603 - the user's own command
            command,
            stdout=pipe,
            stderr=pipe,
            bufsize=0,
            # Killed, we could tell no more of it: it would run on unseen, beside its next run, or die of its
            # next line of output. There is no other thread yet, so that something may be done after the fork.
            preexec_fn=None if outlive else ends_with_us(),
        )
    except OSError as error:
        print(f"gadfly exec: {command[0]}: {error.strerror}", file=sys.stderr)
        code = NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
        heart.announce(job=running(plan))
        heart.start()
        heart.finish("fail", f"{command[0]}: {error.strerror}", job=finished(plan, code, 0.0, ""))
        return code
    for number in waiting:
        child.send_signal(number)
    heart.announce(pid=child.pid, job=running(plan))
    heart.start()
    copies = [
        threading.Thread(target=_copy, args=(source, sink, tail), daemon=True)
        for source, sink in ((child.stdout, 1), (child.stderr, 2))
        if source is not None
    ]
    for copy in copies:
        copy.start()
    code = exit_code(child.wait())
    took = time.monotonic() - start
    for copy in copies:
        copy.join(0.02)  # what it wrote last is still on its way; who holds the pipe open may take longer
    reason = "" if code == 0 else _reason(child.returncode)
    heart.finish("fail" if code else "pass", reason, job=finished(plan, code, took, tail.text()))
    for copy in copies:
        copy.join()  # processes that it left behind still write: as in a pipe, they are read to their end
    return code


def _reason(returncode: int) -> str:
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        return f"ended by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"ended by signal {-returncode}"


def _copy(source: IO[bytes], sink: int, tail: Tail) -> None:
    """Pass on what the child writes, at once and unchanged, until it ends or nobody reads."""
    with source:
        while data := os.read(source.fileno(), 65_536):
            tail.add(data)
            view = memoryview(data)
            try:
                while view:
                    view = view[os.write(sink, view) :]
            except OSError:  # nobody reads: closing our end lets the child know, as without us
                return


def _in_terminal() -> bool:
    """Whether a terminal's keys reach our process group."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except (OSError, AttributeError):
        return False
