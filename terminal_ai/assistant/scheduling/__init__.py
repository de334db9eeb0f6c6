"""When a request may run, and who waits for it."""
