"""Functions as people begin them, with a sample event each, for record mode: what they need shows when they run."""

from __future__ import annotations

from typing import Any

FUNCTIONS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "chat-note": (
        """
import gadfly_fn

def handler(event, context):
    depth = gadfly_fn.metric("queue_depth")
    answer = gadfly_fn.http("POST", "https://chat.example.org/hooks/ops", body={"text": str(depth)}, secret="chat")
    return answer.status
""",
        [{"event": {}}],
    ),
    "tidy-uploads": (
        """
import gadfly_fn

def handler(event, context):
    found = gadfly_fn.http("GET", "https://files.example.org/uploads?older=1d", secret="files").json()
    for one in found["names"]:
        gadfly_fn.http("DELETE", f"https://files.example.org/uploads/{one}", secret="files")
    return len(found["names"])
""",
        [
            {
                "event": {},
                "answers": {
                    "http:GET https://files.example.org/uploads": {"names": ["a", "b", "c", "d", "e"]}
                },
            }
        ],
    ),
    "webhook-path-is-the-secret": (
        """
import gadfly_fn

def handler(event, context):
    return gadfly_fn.http("POST", "https://hooks.example.org/services/{secret:ops-hook}", body={"a": 1}).status
""",
        [{"event": {}}],
    ),
    "heal": (
        """
import gadfly_fn

def handler(event, context):
    for one in gadfly_fn.components(group="workers"):
        if one["verdict"] == "down":
            gadfly_fn.act("restart-worker", worker=one["name"])
    return "done"
""",
        [
            {
                "event": {},
                "answers": {"component:read group=workers": [{"name": "w1", "verdict": "down"}]},
            },
            {"event": {"second": True}},
        ],
    ),
    "two-events-two-paths": (
        """
import gadfly_fn

def handler(event, context):
    if event["kind"] == "order":
        return gadfly_fn.http("POST", "https://erp.example.org/orders", body=event).status
    return gadfly_fn.http("PUT", "https://erp.example.org/stock", body=event, headers={"X-Key": "{secret:erp}"}).status
""",
        [{"event": {"kind": "order"}}, {"event": {"kind": "stock"}}],
    ),
    "ratio": (
        """
import gadfly_fn

def handler(event, context):
    return gadfly_fn.metric("sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))")
""",
        [{"event": {}}],
    ),
    "scratch": (
        """
import sqlite3
import gadfly_fn

def handler(event, context):
    with sqlite3.connect("/tmp/work.db") as held:
        held.execute("CREATE TABLE a (b)")
        held.executemany("INSERT INTO a VALUES (?)", [("x" * 1000,) for _ in range(3000)])
        count, = held.execute("SELECT count(*) FROM a").fetchone()
    gadfly_fn.http("PUT", "https://site.example.org/count", body=str(count))
    return count
""",
        [{"event": {}}],
    ),
    "tries-and-goes-on": (
        """
import gadfly_fn

def handler(event, context):
    try:
        gadfly_fn.http("GET", "https://cache.example.org/rates")
    except gadfly_fn.Denied:
        pass
    gadfly_fn.silence("group=web", 600, "the hosts of the group reboot")
    return gadfly_fn.invoke("tell-shift", {"a": 1})
""",
        [{"event": {}}],
    ),
    "computes": (
        """
import hashlib

def handler(event, context):
    return hashlib.sha256(event["text"].encode()).hexdigest()
""",
        [{"event": {"text": "a"}}],
    ),
    "follows-a-redirect": (
        """
import gadfly_fn

def handler(event, context):
    return gadfly_fn.http("GET", "https://docs.example.org/start").text()
""",
        [
            {
                "event": {},
                "answers": {
                    "http:GET https://docs.example.org/start": {
                        "status": 302,
                        "headers": {"location": "/manual/start"},
                    }
                },
            }
        ],
    ),
}
"""Name → the code, and samples as `gadfly fn policy record` reads them."""
