"""Turns what the scanner found into calls on the screen.

Text and single controls go to the screen directly, standard sequences through pyte's
``Stream``. What pyte does not know, or gets wrong, is looked up in the tables of
``dispatch``, and everything else is swallowed and counted.
"""

from collections.abc import Callable
from typing import cast

import pyte

from terminal_ai.terminal.dispatch import (
    control_actions,
    csi_actions,
    escape_actions,
)
from terminal_ai.terminal.events import Event, PromptMark
from terminal_ai.terminal.osc import OperatingSystemCommands
from terminal_ai.terminal.screen import Screen

Emit = Callable[[Event], None]

PYTE_SEQUENCES = {
    **dict.fromkeys("@ABCDEFGJKLMPXcdgn", 1),
    **dict.fromkeys("Hfr", 2),
    **dict.fromkeys("hl", 32),
    **dict.fromkeys(("?J", "?K", "?n"), 1),
    **dict.fromkeys(("?h", "?l"), 32),
}
"""Sequences that pyte dispatches right, with the most parameters it bears."""

PYTE_ESCAPES = frozenset(["7", "8", "D", "M", "H", "c", "#8"])

MARK_OPTIONS_LIMIT = 32


class Interpreter:
    """The scanner's sink: drives one screen."""

    def __init__(
        self, screen: Screen, emit: Emit, take_raw: Callable[[bytes], None]
    ) -> None:
        self._screen = screen
        self._emit = emit
        # pyte is typed for its own Screen; any object with its events will do.
        self._stream = pyte.Stream(cast("pyte.Screen", screen))
        self.text = screen.draw
        self.new_line = screen.next_line
        self.raw = take_raw
        self._controls = control_actions(screen)
        self._escapes = escape_actions(screen)
        self._sequences = csi_actions(screen)
        self._commands = OperatingSystemCommands(screen, emit)

    def control(self, code: int) -> None:
        """Run a C0 control; those without a meaning are ignored."""
        if action := self._controls.get(code):
            action()

    def csi(self, kind: str, parameters: str) -> None:
        """Run a control sequence."""
        if (limit := PYTE_SEQUENCES.get(kind)) and ":" not in parameters:
            if parameters.count(";") >= limit:
                parameters = ";".join(parameters.split(";")[:limit])
            prefix = "?" if kind[0] == "?" else ""
            self._stream.feed(f"\x1b[{prefix}{parameters}{kind[-1]}")
        elif action := self._sequences.get(kind):
            action(parameters)
        else:
            self._screen.ignore_sequence()

    def escape(self, intermediates: str, final: str) -> None:
        """Run an escape sequence."""
        if intermediates + final in PYTE_ESCAPES:
            self._stream.feed(f"\x1b{intermediates}{final}")
        elif action := self._escapes.get(intermediates + final):
            action()
        else:
            self._screen.ignore_sequence()

    def dcs(self, payload: bytes) -> None:  # noqa: ARG002 - none is understood yet
        """Run a device control string."""
        self._screen.ignore_sequence()

    def osc(self, payload: bytes) -> None:
        """Run an operating system command."""
        if not self._commands.run(payload):
            self._screen.ignore_sequence()

    def mark(self, payload: bytes) -> None:
        """Report a prompt mark; whether it is genuine is for the shell layer to say."""
        kind, *items = payload[4:].decode("utf-8", "replace").split(";")
        arguments: list[str] = []
        options: dict[str, str] = {}
        for item in items[:MARK_OPTIONS_LIMIT]:
            key, equals, value = item.partition("=")
            if equals and key.isidentifier():
                options.setdefault(key, value)
            else:
                arguments.append(item)
        self._emit(PromptMark(kind, tuple(arguments), options))
