"""The group of all commands. A command's module is imported when it is called, or listed in the help."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from gadfly.cli.lazy import Lazy
from gadfly.errors import ConfigError, GadflyError

UNKNOWN = 3

COMMANDS: dict[str, str] = {
    "up": "gadfly.cli.up:up",
    "demo": "gadfly.cli.demo:demo",
    "status": "gadfly.cli.status:status",
    "watch": "gadfly.cli.watch:watch",
    "alerts": "gadfly.cli.alerts:alerts",
    "incidents": "gadfly.cli.incidents:incidents",
    "ack": "gadfly.cli.ack:ack",
    "silence": "gadfly.cli.silence:silence",
    "act": "gadfly.cli.act:act",
    "stop": "gadfly.cli.stop:stop",
    "resume": "gadfly.cli.resume:resume",
    "breakglass": "gadfly.cli.breakglass:breakglass",
    "fn": "gadfly.cli.fn:fn",
    "query": "gadfly.cli.query:query",
    "rules": "gadfly.cli.rules:rules",
    "predictions": "gadfly.cli.predictions:predictions",
    "scorecard": "gadfly.cli.scorecard:scorecard",
    "predict": "gadfly.cli.predict:predict",
    "ask": "gadfly.cli.ask:ask",
    "answer": "gadfly.cli.answer:answer",
    "drill": "gadfly.cli.drill:drill",
    "facts": "gadfly.cli.facts:facts",
    "logs": "gadfly.cli.logs:logs",
    "probe": "gadfly.cli.probe:probe",
    "forget": "gadfly.cli.forget:forget",
    "outbox": "gadfly.cli.outbox:outbox",
    "ledger": "gadfly.cli.ledger:ledger",
    "config": "gadfly.cli.config:config",
    "reload": "gadfly.cli.reload:reload",
    "token": "gadfly.cli.token:token",
    "beat": "gadfly.cli.beat:beat",
    "exec": "gadfly.cli.exec:exec_",
    "version": "gadfly.cli.version:version",
}
"""Name to ``module:attribute``, in the order of the help: first what a new user needs."""


@click.group(
    cls=Lazy,
    where=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="gadfly", message="%(prog)s %(version)s")
def gadfly() -> None:
    """Listen for heartbeats, enquire by probes, tell the one who answers.

    Start with `gadfly up`, or see it work with `gadfly demo`. Every command that asks a node finds the one
    running on this machine by itself; for another one give --node, or set GADFLY_NODE and GADFLY_TOKEN.

    Exit codes are those of Nagios plugins: 0 ok, 1 warning, 2 critical, 3 unknown or not possible.
    """


def run(args: Sequence[str]) -> int:
    """Run the group; turn every way to end into one line at most and an exit code."""
    if "_GADFLY_COMPLETE" in os.environ:
        gadfly.main(list(args), prog_name="gadfly")
    try:
        # Not `gadfly.main`: it would print an empty line for Ctrl-C and end with 1 when the reader has gone.
        with gadfly.make_context("gadfly", list(args)) as context:
            code = gadfly.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        where = f" (see {error.ctx.command_path} --help)" if error.ctx else ""
        return _say(f"{error.format_message()}{where}")
    except click.ClickException as error:
        return _say(error.format_message())
    except ConfigError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return 2
    except GadflyError as error:
        return _say(str(error))
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        # The reader has gone, as with `| head`. Python would complain again while it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code if isinstance(code, int) else 0


def _say(message: str) -> int:
    print(f"gadfly: {message}", file=sys.stderr)
    return UNKNOWN
