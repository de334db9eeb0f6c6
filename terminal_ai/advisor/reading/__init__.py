"""What was typed and what was printed, brought to the one form rules read."""
