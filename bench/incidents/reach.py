"""Incidents in which something sound was done in too many places, too fast."""

from __future__ import annotations

from incidents.incident import incident
from incidents.state import DAY, HOUR, State, ago


@incident(
    "S04",
    "Reddit, an autoscaler switched off by hand",
    42,
    48,
    49,
    leans_on="its stop had not been practised",
)
def reverted_switch(s: State) -> None:
    """To stop the autoscaler somebody changes it on its host, and the package manager puts back what was changed
    by hand. It reads its picture from Zookeeper. Nobody had held it still for longer than the package manager
    lets be: that would have been seen.
    """
    s.component("zookeeper", 1)
    s.component("package-manager", 2)
    for name in ("application-servers", "cache-servers"):
        s.component(name, 1, users=True)
        s.edge(name, "zookeeper")
    s.edge("package-manager", "application-servers", "soft")
    s.function("scale-pool")
    s.automation("autoscaler", "scale-pool", stops=s.mended, can_touch=["application-servers", "cache-servers"],
                 stop_needs=s.was(["package-manager"], []))  # fmt: skip
    s.runs("autoscaler", "scale-pool", range(1, 150, 2))


@incident("S05", "Knight Capital", 14, 42, 43, 63)
def dead_code(s: State) -> None:
    """The router sends orders by itself; there was no procedure to stop it, nor had it been practised. The limit
    on the account was not linked to the entry of orders: it never stopped one. Mails about rejected orders came
    before and were no alarms to anybody; they woke nobody. A function unused for nine years was still there.
    """
    s.component("order-router", 1, users=True)
    s.component("old-order-function", 1, kind="function", heard=0, since=ago(3_300),
                until=s.was(None, ago(20)))  # fmt: skip
    s.function("route-order", reversible=True)
    s.automation("router", "route-order", stops=s.mended, can_touch=["order-router"])
    s.runs("router", "route-order", range(1, 150))
    s.guard("account-limit", 2_000, proved=s.mended)
    s.add("check", name="rejected-orders", component="order-router", owner="operations", kind="cause",
          severity="warning", pages=False, no_data="unknown", hold=300.0, span=60.0, interval=30.0,
          edited=ago(100), since=ago(900))  # fmt: skip
    for number in range(24):
        started = ago(2 + 2 * number) + 8 * HOUR
        s.add("alert", id=f"rejected-{number}", check="rejected-orders", component="order-router",
              owner="operations", started=started, ended=started + 1_200, severity="warning", page=False,
              end_reason="itself")  # fmt: skip


@incident("S15", "Datadog, an update in five regions", 30, 39, 64)
def unattended_updates(s: State) -> None:
    """The base image of each host came with a service that installs security updates. Nobody had put it on a list
    or answered for it; it asks a mirror for packages every day.
    """
    s.component("network-rules", 1, kind="host")
    s.component("package-mirror", 3)
    s.component("daily-upgrades", 3, declared=s.was(False, True), owner=s.was(None, "operations"), kind="job",
                hosts=20_000, since=ago(500), period=DAY, on_call=None, slo=None)  # fmt: skip
    s.edge("daily-upgrades", "package-mirror", "", declared=s.was(False, True), calls=14.0, since=ago(500))


@incident("S23", "Cloudflare, a generated file", 39, 43, 62)
def generated_file(s: State) -> None:
    """A file is generated every five minutes and taken by each proxy. The proxy has a limit of 200 features; some
    60 were in use, and no file had ever met the limit, on purpose or else.
    """
    s.component("proxy", 1, users=True)
    s.component("feature-store", 2)
    s.edge("proxy", "feature-store", "soft")
    s.function("publish-feature-file")
    s.automation("feature-files", "publish-feature-file", target_limit=None, can_touch=["proxy"])
    s.runs("feature-files", "publish-feature-file", range(1, 150), targets=400, fleet=1.0, target_limit=None)
    s.guard("feature-limit", 288, proved=s.mended)
    s.add("resource", name="features", component="proxy", owner="operations", unit="features", hard_limit=200.0,
          remedy=7 * DAY, watched=True, since=ago(400))  # fmt: skip
    for day in range(100):
        s.add("resource_daily", resource="features", day=int(ago(day + 1) // DAY), value=60.0 + day % 3)


@incident("S24", "Google Cloud, a policy with blank fields", 39, 40, 70)
def blank_policy(s: State) -> None:
    """Rows of policy are replicated to all regions within seconds, as always; all APIs rest on what reads them,
    which is as important and as well looked after as they are. The code that failed had come a fortnight before
    and had never run. Nobody had it on record.
    """
    s.component("public-apis", 1, users=True)
    s.component("policy-check", 1)
    s.component("policy-store", 1)
    s.edge("public-apis", "policy-check")
    s.edge("policy-check", "policy-store")
    s.add(
        "change", at=ago(7), subject="policy-check", kind="deploy", owner="operations", what="quota policies"
    )
    s.function("replicate-policy", refuses_empty=s.was(None, True))
    s.automation("policy-replication", "replicate-policy", target_limit=None, can_touch=["policy-store"])
    s.runs("policy-replication", "replicate-policy", range(1, 150), targets=42, group_size=42, fleet=1.0,
           target_limit=s.was(None, 4))  # fmt: skip


@incident(
    "S26", "Remediation that calls for itself", 35, 37, leans_on="a node had been reset in a loop before"
)
def remediation_loop(s: State) -> None:
    """A reset raises the event that calls for a reset: so it did on each node that was reset before, until a
    person took the node out. One of them was, twelve days before the look. Most resets were of nodes whose event
    did not come back.
    """
    s.component("gpu-nodes", 2, kind="host")
    s.function("reset-gpu")
    s.automation("gpu-remediation", "reset-gpu", can_touch=["gpu-nodes"])
    s.runs("gpu-remediation", "reset-gpu", range(20, 150, 3), targets=1)
    for number in range(s.was(6, 2)):
        day = 12 - number / 30
        s.runs("gpu-remediation", "reset-gpu", [day], targets=1, target="gpu-node-12", trigger="gpu-event",
               back=ago(day) + 10 * HOUR + s.was(1_500.0, 3 * DAY), recovered=ago(day) + 10 * HOUR + 200)  # fmt: skip
