"""A simulated company: services, checks, people and automations over half a year, with known defects in it.

`fleet.build.build(seed)` makes it, `Fleet.write(folder)` writes a file for each table of facts and, apart from
them, `truth.json`: what is wrong in it, and what only looks wrong.
"""
