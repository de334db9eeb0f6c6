"""What a model is sent: chosen, trimmed, cleaned, counted."""
