"""A real node: a function is deployed, called by hand, webhook and schedule, and denied what it lacks."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import hmac
import json
import sqlite3
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from gadfly.telemetry.frame import Frame, Kind, component_id, encode

pytestmark = pytest.mark.slow

SECRET = "a secret that nobody guesses"
HANDLER = """
import os
from gadfly_fn import Denied, components, http, silence

def handler(event, context):
    print("called", sorted(event) if event else event)
    found = components(name="shop")
    try:
        http("POST", "https://hooks.example.org/x", body=b"hello")
    except Denied as words:
        print("denied:", words)
    if event and "silence" in event.get("body", ""):
        silence("name=shop", 60, "the function is at it")
    return {"shop": [one["name"] for one in found], "pid": os.getpid()}
"""
TABLE = """
[component.shop]
owner = "ops"
[function.greet]
file = "greet.py"
owner = "ops"
purpose = "Looks at the shop, and silences it where it is asked to."
on = ["schedule: * * * * * UTC", "webhook: github file:SECRET"]
grants = ["component:read name=shop", "alert:silence name=shop"]
limits = { time = "20s" }
review = 2099-01-01
"""


class Asks:
    """The node's API, and its command line, as somebody with the local token."""

    def __init__(self, place: Any, node: Any) -> None:
        self.url = f"http://127.0.0.1:{place.tcp}"
        self._token = node.access.local

    def _fetch(self, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Any]:
        request = urllib.request.Request(self.url + path, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    async def __call__(self, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        return await asyncio.to_thread(self._fetch, f"/api/v1/{path}", data, headers)

    async def deliver(self, body: bytes, secret: str = SECRET) -> tuple[int, Any]:
        signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-hub-signature-256": f"sha256={signed}", "content-type": "application/json"}
        return await asyncio.to_thread(self._fetch, "/fn/greet", body, headers)

    async def calls(self, **query: str) -> list[dict[str, Any]]:
        asked = "&".join(f"{key}={value}" for key, value in query.items())
        _, page = await self(f"invocations?function=greet&{asked}")
        found: list[dict[str, Any]] = page["invocations"]
        return found


async def test_a_function_from_its_file_to_its_calls(place: Any, until: Any) -> None:
    soon = (dt.datetime.now(dt.UTC) + dt.timedelta(days=30)).date().isoformat()
    (place.folder / "SECRET").write_text(SECRET)
    file = place.folder / "greet.py"
    file.write_text(HANDLER)
    place.write(TABLE.replace("2099-01-01", soon).replace("file:SECRET", f"file:{place.folder / 'SECRET'}"))
    async with place.node() as node:
        asks = Asks(place, node)
        status, said = await asks("functions/greet/invoke", {})
        assert (status, "deploy" in said["detail"]) == (409, True)
        assert any("not deployed" in one for one in node.functioning.warnings())
        _, stands = await asks("story?name=function:greet")
        assert (stands["verdict"], stands["reason"]) == ("unknown", "nothing is deployed yet")

        status, version = await asks("functions/greet/deploy", {})
        assert (status, version["files"]) == (200, 1)
        assert not node.functioning.warnings()
        _, stands = await asks("story?name=function:greet")
        assert stands["verdict"] == "healthy"
        assert "loaded when it was deployed" in stands["reason"]

        # By hand: the answer, what it wrote, and what it was denied.
        status, told = await asks("functions/greet/invoke", {"event": {"a": 1}, "wait": 20})
        assert (status, told["state"], told["answer"]["shop"]) == (200, "done", ["shop"])
        assert "called ['a']\ndenied: http:POST https://hooks.example.org/x is not granted" in told["output"]
        assert told["used"] == {"component:read name=shop": 1}
        assert told["denied"] == {"http:POST https://hooks.example.org/x": 1}
        assert told["tries"][0]["version"] == version["hash"]

        # By webhook: signed, known the second time, refused where it is not signed.
        body = b'{"silence": true}'
        status, first = await asks.deliver(body)
        assert (status, first["known"]) == (202, False)
        assert (await asks.deliver(body))[1] == {"id": first["id"], "known": True}
        assert (await asks.deliver(body, "another secret of the same length"))[0] == 401

        async def over() -> Any:
            (call,) = [one for one in await asks.calls() if one["id"] == first["id"]]
            assert not call["reason"], call
            return call if call["state"] == "done" else None

        done = await until(over, 30)
        assert done["called"].startswith("webhook: github")
        _, whole = await asks(f"invocations/{first['id']}")
        assert json.loads(json.loads(whole["event"])["body"]) == {"silence": True}
        (silence,) = (await asks("silences"))[1]["silences"]
        assert (silence["match"], silence["who"]) == ({"component": "shop"}, "function:greet")

        # What cannot be loaded changes nothing; what was there before is gone back to.
        file.write_text("def handler(")
        status, refused = await asks("functions/greet/deploy", {})
        assert (status, "cannot be loaded" in refused["detail"]) == (422, True)
        file.write_text(HANDLER.replace('"shop":', '"later":'))
        assert (await asks("functions/greet/deploy", {}))[0] == 200
        _, later = await asks("functions/greet/invoke", {"wait": 20})
        assert "later" in later["answer"]
        assert (await asks("functions/greet/deploy", {"hash": version["hash"][:8]}))[0] == 200
        _, back = await asks("functions/greet/invoke", {"wait": 20})
        assert back["answer"]["shop"] == ["shop"]

        # Each call is a process of its own in a place of its own; the ledger has what was decided.
        _, story = await asks("functions/greet")
        assert [one["count"] > 0 for one in story["grants"]] == [True, True]
        assert len(story["versions"]) == 2
        _, page = await asks("ledger?kind=function&limit=50")
        events = [entry["body"]["event"] for entry in page["entries"]]
        assert events.count("deployed") == 2
        assert events.count("rolled back") == 1
        assert events.count("invoked") == 3

        # Made again by hand, with the event that it had.
        assert (await asks(f"invocations/{first['id']}/replay", {}))[0] == 202
        _, counted = await asks("functions/greet")
        assert counted["waiting"] <= 1

    # By schedule: of the times at which the node was not there, the last is made up for. What was deployed is
    # there after a restart, without anybody doing anything.
    with contextlib.closing(sqlite3.connect(place.folder / "state" / "gadfly.db")) as store:
        store.execute("UPDATE trigger_place SET place = place - 3600")
        store.commit()
    async with place.node() as node:
        asks = Asks(place, node)
        _, stood = await asks("story?name=function:greet")
        assert (stood["verdict"], stood["reason"]) == ("healthy", "its last call worked")

        async def scheduled() -> Any:
            return [one for one in await asks.calls(state="done") if one["called"].startswith("schedule")]

        assert await until(scheduled, 30)
        _, log = await asks("functions/greet/logs?limit=3")
        assert any("called ['account', 'detail'" in one["log"] for one in log["tries"])
        assert any("catchup = last" in one["reason"] for one in await asks.calls(state="skipped"))
        _, told = await asks("functions/greet/invoke", {"event": None, "wait": 20})
        assert told["answer"]["shop"] == ["shop"]


ASKER = """
from gadfly_fn import act, invoke, metric, Denied

def handler(event, context):
    told = act("mend")
    other = invoke("mender", {"by": "asker"})
    try:
        invoke("asker", None)
    except Denied as words:
        denied = str(words)
    return {"act": told["state"], "targets": told["targets"], "other": other, "denied": denied}
"""
MENDER = """
def handler(event, context):
    print("called", event)
    return event.get("detail-type") or event["by"]
"""
ACTING = """
[gate]
floor = "0%"
soak = "1s"
[component.shop]
owner = "ops"
group = "front"
probe.http = {{ url = "http://127.0.0.1:{tcp}/livez", every = "1s" }}
[function.asker]
file = "asker.py"
owner = "ops"
purpose = "Asks for the shop to be mended, and calls whoever mends it."
grants = ["act:request mend", "function:invoke mender"]
review = {soon}
[function.mender]
file = "mender.py"
owner = "ops"
purpose = "Says who called it, and mends nothing."
review = {soon}
[automation.mend]
owner = "ops"
purpose = "The shop is mended where somebody asks for it."
on = "manual"
targets = 'group = "front"'
run = "function:mender json.which={{component}}"
limits = {{ at_once = 1, group = "100%", fleet = "100%", per_hour = 6, tries_per_target = 3 }}
expect = "component healthy for 1s within 30s"
undo = "irreversible"
disturbs = false
level = "act"
expires = {soon}
review = {soon}
"""


async def test_a_function_asks_the_gate_and_an_automation_calls_a_function(place: Any, until: Any) -> None:
    soon = (dt.datetime.now(dt.UTC) + dt.timedelta(days=30)).date().isoformat()
    (place.folder / "asker.py").write_text(ASKER)
    (place.folder / "mender.py").write_text(MENDER)
    place.write(ACTING.format(tcp=place.tcp, soon=soon))
    async with place.node() as node:
        asks = Asks(place, node)
        for name in ("asker", "mender"):
            assert (await asks(f"functions/{name}/deploy", {}))[0] == 200
        await until(lambda: not node.unready)
        await until(lambda: node.components.counts().get("healthy"), 30)
        _, told = await asks("functions/asker/invoke", {"wait": 20})
        assert told["state"] == "done", told["tries"]
        answer = told["answer"]
        assert (answer["act"], answer["targets"], answer["other"]) == ("waiting", ["shop"], "asker")
        assert "function:invoke asker is not granted" in answer["denied"]

        (waiting,) = (await asks("act/approvals"))[1]["approvals"]
        assert waiting["who"] == "function:asker"
        status, approved = await asks(f"act/approvals/{waiting['id']}/approve", {"note": "it may"})
        assert (status, "runs as intent" in approved["then"]) == (200, True), approved

        async def called() -> Any:
            _, page = await asks("invocations?function=mender&state=done")
            return [one for one in page["invocations"] if one["called"] == "automation:mend"]

        (call,) = await until(called, 30)
        assert call["key"] == "intent 1 shop"

        async def states() -> Any:
            rows = await node.db.read(lambda c: c.execute("SELECT state FROM intent").fetchall())
            return rows == [("verified",)]

        await until(states, 30)


BREAKS = """
import json

def handler(event, context):
    if json.loads(event["body"])["bad"]:
        raise ValueError("nobody can do this")
    return "done"
"""


async def test_a_dead_letter_is_told_made_again_and_over(place: Any, until: Any) -> None:
    soon = (dt.datetime.now(dt.UTC) + dt.timedelta(days=30)).date().isoformat()
    (place.folder / "SECRET").write_text(SECRET)
    (place.folder / "greet.py").write_text(BREAKS)
    table = TABLE[TABLE.index("[function") :].replace("2099-01-01", f"{soon}\nretries = 0")
    table = table.replace("file:SECRET", f"file:{place.folder / 'SECRET'}") + '[alerting]\nsettle = "0s"\n'
    place.write(table)
    async with place.node() as node:
        asks = Asks(place, node)
        left_over = place.folder / "state" / "functions" / ("e" * 64)
        left_over.mkdir(parents=True)
        assert (await asks("functions/greet/deploy", {}))[0] == 200
        await until(lambda: not left_over.exists(), 30)  # each deploy has what is not kept any more removed
        assert (await asks.deliver(b'{"bad": true}'))[0] == 202
        (told,) = await until(lambda: [one for one in place.notifications() if one["status"] == "firing"], 30)
        (alert,) = told["alerts"]
        assert alert["labels"]["component"] == "function:greet"
        assert [alert["labels"][one] for one in ("kind", "owner", "group")] == [
            "function",
            "ops",
            "functions",
        ]
        assert "ValueError: nobody can do this" in json.dumps(alert["annotations"])
        _, story = await asks("story?name=function:greet")
        assert (story["verdict"], story["kind"], story["declared"]) == ("down", "function", True)
        assert "by its webhook failed once and was given up" in story["reason"]
        (dead,) = await asks.calls(state="dead")
        (place.folder / "greet.py").write_text(BREAKS.replace('["bad"]', '["bad"] == 1 and False'))
        assert (await asks("functions/greet/deploy", {}))[0] == 200
        assert (await asks(f"invocations/{dead['id']}/replay", {}))[0] == 202

        async def over() -> Any:
            return [one for one in await asks.calls(state="done") if one["id"] == dead["id"]]

        assert await until(over, 30)
        await until(lambda: [one for one in place.notifications() if one["status"] == "resolved"], 30)
        _, whole = await asks(f"invocations/{dead['id']}")
        assert [one["outcome"] for one in whole["tries"]] == ["failed", "ok"]
        assert (await asks("story?name=function:greet"))[1]["verdict"] == "healthy"

        # The next one is not made again: its function is taken out, and then nobody waits for its end.
        assert (await asks.deliver(b"{}"))[0] == 202

        def statuses() -> list[str]:
            return sorted(one["status"] for one in place.notifications())

        await until(lambda: statuses() == ["firing", "firing", "resolved"], 30)
        place.write('[alerting]\nsettle = "0s"\n')
        assert "function greet removed" in await node.reload()
        await until(lambda: statuses() == ["firing", "firing", "resolved", "resolved"], 30)

        # Put in again, it stands as its last call left it, which a restart of the node would say as well.
        place.write(table)
        assert "function greet added" in await node.reload()
        await until(lambda: statuses() == ["firing"] * 3 + ["resolved"] * 2, 30)
        _, story = await asks("story?name=function:greet")
        assert "failed once and was given up" in story["reason"]


async def test_cells_are_made_anew_and_go_when_nobody_uses_them(place: Any) -> None:
    soon = (dt.datetime.now(dt.UTC) + dt.timedelta(days=30)).date().isoformat()
    (place.folder / "mender.py").write_text(MENDER)
    (place.folder / "asker.py").write_text(ASKER)
    place.write(ACTING.format(tcp=place.tcp, soon=soon))
    async with place.node() as node:
        asks = Asks(place, node)
        warm = node.functioning._warm
        assert (await asks("functions/mender/deploy", {}))[0] == 200
        assert warm.count == 0
        call = {"event": {"by": "hand"}, "wait": 20}
        assert (await asks("functions/mender/invoke", call))[1]["answer"] == "hand"
        assert warm.count == 1
        assert (await asks("functions/mender/invoke", call))[1]["answer"] == "hand"
        assert warm.count == 1
        assert warm.tidy(3600) == 0
        assert warm.tidy(0) == 1
        assert (await asks("functions/mender/invoke", call))[1]["answer"] == "hand"
        (kept,) = warm._cells.values()
        kept.cell.close()
        assert (await asks("functions/mender/invoke", call))[1]["answer"] == "hand"
        warm.tidy(0)
        assert warm._template is None  # it goes with the last cell, and comes again
        assert (await asks("functions/mender/invoke", call))[1]["answer"] == "hand"


async def test_a_reload_brings_and_takes_functions(place: Any, until: Any) -> None:
    soon = (dt.datetime.now(dt.UTC) + dt.timedelta(days=30)).date().isoformat()
    (place.folder / "SECRET").write_text(SECRET)
    (place.folder / "greet.py").write_text(BREAKS)
    table = TABLE[TABLE.index("[function") :].replace("2099-01-01", soon)
    table = table.replace("file:SECRET", f"file:{place.folder / 'SECRET'}")
    async with place.node() as node:
        asks = Asks(place, node)
        assert (await asks.deliver(b'{"bad": false}'))[0] == 404
        # Who was heard in its name is forgotten when it is declared, with their alert.
        name, words = "function:greet", b'{"name":"function:greet","host":"ghost","needs":["ghost"]}'

        def say(kind: Kind, sequence: int) -> None:
            frame = Frame(kind, component_id(name), 1, sequence, time.time_ns(), 60_000, 2, payload=words)
            node.hearing.inject(encode(frame, None), ("127.0.0.1", 0))

        say(Kind.announce, 1)

        async def alerts() -> Any:
            return [one for one in await node.engine.alerts() if one.component == name]

        await until(alerts, 30)
        place.write(table)
        assert "function greet added" in await node.reload()
        assert not await alerts()
        say(Kind.announce, 2)
        await until(lambda: node.hearing.counters()["dropped_own"] == 1, 30)
        _, heard = await asks(f"story?name={name}")
        assert (heard["verdict"], heard["host"], heard["needs"], heard["beats"]) == ("unknown", "", [], None)
        # What waits for a version runs as soon as there is one.
        assert (await asks.deliver(b'{"bad": false}'))[0] == 202
        assert (await asks.calls())[0]["state"] == "waiting"
        assert (await asks("functions/greet/deploy", {}))[0] == 200

        async def over() -> Any:
            return (await asks.calls())[0]["state"] == "done"

        assert await until(over, 30)
        place.write(table.replace("alert:silence name=shop", "alert:silence group=front"))
        assert any("alert:silence group=front" in line for line in await node.reload())
        _, story = await asks("functions/greet")
        assert [one["line"] for one in story["grants"]][1] == "alert:silence group=front"
        place.write("")
        assert "function greet removed" in await node.reload()
        assert (await asks("functions/greet"))[0] == 404
        assert (await asks.deliver(b'{"bad": false}'))[0] == 404


async def test_without_functions_there_is_no_process(place: Any, until: Any) -> None:
    async with place.node() as node:
        assert node.functioning._warm._template is None
        assert node.functioning.metrics() == []
        assert not (Path(place.folder) / "state" / "functions").exists()
