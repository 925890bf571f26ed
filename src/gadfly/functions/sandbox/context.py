"""What a handler is told about its call, with the names that AWS Lambda gives them."""

from __future__ import annotations

import sys
import time
from typing import Any


class CognitoIdentity:
    """Who called through an identity pool of Cognito: here nobody does."""

    cognito_identity_id: None = None
    cognito_identity_pool_id: None = None


class LambdaContext:
    """The second argument of a handler."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.function_name: str = fields["function_name"]
        self.function_version: str = fields["function_version"]
        self.invoked_function_arn: str = fields["invoked_function_arn"]
        # As the name says a number, and as Lambda has it a text.
        self.memory_limit_in_mb: str = str(fields["memory_limit_in_mb"])
        self.aws_request_id: str = fields["aws_request_id"]
        self.log_group_name: str = fields["log_group_name"]
        self.log_stream_name: str = fields["log_stream_name"]
        self.identity = CognitoIdentity()
        self.tenant_id: None = None
        self.client_context: None = None
        self._ends = time.monotonic() + fields["seconds"]

    @classmethod
    def of(cls, fields: dict[str, Any]) -> LambdaContext:
        return cls(fields)

    def get_remaining_time_in_millis(self) -> int:
        """Until the call is ended from outside; never below 0."""
        return max(0, int((self._ends - time.monotonic()) * 1000))

    def w3c(self) -> dict[str, str]:
        """The trace that the call is part of: here of none."""
        return {}

    def log(self, msg: object) -> None:
        """Write it to the log of the call, as it is."""
        sys.stdout.write(str(msg))
