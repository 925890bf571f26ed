"""What a node tells of its acts, as the command line gets it."""

from __future__ import annotations

import time
from typing import Any

NOW = time.time()
DAY = 86_400.0


def plan(**changes: Any) -> dict[str, Any]:
    return {
        "automation": "restart-stuck-worker",
        "action": "systemd:restart orders-worker@{component}",
        "count": 3,
        "targets": ["w3", "w7", "w11"],
        "shares": [{"label": "group", "value": "workers", "count": 3, "of": 12}],
        "lines": ["systemctl restart orders-worker@w3, with env:KEY", "…@w7", "…@w11"],
        "cells": ["eu-north", "eu-west"],
        "symptom": "stalled",
        "expect": "component alive within 30s",
        "undo": "irreversible",
        "destructive": False,
        "hash": "5f2b9c",
        "made": NOW,
        "refusals": [],
        "waits": False,
        **changes,
    }


def approval(**changes: Any) -> dict[str, Any]:
    return {
        "id": "7",
        "automation": "restart-stuck-worker",
        "owner": "payments",
        "who": "automation:restart-stuck-worker",
        "asked": NOW - 40,
        "ends": NOW + 3600,
        "answers": ["payments", "platform"],
        "why": "3 of group workers are stalled",
        "plan": plan(),
        "state": "waiting",
        "by": "",
        "note": "",
        **changes,
    }


def automation(**changes: Any) -> dict[str, Any]:
    return {
        "name": "restart-stuck-worker",
        "owner": "payments",
        "purpose": "It never recovers by itself.",
        "action": "systemd:restart orders-worker@{component}",
        "on": "component.stalled for 1m",
        "level": "approve",
        "declared": "act",
        "state": "ready",
        "why": "",
        "runs": 41,
        "verified": 41,
        "bound": 0.9296,
        "proposed": "act-small",
        "review": "2027-01-15",
        "overdue": False,
        "expires": "2027-03-31",
        "budgets": [
            {"name": "an hour", "used": 2, "most": 6, "unit": ""},
            {"name": "of group workers", "used": 0.08, "most": 0.25, "unit": "share"},
        ],
        "last": NOW - 420,
        "outcome": "verified",
        **changes,
    }


def stop(**changes: Any) -> dict[str, Any]:
    return {
        "id": "s1",
        "scope": "everything",
        "name": "",
        "owner": "",
        "who": "person:anna",
        "because": "it loops",
        "at": NOW - 60,
        "lifters": "Only person:anna may lift it",
        **changes,
    }


def board(**changes: Any) -> dict[str, Any]:
    lists = "stops breakglass approvals automations freezes reviews proofs unexplained"
    empty: dict[str, Any] = {name: [] for name in lists.split()}
    waiting = len(changes.get("approvals", ()))
    return {"version": 1, "at": NOW, "waiting": waiting, **empty, **changes}
