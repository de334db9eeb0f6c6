"""What rules look at, and what they conclude from it."""
