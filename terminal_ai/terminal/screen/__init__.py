"""What control functions do: the screen, built up in layers."""
