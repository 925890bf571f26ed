"""What a running node writes to standard error: words for a person, JSON lines for a program."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys


class Lines(logging.Formatter):
    """`12:04:38 warning alert.courier: …`, for a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created).astimezone()
        name = record.name.removeprefix("gadfly.")
        text = f"{at:%H:%M:%S} {record.levelname.lower()} {name}: {record.getMessage()}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


class Json(logging.Formatter):
    """One object a line: `at`, `level`, `name`, `message`, and `exception` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        line = {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "name": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def write(level: str) -> None:
    """Write what is at least this grave to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines() if sys.stderr.isatty() else Json())
    logging.basicConfig(level=level.upper(), handlers=[handler])
