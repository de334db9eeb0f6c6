"""What a model said: read while it grows, judged when it is complete."""
