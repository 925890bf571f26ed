"""What goes into the watched program: heartbeats, health checks, metrics, systemd's watchdog.

Standard library only, no thread unless asked, and next to nothing imported until it is used.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gadfly.instrument.health import Health
    from gadfly.instrument.heart import Heart
    from gadfly.instrument.metrics import REGISTRY, Counter, Gauge, Histogram, Registry

__all__ = ["REGISTRY", "Counter", "Gauge", "Health", "Heart", "Histogram", "Registry"]

_HOME = {"Health": "health", "Heart": "heart"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'gadfly.instrument' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"gadfly.instrument.{_HOME.get(name, 'metrics')}"), name)
    globals()[name] = value
    return value
