"""The terminal around us: its keys and its modes."""
