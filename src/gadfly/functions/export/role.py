"""What a function's role may do at AWS: what its grants say, each resource by name. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from gadfly.functions.export.expression import ExportError
from gadfly.functions.grant import Grant

PREFIX = "gadfly/"
"""In front of the names of secrets there."""
NODE = "node-token"
"""The secret with which it asks the node."""
ASKS_NODE = ("metric:read", "component:read")
STAYS = ("alert:silence", "act:request")
"""Verbs that only make sense where the node and its gate are."""


def statements(grants: Sequence[Grant], secrets: Sequence[str]) -> list[dict[str, Any]]:
    """The statements of its policy; `secrets`: names beside those that grants name. ExportError."""
    for one in grants:
        if one.verb in STAYS:
            raise ExportError(
                f"{one} goes through the gate of the node, which is not at AWS: keep this function "
                f"here, or leave that "
                "part of it to one that stays"
            )
    return [_logs(), *_secrets(grants, secrets), *_invokes(grants), _dead_letters()]


def secret_names(name: str, grants: Sequence[Grant], webhooks: int) -> list[str]:
    """What is to be kept in Secrets Manager, without the prefix, and without what grants name."""
    asks = any(one.verb in ASKS_NODE for one in grants)
    return [*([NODE] if asks else []), *(f"{name}-webhook-{number}" for number in range(1, webhooks + 1))]


def _logs() -> dict[str, Any]:
    return {
        "Sid": "WriteItsOwnLog",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": {"Fn::GetAtt": ["Log", "Arn"]},
    }


def _secrets(grants: Sequence[Grant], secrets: Sequence[str]) -> Iterator[dict[str, Any]]:
    names = sorted({*(one.text for one in grants if one.verb == "secret:use"), *secrets})
    if names:
        yield {
            "Sid": "ReadItsSecrets",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            # AWS appends a hyphen and six letters of its own to the name of a secret.
            "Resource": [_arn("secretsmanager", f"secret:{PREFIX}{name}-??????") for name in names],
        }


def _invokes(grants: Sequence[Grant]) -> Iterator[dict[str, Any]]:
    names = sorted({one.text for one in grants if one.verb == "function:invoke"})
    if names:
        yield {
            "Sid": "CallOtherFunctions",
            "Effect": "Allow",
            "Action": ["lambda:InvokeFunction"],
            "Resource": [_arn("lambda", f"function:{name}") for name in names],
        }


def _dead_letters() -> dict[str, Any]:
    return {
        "Sid": "LeaveDeadLetters",
        "Effect": "Allow",
        "Action": ["sqs:SendMessage"],
        "Resource": {"Fn::GetAtt": ["DeadLetters", "Arn"]},
    }


def _arn(service: str, rest: str) -> dict[str, str]:
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}"}
