"""A whole fleet from a seed: the clean part, what is planted in it, and then the half year runs."""

from __future__ import annotations

from fleet import acting, course, landscape, staff, trouble, truth, upkeep
from fleet.defects import PAIRS
from fleet.fleet import Fleet


def build(seed: int, components: int = 300) -> Fleet:
    """So many clean components, and about 250 more in which something is wrong, or only looks wrong."""
    fleet = Fleet(seed)
    staff.hire(fleet)
    landscape.settle(fleet, components)
    acting.automate(fleet, 24)
    for kind, pair in PAIRS.items():
        for sort in (True, False):
            pair(fleet, kind, sort)
    trouble.befall(fleet)
    acting.entitle(fleet)
    acting.approve(fleet)
    acting.guard(fleet)
    upkeep.maintain(fleet)
    upkeep.work(fleet)
    upkeep.foresee(fleet)
    upkeep.fill(fleet)
    upkeep.watch(fleet)
    upkeep.decide(fleet)
    trouble.deal(fleet)
    staff.write(fleet)
    course.samples(fleet)
    course.heartbeats(fleet)
    landscape.write(fleet)
    edges = [(row["src"], row["dst"]) for row in fleet.tables.rows["edge"]]
    truth.grade(fleet.defects, truth.downstream(edges, fleet.components), fleet.rng)
    return fleet
