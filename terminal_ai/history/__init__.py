"""Finished commands: bounded in memory, kept in SQLite, searchable."""
