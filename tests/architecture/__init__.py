"""The shape of the code: who imports whom, and how large a file may grow."""
