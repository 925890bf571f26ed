"""What a handler is told about its call, with the names that AWS Lambda gives them."""

from __future__ import annotations

import time
from typing import Any


class Context:
    """The second argument of a handler."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.function_name: str = fields["function_name"]
        self.function_version: str = fields["function_version"]
        self.invoked_function_arn: str = fields["invoked_function_arn"]
        self.memory_limit_in_mb: int = fields["memory_limit_in_mb"]
        self.aws_request_id: str = fields["aws_request_id"]
        self.log_group_name: str = fields["log_group_name"]
        self.log_stream_name: str = fields["log_stream_name"]
        self.identity: None = None
        self.client_context: None = None
        self._ends = time.monotonic() + fields["seconds"]

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Context:
        return cls(fields)

    def get_remaining_time_in_millis(self) -> int:
        """Until the call is ended from outside; never below 0."""
        return max(0, int((self._ends - time.monotonic()) * 1000))
