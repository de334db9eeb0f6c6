"""The widget that shows the emulator."""
