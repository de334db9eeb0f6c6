"""The lines around the terminal."""
