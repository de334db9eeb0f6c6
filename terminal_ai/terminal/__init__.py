"""The emulator: bytes in, grid and events out; no I/O, no clock, no Textual."""
