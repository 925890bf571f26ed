"""The template: what grants and triggers become, and that AWS' own tools and a stand-in of AWS take it."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gadfly.functions.export import check, sam
from gadfly.functions.export.expression import ExportError
from gadfly.functions.export.lost import lost
from gadfly.functions.function import Function, Limits
from gadfly.functions.grant import parse


def function(*grants: str, on: tuple[str, ...] = (), **more: Any) -> Function:
    return Function(
        name="tidy",
        path="/f/tidy.py",
        module="tidy",
        handler="handler",
        owner="platform",
        purpose="Deletes exports that nobody fetched for a month.",
        on=on,
        grants=tuple(parse(one) for one in grants),
        review=dt.date(2030, 1, 1),
        **more,
    )


EVERYTHING = function(
    "http:DELETE https://files.example.org/exports/*",
    "secret:use files",
    "metric:read exports",
    "function:invoke other",
    "scratch:1GiB",
    on=(
        "schedule: 15 3 * * 1-5 Europe/Berlin",
        "webhook: github env:HOOK",
        "logs: unit=shop match=ERROR",
        "logs: unit=web match=5[0-9]+",
    ),
    limits=Limits(seconds=90.5, memory=300 << 20, scratch=1 << 30, at_once=2),
    jitter=600.0,
)


def properties(found: dict[str, Any]) -> dict[str, Any]:
    return found["Resources"]["Function"]["Properties"]  # type: ignore[no-any-return]


def test_everything_in_one() -> None:
    found = sam.template(EVERYTHING)
    held = properties(found)
    assert (held["Timeout"], held["MemorySize"], held["EphemeralStorage"]) == (91, 300, {"Size": 1024})
    assert held["Handler"] == "gadfly_fn.signed"
    assert held["Environment"]["Variables"]["GADFLY_HANDLER"] == "tidy.handler"
    assert [one["Type"] for one in held["Events"].values()] == [
        "ScheduleV2",
        "CloudWatchLogs",
        "CloudWatchLogs",
    ]
    schedule = held["Events"]["Trigger1"]["Properties"]
    assert schedule["ScheduleExpressionTimezone"] == "Europe/Berlin"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10}
    assert json.loads(schedule["Input"]["Fn::Sub"])["detail-type"] == "Scheduled Event"
    assert [one["Properties"]["LogGroupName"] for one in held["Events"].values() if "L" in one["Type"]] == [
        {"Ref": "Follows1"},
        {"Ref": "Follows2"},
    ]
    assert set(found["Parameters"]) == {"Follows1", "Follows2", "Node"}
    assert check.roles(found, EVERYTHING.purpose) == []


def test_a_role_has_what_is_granted_and_nothing_else() -> None:
    found = sam.template(function("http:GET https://h.example/a"))
    statements = found["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    actions = {action for one in statements for action in one["Action"]}
    assert actions == {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"}
    assert "FunctionUrlConfig" not in properties(found)
    assert properties(found)["Handler"] == "tidy.handler"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (function("alert:silence group=web"), "alert:silence group=web goes through the gate"),
        (function("act:request restart"), "act:request restart goes through the gate"),
        (function(on=("webhook: github env:A", "webhook: github env:B")), "one address"),
        (function(on=("schedule: 0 0 1 * 1 UTC",)), "two kinds of days"),
        (function(on=("sometimes",)), "calls nothing"),
        (function(on=("logs: unit=nginx severity=error",)), "goes by severity"),
    ],
    ids=["silence", "act", "webhooks", "days", "trigger", "severity"],
)
def test_what_has_no_counterpart(made: Function, words: str) -> None:
    with pytest.raises(ExportError, match=words):
        sam.template(made)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (function(), []),
        (function(on=("logs: match=timed out",)), []),
        (
            function(on=("logs: unit=nginx host=web* severity=error match=timed out",)),
            ["severity of", "Follows1 must be a log group of host=web* unit=nginx alone"],
        ),
        (function(on=("logs: match=x",), batch=7, gather=1.0), ["batch is not", "gather is not"]),
        (function(on=("schedule: 0 1 * * * UTC",)), ["overlap = skip is not there"]),
        (
            function(on=("schedule: 0 1 * * * UTC",), overlap="queue", catchup="all", jitter=5.0),
            ["catchup = all", "jitter is a minute"],
        ),
        (function(on=("schedule: 0 1 * * * UTC",), overlap="queue", catchup="none"), ["catchup = none"]),
        (function(on=("webhook: github env:A",), retries=5), ["retries = 5 is 2 there"]),
    ],
    ids=["none", "lines", "filters", "batch", "overlap", "all", "late", "retries"],
)
def test_what_is_otherwise_there_is_said(made: Function, words: list[str]) -> None:
    found = lost(made)
    assert [one[: len(start)] for one, start in zip(found, words, strict=True)] == words
    text = sam.text(sam.template(made), made)
    assert all(f"# Otherwise than here: {one}." in text for one in found)


def test_the_text_says_which_secrets_are_needed() -> None:
    text = sam.text(sam.template(EVERYTHING), EVERYTHING)
    needed = [line for line in text.splitlines() if line.startswith("# Needs the secret")]
    assert [line.split()[4] for line in needed] == [
        "gadfly/files",
        "gadfly/node-token",
        "gadfly/tidy-webhook-1",
    ]
    assert yaml.safe_load(text) == sam.template(EVERYTHING)


@pytest.mark.slow
def test_cfn_lint_has_nothing_to_say(tmp_path: Path) -> None:
    place = tmp_path / "template.yaml"
    place.write_text(sam.text(sam.template(EVERYTHING), EVERYTHING))
    lint = Path(sys.executable).with_name("cfn-lint")
    ran = subprocess.run([lint, place], capture_output=True, text=True, check=False, timeout=100)
    assert (ran.returncode, ran.stdout) == (0, "")


ACCEPTED = """
import json, os, sys, warnings
warnings.simplefilter("ignore")
import boto3, yaml
from moto import mock_aws
from samtranslator.translator.transform import transform

