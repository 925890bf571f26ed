"""When something with a limit is full, as a distribution: disks, memory, quotas, connections.

Theory of operation
-------------------
A straight line through the last hours is wrong about nearly everything that fills: offices sleep, logs are
rotated, clean-up jobs run at night. What a series will do is best told by what it did. So each moment of its
own past is asked: *had you stood where it stands now, when would it have been full?* Every such moment is
followed by what really came after it, hour by hour, clean-ups and all (the method of analogues of Lorenz,
1969, which for a series' own past is a bootstrap with blocks as long as the horizon). The answers are
weighted by how alike the moment was to now:

* the same hour, and the same weekday, as far as those are seen to matter to this series,
* as much written since the last clean-up,
* not too long ago.

Three things that no replay knows are added:

* **momentum**: it grows faster now than it ever did at this hour. What share of such an excess went on before
  is counted in its own past; where there was none it is supposed to go on.
* **a clean-up that does not come**: it is overdue in time and in what was written, so the habit may be over.
  By the rule of succession; then growth is replayed without the clean-ups.
* **rescues**: what somebody freed because it was full, or freed once, will not happen by itself again.
  It is taken out of the past.

Levels here are minus what is left, in the gauge's own unit: they rise, and at 0 it is full. Hours are the
clock's (whole hours since the epoch).
"""

from __future__ import annotations

from gadfly.predict.capacity.filling import Filling
from gadfly.predict.capacity.foresee import LEAST, foresee, time_to_full
from gadfly.predict.capacity.hours import Hours
from gadfly.predict.capacity.known import known
from gadfly.predict.capacity.levels import HISTORY, Levels, gathered

__all__ = [
    "HISTORY",
    "LEAST",
    "Filling",
    "Hours",
    "Levels",
    "foresee",
    "gathered",
    "known",
    "time_to_full",
]
