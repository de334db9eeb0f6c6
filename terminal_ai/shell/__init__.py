"""Processes: the pty, shell integration, command capture, resource use."""
