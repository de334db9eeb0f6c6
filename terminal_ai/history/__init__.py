"""Finished commands: bounded in memory, kept in SQLite, searchable."""

from terminal_ai.history.history import History
from terminal_ai.history.query import HistoryQuery, RecordOrder

__all__ = ["History", "HistoryQuery", "RecordOrder"]
