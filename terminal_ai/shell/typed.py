"""What is printed between a prompt and Enter, to read a command line from."""

import re

from terminal_ai.plaintext import plain_text

TYPED_LIMIT_BYTES = 65_536
# Line editors switch bracketed paste off when a line is entered; what follows is
# the shell's or the command's.
_LINE_ENTERED = b"\x1b[?2004l"


class TypedText:
    """The first bytes that were printed since the prompt."""

    def __init__(self) -> None:
        self._data = bytearray()

    def append(self, data: bytes) -> None:
        """Add bytes, as far as there is room."""
        self._data += data[: TYPED_LIMIT_BYTES - len(self._data)]

    def clear(self) -> None:
        """A prompt begins."""
        self._data.clear()

    @property
    def line(self) -> str:
        """The command line, as the screen showed it."""
        return plain_text(bytes(self._data).partition(_LINE_ENTERED)[0])

    def first_line(self) -> tuple[str, bytes] | None:
        """Return the text before the first new line, and the bytes after it."""
        line, new_line, rest = bytes(self._data).partition(b"\n")
        return (plain_text(line), rest) if new_line else None

    @property
    def printed_after_line(self) -> bytes:
        """What the shell printed once the line was entered."""
        _, entered, printed = bytes(self._data).rpartition(_LINE_ENTERED)
        if not entered:
            printed = bytes(self._data).partition(b"\n")[2]
        return printed.lstrip(b"\r\n")


def is_repeated(shown: str, told: str) -> bool:
    """True if the screen shows the command that the history names."""
    if shown.startswith(" "):
        return False
    return re.sub(r"\s+", " ", shown).strip() == re.sub(r"\s+", " ", told).strip()
