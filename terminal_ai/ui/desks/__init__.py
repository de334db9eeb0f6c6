"""What the user's actions do, kept apart from what shows them."""
