"""Fire drills: how we would know that it works. Pure; the node's part is :mod:`gadfly.drilling`.

A drill sends a synthetic failure the way a real one goes, and notes who was told, how fast, and what did not
happen. The decisions are those of :mod:`gadfly.rules` and :mod:`gadfly.alert`, on a copy of what is open, so
that nothing of it stays: no alert, no incident, no flip, no count.
"""
