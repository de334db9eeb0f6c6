"""Generic performance helpers that know nothing of the application."""
