"""Series of samples: a journal and arrays for the newest hours, Parquet blocks read by DuckDB for the rest.

labels ── intern ──▶ index (label → value → ids)          names.log
batch ── admission ──▶ journal (fsync) ──▶ head           journal-*.log
head ── every hour ──▶ raw block ──▶ 1 min ──▶ 1 h        blocks/*.parquet
"""

from gadfly.store.series.batch import Batch, Refusal, Taken
from gadfly.store.series.series import Series

__all__ = ["Batch", "Refusal", "Series", "Taken"]
