"""Rows of cells, and the scrollback they leave into."""
