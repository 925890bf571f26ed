"""Incidents of networks, and of what decides when it hears nothing."""

from __future__ import annotations

from incidents.incident import incident
from incidents.state import State


@incident("S06", "Google Cloud, maintenance of several sites", 39, 42, 70, 71)
def several_sites(s: State) -> None:
    """Maintenance stops clusters by automation. The control plane of the network runs on such clusters, which were
    marked as ones that maintenance may stop; the network does without it for some minutes. The tools with which
    trouble of the network is mended run over it.
    """
    s.component("backbone", 1, users=True, slo=0.9999)
    s.component("network-control", 1, slo=0.9999)
    s.component("cluster-manager", s.was(2, 1), slo=s.was(0.999, 0.9999))
    s.component("incident-tools", 2)
    s.edge("backbone", "network-control", "hard", cached=600.0)
    s.edge("network-control", "cluster-manager", "hard")
    s.edge("backbone", "incident-tools", "repair")
    s.edge("incident-tools", s.was("backbone", "spare-network"), "hard")
    s.component("spare-network", 1)
    s.function("stop-cluster", rollback="start-cluster")
    s.automation("maintenance", "stop-cluster", can_touch=["cluster-manager"])
    s.runs("maintenance", "stop-cluster", range(4, 150, 7))


@incident("S08", "Facebook, the backbone", 42, 43, 67, 71)
def backbone(s: State) -> None:
    """Commands of maintenance pass a tool that audits them. That it would let a bad one pass was seen first in the
    incident: none had been made for it to refuse, and none is told that it refused. Name servers need the
    backbone; the tools with which it is mended need names.
    """
    s.component("backbone", 1, users=True)
    s.component("name-servers", 1, users=True)
    s.component("repair-tools", 1)
    s.component("spare-access", 1)
    s.edge("name-servers", "backbone", "hard")
    s.edge("repair-tools", s.was("name-servers", "spare-access"), "hard")
    s.edge("backbone", "repair-tools", "repair")
    s.guard("command-audit", 12, proved=s.mended)


@incident(
    "S10",
    "GitHub, promotion across the country",
    7,
    37,
    50,
    51,
    66,
    leans_on="it had been needed some fourteen times, not often",
)
def promotion(s: State) -> None:
    """The failover of databases promotes by itself, also in another region; it did so since it was put in, and
    was needed some fourteen times. It acted as it was configured. Afterwards it may not cross regions by itself.
    """
    s.component("primary-database", 1)
    s.component("web", 1, users=True)
    s.edge("web", "primary-database")
    s.function("promote-replica", rollback="return-primary")
    s.automation(
        "failover", "promote-replica", earned=False, level=s.was(4, 2), can_touch=["primary-database"]
    )
    s.runs("failover", "promote-replica", range(20, 380, 26), targets=1)


@incident("S11", "GitHub, pairs that shot each other", 66, 67)
def pairs(s: State) -> None:
    """File servers in pairs take over from each other when they hear no beat; the beats go through the network
    that froze, and there is no third one to ask.
    """
    for number in (1, 2, 3, 4):
        first, second = f"file-server-{number}a", f"file-server-{number}b"
        s.component(first, 1, kind="host")
        s.component(second, 1, kind="host")
        for src, dst in ((first, second), (second, first)):
            s.edge(src, dst, "watch", fences=True, paths=1, witness=s.was(False, True))


@incident(
    "S19", "AWS, the internal network", 38, 49, 72, leans_on="nothing outside of it heard monitoring beat"
)
def internal_network(s: State) -> None:
    """Monitoring, and the network devices that it watches, are on one internal network; when this was full its
    operators had no figures and went by logs. So nothing outside of it told that monitoring itself had gone.
    Scaling was done by automation many times before, and well.
    """
    s.component("internal-network", 1, kind="device")
    s.component("front-services", 1, users=True)
    s.component("internal-monitoring-store", 1, kind="monitor")
    s.edge("front-services", "internal-network")
    s.edge("internal-monitoring-store", "internal-network")
    s.edge("internal-monitoring-store", "internal-network", "watch")
    s.monitor("internal-monitoring", dead_man=s.was(False, True))
    s.function("scale-service")
    s.automation("scaling", "scale-service", can_touch=["front-services"])
    s.runs("scaling", "scale-service", range(1, 150, 2))
