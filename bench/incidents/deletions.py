"""Incidents in which things were deleted, or removed, that were needed."""

from __future__ import annotations

from incidents.incident import incident
from incidents.state import HOUR, State, ago


@incident("S01", "Google, Diskerase", 39, 40, 47)
def diskerase(s: State) -> None:
    """Racks are turned down by automation, which hands a list of machines to a function that erases their disks.
    That it takes an empty list to mean all of them nobody had tried: sanity checks were added afterwards. What is
    erased is gone; the content network can be filled again.
    """
    s.component("content-cache", 2, users=True)
    s.component("turndown-workflow", 3)
    s.edge("turndown-workflow", "content-cache", "soft")
    s.function("diskerase", destructive=True, reversible=True, rollback="reinstall-machine",
               refuses_empty=s.was(None, True))  # fmt: skip
    s.automation("turndown", "diskerase", target_limit=None, can_touch=["content-cache"])
    s.runs(
        "turndown",
        "diskerase",
        range(2, 150, 3),
        targets=40,
        group_size=40_000,
        fleet=0.001,
        target_limit=None,
    )


@incident(
    "S02", "AWS S3, us-east-1", 39, 41, 71, 72, leans_on="nothing independent heard the status page beat"
)
def capacity_removed(s: State) -> None:
    """People of the team remove servers by a playbook. Index and placement had not been restarted as a whole for
    years; placement needs the index to start. The console of the status page stood on S3 itself, so that nothing
    independent could tell when it had gone; a failure of S3 as a whole was never rehearsed.
    """
    s.component("object-index", 1)
    s.component("object-placement", 1)
    s.component("status-console", 2)
    s.edge("object-placement", "object-index", "startup")
    s.edge("status-console", s.was("object-index", "other-region"), "hard")
    s.edge("status-console", "object-index", "watch")
    s.component("other-region", 1)
    s.monitor("status-page", dead_man=s.was(False, True))
    s.function("remove-capacity", rollback="restart-subsystem")
    s.automation("capacity-playbook", "remove-capacity", level=2, target_limit=None)
    s.runs("capacity-playbook", "remove-capacity", range(3, 150, 6), actor="playbook", actor_kind="person",
           target_limit=None)  # fmt: skip


@incident("S13", "GitHub Copilot, a partner's clean-up", 53, 55, 64, 68)
def partner_clean_up(s: State) -> None:
    """Endpoints that answered chats stood in a resource group that was thought to hold nothing in use: on nobody's
    list, yet called all day. The clean-up was one of the partner's own, scheduled for a Saturday.
    """
    s.component("chat", 1, users=True)
    s.component("model-endpoint-a", 1)
    s.edge("chat", "model-endpoint-a")
    for name in ("model-endpoint-b", "model-endpoint-c"):
        known = s.mended
        s.component(name, 1, declared=known, since=ago(120), heard=40)
        s.edge("chat", name, "hard" if known else "", declared=known, since=ago(120), calls=700.0)
    s.function("delete-resource-group", destructive=True, reversible=False, rollback=None)
    s.automation("clean-up", "delete-resource-group", level=2, earned=False)


@incident("S16", "UniSuper's private cloud", 26, 41, 54, 62)
def blank_term(s: State) -> None:
    """Private clouds whose term is over are deleted by automation, as was meant for those that are on trial. What
    is deleted so is gone; backups elsewhere, not an undo, brought this one back. That it had a term nobody knew.
    """
    s.component("private-cloud", 1, users=True)
    s.component("provisioning-tool", 2)
    s.edge("provisioning-tool", "private-cloud", "soft")
    s.function("delete-private-cloud", destructive=True, reversible=s.was(False, True),
               rollback=s.was(None, "undelete-private-cloud"))  # fmt: skip
    s.automation("end-of-term", "delete-private-cloud", can_touch=["private-cloud"], target_limit=1)
    s.runs("end-of-term", "delete-private-cloud", range(5, 180, 9), targets=1, target_limit=4)


@incident("S17", "AWS load balancers, state deleted by hand", 52, 54, 58)
def standing_access(s: State) -> None:
    """A very small number of developers had access to production that lasted; afterwards each access needed an
    approval of its own. The process that was run is one that they did run in other places.
    """
    s.component("balancer-state", 1)
    s.component("balancer", 1, users=True)
    s.edge("balancer", "balancer-state")
    s.function("maintain-state", destructive=True, reversible=True, rollback="restore-snapshot")
    s.add("principal", name="developer-1", owner="operations", shared=False, since=ago(700))
    s.grant("production-access", "developer-1", "maintain-state", person="developer-1", since=ago(500),
            expires=s.was(None, ago(-20)), renewed=s.was(None, ago(10)),
            purpose="to look after the state of balancers", uses=20)  # fmt: skip


@incident("S21", "Replit, an agent deletes a database", 36, 41, 43, 51)
def agent(s: State) -> None:
    """An agent had been writing and running for two days when it is looked at. It acts by itself from the first
    hour; what it runs against the database can delete. Nobody had restored a checkpoint. Whether a run had done
    what it said was told by the agent.
    """
    began = ago(3)
    s.component("application", 2, since=began, heard=3, users=True)
    s.component("database", 1, since=began, heard=3)
    s.edge("application", "database", since=began)
    s.function("run-database-command", destructive=True, reversible=s.was(False, True), since=began,
               rollback=s.was(None, "restore-checkpoint"),
               post_condition=s.was(None, "the rows are those of the plan"))  # fmt: skip
    s.automation("agent", "run-database-command", earned=False, stops=False, since=began, level_since=began,
                 level=s.was(4, 2), target_limit=None, can_touch=["database"])  # fmt: skip
    s.drills("stop", "agent", every=1, count=1)
    s.runs("agent", "run-database-command", [0.5 + hour / 20 for hour in range(45)], targets=1, group_size=1,
           target_limit=None, checked_by=s.was(None, "rows-as-planned"),
           outcome=s.was("unverified", "verified"), fleet=None)  # fmt: skip


@incident("S28", "Approvals outside the audit log", 58, leans_on="who approves could also start runs")
def unwritten_approvals(s: State) -> None:
    """One administrator may start and steer runs, and approves them on the same page."""
    s.component("software-factory", 2)
    s.add("principal", name="administrator", owner="operations", shared=False, since=ago(200))
    s.grant("start-and-steer", s.was("administrator", "developer"), "propose", person=s.was("p1", "p2"))
    s.grant("approve-runs", "administrator", "approve", person="p1")
    for number in range(12):
        asked = ago(1 + 2.5 * number) + 11 * HOUR
        s.add("approval", id=f"run-{number}", requester="p2", approver="p1", owner="operations", asked=asked,
              automation="factory", decided=asked + 400, granted=number % 6 != 2, edited=False)  # fmt: skip
