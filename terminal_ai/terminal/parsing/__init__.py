"""From the byte stream to the calls a screen obeys."""
