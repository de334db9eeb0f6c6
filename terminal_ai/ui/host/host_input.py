"""What the host terminal sends, cut into whole keys, pastes and reports.

No I/O and no clock: the driver feeds text and calls ``flush`` when the rest of a
sequence has not come in time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

ESC = "\x1b"
PASTE_START = "\x1b[200~"
PASTE_END = "\x1b[201~"
PASTE_PIECE_CHARACTERS = 1 << 20
"""A longer paste is delivered in pieces, so that a lost end mark costs no memory."""
SEQUENCE_LIMIT_CHARACTERS = 4096
"""A longer control string of the host is given up."""

_CSI = re.compile(r"\x1b\[(?:\[[A-E]|[0-?]*[ -/]*[@-Z\\-~])")
_CSI_PART = re.compile(r"\x1b\[(?:\[?|[0-?]*[ -/]*)\Z")
# A reply starts like this; Alt+] or Alt+P followed by anything else is typing.
_STRING = re.compile(r"\x1b(?:\]\d|P[\d>!|]|_G)")
_STRING_END = re.compile(r"\x07|\x1b\\")
_REPLY = re.compile(
    r"\x1b\["
    r"(?:[?>=][\d;:]*[cn]|\d*[cn]|[?>=][\d;]*[Ru]|[\d;]*t|[\d;]*\$?[x-z]|>[\d;]*[mq])"
    r"\Z"
)
_CURSOR_REPORT = re.compile(r"\x1b\[(\d+);(\d+)R\Z")
_RESIZE_REPORT = re.compile(r"\x1b\[48;[\d:]+;[\d:]+;[\d:]+;[\d:]+t\Z")
_LARGEST_MODIFIER = 16


@dataclass(frozen=True, slots=True)
class Sequence:
    """One key press, mouse event or report, exactly as sent."""

    text: str


@dataclass(frozen=True, slots=True)
class PastedText:
    """The text of a bracketed paste, or a piece of a very long one."""

    text: str


Token = Sequence | PastedText


@dataclass(slots=True)
class HostInput:
    """The tokeniser: any chunking of the same text gives the same tokens.

    Replies nobody asked for (colours, device attributes, cursor reports) are dropped,
    because passed on they would be typed into the shell.
    """

    _buffer: str = field(default="", init=False)
    _is_pasting: bool = field(default=False, init=False)

    @property
    def is_pending(self) -> bool:
        """True while an incomplete sequence waits for its rest."""
        return bool(self._buffer) and not self._is_pasting

    def feed(self, text: str) -> Iterator[Token]:
        """Yield every token that is complete."""
        self._buffer += text
        while self._buffer:
            if self._is_pasting:
                token, used = self._next_of_paste()
            else:
                token, used = _next_token(self._buffer)
            if not used:
                return
            taken, self._buffer = self._buffer[:used], self._buffer[used:]
            if taken == PASTE_START and not self._is_pasting:
                self._is_pasting = True
            elif token is not None:
                yield token

    def flush(self) -> Iterator[Token]:
        """Give up waiting: a lone ESC is the Escape key, a half sequence is typing."""
        if not self.is_pending:
            return
        pending, self._buffer = self._buffer, ""
        if _STRING.match(pending) and len(pending) > len("\x1b]1"):
            return
        if len(pending) == len("\x1b[") and pending[0] == ESC != pending[1]:
            yield Sequence(pending)
            return
        yield Sequence(pending[0])
        yield from self.feed(pending[1:])
        yield from self.flush()

    def _next_of_paste(self) -> tuple[Token | None, int]:
        end = self._buffer.find(PASTE_END)
        if end == 0:
            self._is_pasting = False
            return None, len(PASTE_END)
        if end > 0:
            return PastedText(self._buffer[:end]), end
        if len(self._buffer) > PASTE_PIECE_CHARACTERS:
            used = len(self._buffer) - len(PASTE_END)
            return PastedText(self._buffer[:used]), used
        return None, 0


def _next_token(buffer: str) -> tuple[Token | None, int]:
    """Return the first token (None when it is to be dropped) and its length, or 0."""
    if buffer[0] != ESC:
        return Sequence(buffer[0]), 1
    if len(buffer) == 1:
        return None, 0
    introducer = buffer[1]
    if introducer == ESC:
        return _after_double_escape(buffer)
    if introducer == "[":
        return _control_sequence(buffer)
    if introducer == "O":
        return (Sequence(buffer[:3]), 3) if len(buffer) > 2 else (None, 0)
    if introducer in "]P_":
        return _control_string(buffer)
    return Sequence(buffer[:2]), 2


def _after_double_escape(buffer: str) -> tuple[Token | None, int]:
    """Alt with a named key is ESC before its sequence; otherwise ESC was pressed."""
    if len(buffer) == 2:
        return None, 0
    if buffer[2] not in "[O":
        return Sequence(ESC), 1
    token, used = _next_token(buffer[1:])
    if not used:
        return None, 0
    if not isinstance(token, Sequence) or buffer[1:].startswith(PASTE_START):
        return Sequence(ESC), 1
    return Sequence(buffer[: used + 1]), used + 1


def _control_sequence(buffer: str) -> tuple[Token | None, int]:
    match = _CSI.match(buffer)
    if match is None:
        waits = _CSI_PART.match(buffer) and len(buffer) < SEQUENCE_LIMIT_CHARACTERS
        return (None, 0) if waits else (Sequence(buffer[:2]), 2)
    text = match.group()
    return (None if _is_unsolicited(text) else Sequence(text)), len(text)


def _control_string(buffer: str) -> tuple[Token | None, int]:
    if len(buffer) == 2:
        return None, 0
    if _STRING.match(buffer) is None:
        return Sequence(buffer[:2]), 2
    if end := _STRING_END.search(buffer, 2):
        return None, end.end()
    return None, (len(buffer) if len(buffer) > SEQUENCE_LIMIT_CHARACTERS else 0)


def _is_unsolicited(text: str) -> bool:
    if report := _CURSOR_REPORT.match(text):
        # CSI 1;5R is also how Ctrl+F3 arrives; nobody asks for the cursor here.
        row, modifier = int(report[1]), int(report[2])
        return not (row == 1 and 1 < modifier <= _LARGEST_MODIFIER)
    if _RESIZE_REPORT.match(text):
        return False
    return _REPLY.match(text) is not None
