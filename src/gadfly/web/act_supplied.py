"""What a request gives with an act: parameters, what was read for it, and the data that it puts in force."""

from __future__ import annotations

from gadfly.act.plan import Data, Input
from gadfly.act.plans.planning import Supplied
from gadfly.act.scene import PICTURE
from gadfly.web.answers.act_requests import Planning
from gadfly.web.problem import Trouble


def supplied(wanted: Planning) -> Supplied:
    """What a request gives with an act. 422 where it speaks for the node's own picture."""
    if any(one.name == PICTURE for one in wanted.inputs):
        raise Trouble(422, f"{PICTURE!r} is what the node itself sees; name what you have read otherwise.")
    data = wanted.data
    return Supplied(
        parameters=dict(wanted.parameters),
        inputs=tuple(
            Input(name=one.name, at=one.at, complete=one.complete, quorum=one.quorum) for one in wanted.inputs
        ),
        data=None
        if data is None
        else Data(
            size=data.size, before=data.before, limit=data.limit, blank=data.blank, invalid=data.invalid
        ),
    )
