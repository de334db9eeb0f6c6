"""The models of the service: what they are, which answer, and which are loaded."""

from terminal_ai.ui.screens.models.screen import ModelsScreen

__all__ = ["ModelsScreen"]
