"""The ways that drills take: what one stands for, and who hears of it.

A failure of a rule is fed to the rule, one of a component to the alerts, one of a route to that route; from
there all three go on alike (:mod:`~gadfly.drilling_course.telling`). An automation is not told but stopped.
"""
