"""An answer that grows on a terminal: its text on stdout, where it stands on stderr."""

import os
import sys

from terminal_ai.headless.answers import command_text, phase_label
from terminal_ai.headless.printing import print_text
from terminal_ai.records import AnswerUpdate
from terminal_ai.safety.sanitize import sanitize_text

_CLEAR_LINE = "\r\x1b[K"


class GrowingAnswer:
    """Follows the updates of one answer; writes only where somebody watches."""

    def __init__(self, *, writes_text: bool) -> None:
        self.writes_text = writes_text
        self._writes_state = (
            sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        )
        self._state = ""
        self._written = ""

    def show(self, update: AnswerUpdate) -> None:
        """Write what is new."""
        text = sanitize_text(update.explanation)
        if not (text and self.writes_text):
            label = phase_label(update.phase)
            self._show_state(f"{label} …" if label else "")
            return
        self._show_state("")
        if text.startswith(self._written):
            print_text(text[len(self._written) :])
        else:
            # What looked like text turned out to be the form around it.
            print_text(f"\n\n{text}")
        self._written = text
        if update.answer is not None:
            print_text(f"\n{command_text(update.answer)}")

    def stop(self) -> None:
        """Take back what stands in the way of the next line."""
        self._show_state("")

    def _show_state(self, state: str) -> None:
        if not self._writes_state or state == self._state:
            return
        self._state = state
        sys.stderr.write(f"{_CLEAR_LINE}{state}")
        sys.stderr.flush()
