"""The table of the series: how long they are kept, on how much disk, and what is refused."""

from __future__ import annotations

from gadfly.config.section import Duration, Section


class Series(Section, frozen=True, kw_only=True):
    """Samples and what becomes of them: first each one, then minutes, then hours, then nothing."""

    raw: Duration = Duration(15 * 86400.0)
    """How long every sample is kept; as Prometheus. Older ones become one row a minute."""
    minutes: Duration = Duration(90 * 86400.0)
    """How old rows of a minute may become before they become rows of an hour: a quarter's reports still see
    minutes."""
    hours: Duration = Duration(730 * 86400.0)
    """How old rows of an hour may become: two years, so that a season can be compared with the one before."""
    disk_mb: int = 8192
    """What all of it may take on disk. Beyond it the oldest is thinned sooner: first samples to minutes, then
    minutes to hours, then the oldest hours go. 8 GB: a billion samples and some, and less than most disks
    have free."""
    memory_mb: int = 256
    """What DuckDB may use while it reads or writes blocks; beyond it spills to disk."""
    series: int = 1_000_000
    """Series known at once, about 700 bytes of memory each."""
    series_per_source: int = 100_000
    """Series of one source that are live (had a sample in the last two hours). One that names a series after
    every request is stopped here and the others go on."""
    labels: int = 64
    """Labels of one series. Kubernetes' busiest have about 30."""
    label_bytes: int = 2048
    """Bytes of one label's name and value together: a long URL fits, a stack trace does not."""
    batch: int = 1_000_000
    """Samples in one batch; 20 MB of memory."""
    ahead: Duration = Duration(600.0)
    """How far ahead of this node's clock a sample may be. Ten minutes as in Prometheus: clocks differ, and a
    sample of next year would stop a series until then."""
    own: int = 50_000
    """Series that the node writes of itself: six for the heartbeats of a component, about five for a probe.
    Enough for 6,600 components at less than a gigabyte a day; a million of them do not fill the disk."""
