"""The options that `gadfly beat` and `gadfly exec` share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from gadfly import duration


def parser(command: str, about: str, kind: str) -> argparse.ArgumentParser:
    """A parser with the component's name and what is told about it."""
    made = argparse.ArgumentParser(prog=f"gadfly {command}", description=about)
    made.add_argument("name", metavar="NAME", help="the component's name")
    made.add_argument("--kind", default=kind, choices=("service", "host", "job", "device", "function"))
    made.add_argument("--owner", default="", help="who answers for it")
    made.add_argument("--group", default="", help="what it belongs to: lost together, it is one incident")
    made.add_argument(
        "--host", default="", metavar="NAME", help="the component it runs on; default: this machine's name"
    )
    made.add_argument(
        "--need", action="append", default=[], metavar="NAME", help="it cannot work without; repeatable"
    )
    made.add_argument(
        "--label", action="append", default=[], type=_label, metavar="KEY=VALUE", help="repeatable"
    )
    made.add_argument("--health", default="", metavar="URL", help="where its health can be asked")
    made.add_argument("--version", default="", metavar="VERSION", help="the version that runs")
    made.add_argument(
        "--to",
        default=None,
        metavar="ADDRESS",
        help="host:port, group:port%%interface or http://node:7171; default: $GADFLY_TO, else this user's"
        " node on this machine, else the multicast group",
    )
    made.add_argument("--key-file", type=Path, metavar="FILE", help="the shared secret; default: $GADFLY_KEY")
    return made


def about(args: argparse.Namespace) -> dict[str, Any]:
    """The keyword arguments for a Heart. OSError: the key cannot be read; ValueError: it is empty."""
    key = None
    if args.key_file is not None:
        key = args.key_file.read_bytes().strip()
        if not key:
            raise ValueError(f"{args.key_file} is empty")
    return {
        "kind": args.kind,
        "owner": args.owner,
        "group": args.group,
        "host": args.host,
        "needs": args.need,
        "labels": dict(args.label),
        "health": args.health,
        "version": args.version,
        "to": args.to,
        "key": key,
    }


def seconds(text: str) -> float:
    """A duration option such as 1m30s."""
    try:
        return duration.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _label(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value
