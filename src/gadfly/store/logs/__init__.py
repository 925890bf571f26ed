"""Lines of logs: a journal that is synced before a line counts, then Parquet blocks; read by cursor."""

from gadfly.store.logs.line import SEVERITIES, Kept, Line, severity_name
from gadfly.store.logs.query import Gone, Page, Query
from gadfly.store.logs.store import LogStore

__all__ = ["SEVERITIES", "Gone", "Kept", "Line", "LogStore", "Page", "Query", "severity_name"]