class Names:
    def load(self):
        return {}

template = yaml.safe_load(open(sys.argv[1]))
template["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://bucket/code.zip"
parameters = {"Node": "https://node.example.org", "Follows1": "/a", "Follows2": "/b"}
plain = transform(template, dict(parameters), Names())
plain["Outputs"].pop("Address")  # it knows no addresses of functions
with mock_aws():
    boto3.client("s3").create_bucket(Bucket="bucket")
    import io, zipfile
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("tidy.py", "def handler(event, context): return 1")
    boto3.client("s3").put_object(Bucket="bucket", Key="code.zip", Body=held.getvalue())
    for name in ("/a", "/b"):
        boto3.client("logs").create_log_group(logGroupName=name)
    stacks = boto3.client("cloudformation")
    stacks.create_stack(
        StackName="s",
        TemplateBody=json.dumps(plain),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    status = stacks.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"]
    made = boto3.client("lambda").get_function(FunctionName="tidy")["Configuration"]
    role = made["Role"].rsplit("/", 1)[-1]
    policy = boto3.client("iam").get_role_policy(RoleName=role, PolicyName="grants")["PolicyDocument"]
    print(json.dumps({"status": status, "handler": made["Handler"], "statements": str(policy).count("Sid")}))
"""


@pytest.mark.slow
def test_a_stand_in_of_aws_accepts_it(tmp_path: Path) -> None:
    assert importlib.util.find_spec("moto")
    place = tmp_path / "template.yaml"
    place.write_text(sam.text(sam.template(EVERYTHING), EVERYTHING))
    ran = subprocess.run(
        [sys.executable, "-c", ACCEPTED, str(place)],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={
            **os.environ,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
        },
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert json.loads(ran.stdout) == {
        "status": "CREATE_COMPLETE",
        "handler": "gadfly_fn.signed",
        "statements": 4,
    }
