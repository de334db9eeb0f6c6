"""The history screen: finished commands, found, read, placed again."""

from terminal_ai.ui.screens.history.screen import (
    HistoryChoice,
    HistoryScreen,
    HistoryUse,
)

__all__ = ["HistoryChoice", "HistoryScreen", "HistoryUse"]
