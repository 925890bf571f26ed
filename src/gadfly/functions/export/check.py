"""What is careless about a policy of AWS IAM, in plain words. Pure.

The same questions as :mod:`gadfly.functions.policy` asks of grants: patterns, whole services, writing with
the purpose of reading, and pairs that are more than their parts. Works on the documents of a template.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gadfly.functions import purpose as purposes
from gadfly.functions.policy import Finding
from gadfly.functions.purpose import Deed

_WRITES = re.compile(
    r":(Put|Create|Delete|Update|Write|Send|Invoke|Run|Start|Stop|Terminate|Attach|Detach|Pass|Tag|Untag|Publish|"
    r"Modify|Reboot|Restore|Set|Add|Remove|Copy|Import)"
)
_OWN = frozenset({"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage", "lambda:InvokeFunction"})
"""Writing that the shape of a function needs, whatever it is for."""
_EVERYWHERE = frozenset({"cloudwatch:PutMetricData", "xray:PutTraceSegments", "xray:PutTelemetryRecords"})
"""Actions of which AWS knows no single resource."""
_SUFFIX = "-??????"
"""What AWS appends to the name of a secret."""
_TOXIC = (
    ("iam:PassRole", "lambda:CreateFunction", "can make a function that runs as somebody else"),
    ("iam:PassRole", "ec2:RunInstances", "can start a machine that runs as somebody else"),
    ("iam:CreateAccessKey", "iam:AttachUserPolicy", "can make itself another person with any right"),
    ("secretsmanager:GetSecretValue", "sts:AssumeRole", "can carry secrets over to another role"),
    ("logs:DeleteLogGroup", "lambda:UpdateFunctionCode", "can change itself and remove what would tell"),
)


def roles(template: Mapping[str, Any], purpose: str) -> list[Finding]:
    """What is careless about all roles and addresses of a template."""
    found: list[Finding] = []
    for resource in template.get("Resources", {}).values():
        properties = resource.get("Properties", {})
        if resource.get("Type") == "AWS::IAM::Role":
            documents = [one["PolicyDocument"] for one in properties.get("Policies", [])]
            statements = [one for document in documents for one in _listed(document.get("Statement"))]
            found += examine(statements, purpose)
            found += _trusted(_listed(properties.get("AssumeRolePolicyDocument", {}).get("Statement")))
            found += [
                Finding("managed policy", str(one), f"{one} is AWS' list and grows with it: name the actions")
                for one in properties.get("ManagedPolicyArns", [])
            ]
        if resource.get("Type") == "AWS::Serverless::Function":
            found += _address(properties)
    return found


def examine(statements: Sequence[Mapping[str, Any]], purpose: str) -> list[Finding]:
    """What is careless about the statements of one policy."""
    allowed = [one for one in statements if one.get("Effect") == "Allow"]
    return [*(finding for one in allowed for finding in _statement(one, purpose)), *_pairs(allowed)]


def _statement(one: Mapping[str, Any], purpose: str) -> Iterator[Finding]:
    for key in ("NotAction", "NotResource"):
        if key in one:
            yield Finding(
                "all but", key, f"{key} allows everything that it does not name, also what comes later"
            )
    actions, resources = _listed(one.get("Action")), [_text(each) for each in _listed(one.get("Resource"))]
    for action in actions:
        if "*" in action or "?" in action:
            yield Finding(
                "wildcard",
                action,
                f"{action} is more actions than one, also those that come later: name each",
            )
        elif purposes.deeds(purpose) == {Deed.read} and action not in _OWN and _WRITES.search(action):
            yield Finding(
                "writes", action, f"{action} changes something, and the purpose only speaks of reading"
            )
    for resource in resources:
        plain = resource.removesuffix(_SUFFIX)
        if ":log-group:" in plain:
            plain = plain.removesuffix(":*")  # its streams
        if resource == "*":
            if not set(actions) <= _EVERYWHERE:
                yield Finding(
                    "every resource", ", ".join(actions), f"{', '.join(actions)} on every resource: name them"
                )
        elif "*" in plain or "?" in plain:
            yield Finding(
                "wildcard", resource, f"{resource} is whatever has such a name, also later: name it in whole"
            )


def _pairs(statements: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    actions = {action for one in statements for action in _listed(one.get("Action"))}

    def has(wanted: str) -> bool:
        return any(fnmatch.fnmatchcase(wanted.lower(), one.lower()) for one in actions)

    for first, second, words in _TOXIC:
        if has(first) and has(second):
            yield Finding("toxic pair", first, f"with {first} and {second} it {words}")


def _trusted(statements: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    for one in statements:
        principal = one.get("Principal")
        named = _listed(principal.get("AWS")) if isinstance(principal, dict) else _listed(principal)
        if "*" in named:
            yield Finding("anybody", "sts:AssumeRole", "anybody may take this role: name the service")


def _address(properties: Mapping[str, Any]) -> Iterator[Finding]:
    address = properties.get("FunctionUrlConfig")
    if address and address.get("AuthType") == "NONE" and properties.get("Handler") != "gadfly_fn.signed":
        yield Finding(
            "anybody calls it",
            "FunctionUrlConfig",
            "its address takes whatever comes: sign by AWS_IAM or let a handler check",
        )


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _text(resource: Any) -> str:
    if isinstance(resource, dict):
        found = resource.get("Fn::Sub", "a reference")
        return str(found[0] if isinstance(found, list) else found)
    return str(resource)
