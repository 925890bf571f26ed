"""What a handler says by Python's logging goes into the log of its call, a line each, as at AWS Lambda.

There, the root logger has a handler before the function's code is loaded, so that `setLevel` is all that is
needed, and `basicConfig` does nothing. Level, time in UTC, the call's id and the message are apart by tabs.
"""

from __future__ import annotations

import logging
import sys
import time

request = ""
"""The id of the call, set when it begins."""


class ToTheCall(logging.Handler):
    """Writes to the standard output of whatever process runs."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line."""
        record.aws_request_id = request
        sys.stdout.write(self.format(record))


def install() -> None:
    """Give the root logger its handler."""
    lines = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
    )
    lines.converter = time.gmtime
    handler = ToTheCall()
    handler.setFormatter(lines)
    logging.root.addHandler(handler)
