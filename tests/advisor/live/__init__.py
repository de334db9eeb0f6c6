"""Failures that the real tools make on the spot, and what the advisor says to them."""
