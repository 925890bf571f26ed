"""The demo's gadfly.toml: a node of its own on loopback, and what must be there. The job `import` is in no
catalogue: what merely is there announces itself."""

from __future__ import annotations

import socket

TEMPLATE = """\
[node]
name       = "demo"
listen     = "127.0.0.1:{page}"
preset     = "local"
state      = "{state}"
watch_host = false

[heartbeat]
groups = ["239.192.71.70:{beats}"]

[receiver.terminal]
webhook = "http://127.0.0.1:{hook}/"

[owner.shop]
contact = ["receiver:terminal"]

[component.checkout]
owner   = "shop"
beats   = "1s"
because = "Without it nobody can pay."
probe.http = {{ url = "http://127.0.0.1:{checkout}/healthz", every = "1s", timeout = "1s" }}

[component.payments]
owner = "shop"
beats = "1s"
probe.http = {{ url = "http://127.0.0.1:{payments}/healthz", every = "1s", timeout = "1s" }}

[component.search]
owner = "shop"
beats = "1s"

[component.mailer]
owner = "shop"
beats = "1s"

[component.report]
kind     = "job"
owner    = "shop"
schedule = "every 4s"
grace    = "2s"
"""


def free_ports(count: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> list[int]:
    """Loopback ports that nobody uses now, all different."""
    sockets = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
