"""A function as a template of AWS SAM: the function, its role, its log, its dead letters, what calls it.
Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import yaml

from gadfly.functions.export import expression, role
from gadfly.functions.export.expression import ExportError
from gadfly.functions.export.lost import RETRIES, lost
from gadfly.functions.function import Function
from gadfly.functions.trigger import on
from gadfly.functions.trigger.on import Lines, Schedule, Webhook

RUNTIME = "python3.13"
KEPT = 30
"""Days of its log, as the node keeps invocations."""
SCRATCH = 512
"""MiB of /tmp that every function has there."""
CODE = "code"
"""The folder beside the template."""
_EVENT = {
    "version": "0",
    "id": "<aws.scheduler.execution-id>",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "${AWS::AccountId}",
    "time": "<aws.scheduler.scheduled-time>",
    "region": "${AWS::Region}",
    "resources": ["<aws.scheduler.schedule-arn>"],
    "detail": {},
}


def template(function: Function) -> dict[str, Any]:
    """The whole template. ExportError where something of the function has no counterpart."""
    try:
        triggers = [on.read(text) for text in function.on]
    except ValueError as error:
        raise ExportError(str(error)) from None
    lost(function)
    webhooks = [one for one in triggers if isinstance(one, Webhook)]
    if len(webhooks) > 1:
        raise ExportError("a function there has one address; write one function a webhook")
    follows = [one for one in triggers if isinstance(one, Lines)]
    asks = any(one.verb in role.ASKS_NODE for one in function.grants)
    secrets = role.secret_names(function.name, function.grants, sum(len(one.secrets) for one in webhooks))
    parameters: dict[str, Any] = {}
    for number in range(1, len(follows) + 1):
        parameters[f"Follows{number}"] = {
            "Type": "String",
            "Description": f"The log group of: {follows[number - 1].text}",
        }
    if asks:
        parameters["Node"] = {
            "Type": "String",
            "AllowedPattern": "https://.+",
            "Description": "The node's address",
        }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Description": function.purpose[:1024],
        **({"Parameters": parameters} if parameters else {}),
        "Resources": {
            "Function": {
                "Type": "AWS::Serverless::Function",
                "Properties": _properties(function, triggers, webhooks, asks),
            },
            "Role": _role(function, secrets),
            "Log": {
                "Type": "AWS::Logs::LogGroup",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {"LogGroupName": f"/aws/lambda/{function.name}", "RetentionInDays": KEPT},
            },
            "DeadLetters": {
                "Type": "AWS::SQS::Queue",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {"SqsManagedSseEnabled": True, "MessageRetentionPeriod": 14 * 86_400},
            },
        },
        "Outputs": {
            "Function": {"Value": {"Fn::GetAtt": ["Function", "Arn"]}},
            "DeadLetters": {"Value": {"Ref": "DeadLetters"}},
            **({"Address": {"Value": {"Fn::GetAtt": ["FunctionUrl", "FunctionUrl"]}}} if webhooks else {}),
        },
    }


def text(found: dict[str, Any], function: Function) -> str:
    """The template in YAML, with what to do before it is deployed."""
    names = sorted(
        one.split("secret:", 1)[1].removesuffix("-??????")
        for one in _subs(found["Resources"]["Role"])
        if ":secret:" in one
    )
    lines = [
        f"# {function.name}, owned by {function.owner}. Written by `gadfly fn export aws`.",
        "# The network of a function there is open to all: what its http grants say is checked by",
        "# gadfly_fn.py, in the same process. That is no boundary; a VPC with an egress proxy is one.",
        *(f"# Otherwise than here: {one}." for one in lost(function)),
        *(f"# Needs the secret {name} in Secrets Manager, as a plain string." for name in names),
        "",
    ]
    body: str = yaml.safe_dump(found, sort_keys=False, width=110, allow_unicode=True)
    return "\n".join(lines) + body


def _properties(
    function: Function, triggers: Sequence[on.On], webhooks: Sequence[Webhook], asks: bool
) -> dict[str, Any]:
    limits = function.limits
    scratch = math.ceil(limits.scratch / (1 << 20))
    events = {
        f"Trigger{number}": found
        for number, one in enumerate(triggers, 1)
        if (found := _event(function, one))
    }
    follows = [name for name, one in events.items() if one["Type"] == "CloudWatchLogs"]
    for number, name in enumerate(follows, 1):
        events[name]["Properties"]["LogGroupName"] = {"Ref": f"Follows{number}"}
    variables: dict[str, Any] = {"GADFLY_GRANTS": json.dumps([str(one) for one in function.grants])}
    if asks:
        variables["GADFLY_NODE"] = {"Ref": "Node"}
    handler = f"{function.module}.{function.handler}"
    if webhooks:
        variables["GADFLY_HANDLER"] = handler
        variables["GADFLY_SIGNED"] = f"{webhooks[0].kind} {len(webhooks[0].secrets)}"
        handler = "gadfly_fn.signed"
    return {
        "FunctionName": function.name,
        "Description": function.purpose[:256],
        "Runtime": RUNTIME,
        "Architectures": ["arm64"],
        "CodeUri": CODE,
        "Handler": handler,
        "MemorySize": max(128, math.ceil(limits.memory / (1 << 20))),
        "Timeout": max(1, math.ceil(limits.seconds)),
        **({"EphemeralStorage": {"Size": scratch}} if scratch > SCRATCH else {}),
        "ReservedConcurrentExecutions": limits.at_once,
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "LoggingConfig": {"LogGroup": {"Ref": "Log"}},
        "Environment": {"Variables": variables},
        "EventInvokeConfig": {
            "MaximumRetryAttempts": min(RETRIES, function.retries),
            "MaximumEventAgeInSeconds": int(min(21_600, max(60, function.window))),
            "DestinationConfig": {
                "OnFailure": {"Type": "SQS", "Destination": {"Fn::GetAtt": ["DeadLetters", "Arn"]}}
            },
        },
        # GitHub and others cannot sign as AWS does; gadfly_fn.signed refuses what is not signed as they do.
        **({"FunctionUrlConfig": {"AuthType": "NONE"}} if webhooks else {}),
        **({"Events": events} if events else {}),
        "Tags": {"owner": function.owner},
    }


def _event(function: Function, one: on.On) -> dict[str, Any] | None:
    if isinstance(one, Schedule):
        minutes = min(1440, int(function.jitter // 60))
        return {
            "Type": "ScheduleV2",
            "Properties": {
                "ScheduleExpression": expression.schedule(one.cron.fields),
                "ScheduleExpressionTimezone": one.cron.zone,
                "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": minutes}
                if minutes
                else {"Mode": "OFF"},
                "RetryPolicy": {
                    "MaximumRetryAttempts": function.retries,
                    "MaximumEventAgeInSeconds": int(min(86_400, max(60, function.window))),
                },
                "Input": {"Fn::Sub": json.dumps(_EVENT)},
            },
        }
    if isinstance(one, Lines):
        return {
            "Type": "CloudWatchLogs",
            "Properties": {"LogGroupName": "", "FilterPattern": expression.filter_pattern(one.match)},
        }
    return None


def _role(function: Function, secrets: Sequence[str]) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "Description": f"What {function.name} may do, and nothing else",
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            },
            "Policies": [
                {
                    "PolicyName": "grants",
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": role.statements(function.grants, secrets),
                    },
                }
            ],
        },
    }


def _subs(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [
            *([node["Fn::Sub"]] if "Fn::Sub" in node else []),
            *(one for value in node.values() for one in _subs(value)),
        ]
    if isinstance(node, list):
        return [one for value in node for one in _subs(value)]
    return []
