"""Careless policies of AWS are named as careless grants are."""

from __future__ import annotations

from typing import Any

import pytest

from gadfly.functions.export.check import examine, roles

PURPOSE = "Deletes exports that nobody fetched for a month."
ARN = "arn:aws:s3:::exports/old"


def allow(action: Any, resource: Any = ARN, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("statements", "kind"),
    [
        ([allow("*")], "wildcard"),
        ([allow("s3:*")], "wildcard"),
        ([allow("s3:Get*")], "wildcard"),
        ([allow("s3:GetObject", "*")], "every resource"),
        ([allow("s3:GetObject", "arn:aws:s3:::*")], "wildcard"),
        ([allow("s3:GetObject", {"Fn::Sub": "arn:${AWS::Partition}:s3:::a*/b"})], "wildcard"),
        ([allow("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:x-??????")], "wildcard"),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": ARN}], "all but"),
        ([{"Effect": "Allow", "Action": "s3:GetObject", "NotResource": ARN}], "all but"),
        ([allow("iam:PassRole"), allow("lambda:CreateFunction")], "toxic pair"),
        ([allow(["iam:PassRole", "ec2:RunInstances"])], "toxic pair"),
    ],
    ids=lambda one: str(one)[:60],
)
def test_careless(statements: list[dict[str, Any]], kind: str) -> None:
    assert kind in {one.kind for one in examine(statements, PURPOSE)}


@pytest.mark.parametrize(
    "statement",
    [
        allow("s3:DeleteObject"),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": ["Log", "Arn"]}),
        allow("logs:PutLogEvents", "arn:aws:logs:eu-central-1:1:log-group:a:*"),
        allow(
            "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-central-1:1:secret:gadfly/x-??????"
        ),
        allow("cloudwatch:PutMetricData", "*"),
        {"Effect": "Deny", "Action": "*", "Resource": "*"},
    ],
    ids=lambda one: str(one)[:60],
)
def test_careful(statement: dict[str, Any]) -> None:
    assert examine([statement], PURPOSE) == []


def test_writing_with_the_purpose_of_reading() -> None:
    (found,) = examine([allow("s3:PutObject"), allow("sqs:SendMessage")], "Counts the exports of the day.")
    assert (found.kind, found.grant) == ("writes", "s3:PutObject")


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        (
            {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}}}
                },
            },
            "anybody",
        ),
        (
            {
                "Type": "AWS::IAM::Role",
                "Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/Admin"]},
            },
            "managed policy",
        ),
        (
            {
                "Type": "AWS::Serverless::Function",
                "Properties": {"Handler": "a.b", "FunctionUrlConfig": {"AuthType": "NONE"}},
            },
            "anybody calls it",
        ),
    ],
    ids=["principal", "managed", "address"],
)
def test_the_rest_of_a_template(resource: dict[str, Any], kind: str) -> None:
    assert [one.kind for one in roles({"Resources": {"X": resource}}, PURPOSE)] == [kind]
