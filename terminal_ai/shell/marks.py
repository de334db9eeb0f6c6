"""Which prompt marks to believe, and what their fields say."""

import hmac
import os
import re

from terminal_ai.shell.quoted import history_fields, unquoted
from terminal_ai.terminal.events import PromptMark

# A mark longer than the emulator accepts would be lost, and its command with it.
COMMAND_LIMIT_CHARACTERS = 8_192
_BACKSLASHED = re.compile(rb"\\(?:(\\)|x([0-9a-fA-F]{2}))")
_PERCENTED = re.compile(rb"%([0-9a-fA-F]{2})")
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_TIME = re.compile(r"[0-9]{1,12}[.,][0-9]{1,9}")


class TrustedMark:
    """A mark that our own integration script in our own shell has printed."""

    def __init__(self, mark: PromptMark) -> None:
        self.kind = mark.kind
        self._arguments = mark.arguments
        self._options = mark.options
        if (entry := mark.options.get("entry")) is not None:
            told = history_fields(_encode(entry), COMMAND_LIMIT_CHARACTERS)
            self._options = {**mark.options, **told}

    @property
    def status(self) -> int | None:
        """The exit status, the first positional field of D, N and X."""
        return _number(self._arguments[0]) if self._arguments else None

    @property
    def time(self) -> float | None:
        """When the shell printed the mark, seconds since the epoch."""
        value = self._options.get("t", "")
        return float(value.replace(",", ".")) if _TIME.fullmatch(value) else None

    def number(self, key: str) -> int | None:
        """Return a field that holds a whole number."""
        return _number(self._options.get(key, ""))

    def flag(self, key: str) -> bool:
        """Return whether a field says 1."""
        return self._options.get(key) == "1"

    def text(self, key: str) -> str | None:
        """Return a text field, sent backslashed as ``key``, percented as ``keyu`` or
        quoted as bash does it as ``keyq``.
        """
        value = self._bytes(key)
        return None if value is None else value.decode("utf-8", "replace")

    def path(self, key: str) -> str | None:
        """Return a text field that names files, as Python names them: losslessly."""
        value = self._bytes(key)
        return None if value is None else os.fsdecode(value)

    def _bytes(self, key: str) -> bytes | None:
        if (value := self._options.get(key)) is not None:
            return _BACKSLASHED.sub(_unbackslash, _encode(value))
        if (value := self._options.get(f"{key}u")) is not None:
            return _PERCENTED.sub(_unpercent, _encode(value))
        if (value := self._options.get(f"{key}q")) is not None:
            return unquoted(_encode(value))
        return None


class MarkVerifier:
    """Accepts a mark only with this shell's nonce and this shell's process id."""

    def __init__(self, nonce: str, pid: int) -> None:
        self.nonce = nonce
        self._pid = str(pid)
        self.foreign_marks = 0

    def verify(self, mark: PromptMark) -> TrustedMark | None:
        """Return the mark if it is genuine; count it if not.

        The process id refuses a nested shell that inherited our prompt.
        """
        nonce = mark.options.get("n", "")
        if (
            # Without integration there is no nonce, and nothing is genuine.
            self.nonce
            and hmac.compare_digest(_encode(nonce), self.nonce.encode())
            and mark.options.get("p") == self._pid
        ):
            return TrustedMark(mark)
        self.foreign_marks += 1
        return None


def _number(value: str) -> int | None:
    return int(value) if _NUMBER.fullmatch(value) else None


def _encode(value: str) -> bytes:
    return value.encode("utf-8", "replace")


def _unbackslash(match: re.Match[bytes]) -> bytes:
    return b"\\" if match[1] else bytes((int(match[2], 16),))


def _unpercent(match: re.Match[bytes]) -> bytes:
    return bytes((int(match[1], 16),))
