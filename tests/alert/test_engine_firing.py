"""Of what an alert fires, for those who act on it: asked of nobody, and only what is bad now."""

from __future__ import annotations


async def test_who_is_bad_now(fleet) -> None:
    began = fleet.clock.wall()
    await fleet.down("a")
    await fleet.after(10)
    await fleet.down("b")
    assert fleet.engine.firing() == {"a": began, "b": began + 10}
    await fleet.up("a")
    assert list(fleet.engine.firing()) == ["b"]  # settling: it fires still, but is bad no longer
    await fleet.down("a")
    assert set(fleet.engine.firing()) == {"a", "b"}
    await fleet.up("a")
    await fleet.after(60)
    assert list(fleet.engine.firing()) == ["b"]
