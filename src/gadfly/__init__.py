"""gadfly keeps operations awake: it listens for heartbeats, enquires, and tells the one who answers.

The names here are what a watched program uses; they are loaded when first used, so that `import gadfly`
costs nothing.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gadfly.instrument import Counter, Gauge, Health, Heart, Histogram, Registry

__all__ = ["Counter", "Gauge", "Health", "Heart", "Histogram", "Registry"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name in __all__:
        from gadfly import instrument

        return getattr(instrument, name)
    raise AttributeError(f"module 'gadfly' has no attribute {name!r}")
