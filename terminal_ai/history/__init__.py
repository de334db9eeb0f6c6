"""Finished commands: bounded in memory, kept in SQLite, searchable."""

from terminal_ai.history.history import History

__all__ = ["History"]
