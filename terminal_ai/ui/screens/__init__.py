"""Screens that lie over the terminal until they are closed."""
