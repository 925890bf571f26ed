"""One blank parameter gives a private cloud a term of a year; when it ends, the cloud is deleted.

After Google Cloud and UniSuper, 2024-05.
"""

from __future__ import annotations

from scenario.fleet import Unit
from scenario.scenario import Scenario, Way
from scenario.world import World

DAY = 86_400.0
YEAR = 365 * DAY


def prepare(world: World) -> None:
    world.declare(
        "provision",
        "cloud:create {component}",
        owner="tenants",
        on='group = "tenant"',
        disturbs=False,
        undo="cloud:return {component}",
    )
    world.declare(
        "end-of-term",
        "cloud:delete {component}",
        owner="tenants",
        on='group = "tenant"',
        destructive=True,
        undo="irreversible",
    )


def delete(unit: Unit) -> None:
    unit.state = "gone"


def blank(world: World) -> None:
    """The form is sent with a field left empty; the tool reads that as its default, a year."""
    tenant = world.fleet["tenant-007"]

    def create(unit: Unit) -> None:
        unit.data["ends"] = world.now + YEAR

    for _ in range(3):
        world.attempt("provision", [tenant], create, parameters={"term": "", "size": "12"})
        world.wait(60)
    world.wait(YEAR)
    ends = tenant.data.get("ends")
    if isinstance(ends, float):
        world.attempt("end-of-term", [tenant], delete, due=ends)


def unannounced(world: World) -> None:
    """The term is over. Nobody was told, and a person of the provider's confirms what the tool asks."""
    tenant = world.fleet["tenant-007"]
    for _ in range(3):
        world.attempt("end-of-term", [tenant], delete, due=world.now, approver="person:tenants-lead")
        world.wait(DAY)


SCENARIO = Scenario(
    name="S16",
    title="A blank field becomes a term, and a term becomes a deletion",
    historic=1.0,
    unit="private clouds deleted",
    irreversible=True,
    harm=lambda world: float(sum(unit.state == "gone" for unit in world.fleet.group("tenant"))),
    prepare=prepare,
    ways=(Way("shape", blank), Way("announced", unannounced)),
)
