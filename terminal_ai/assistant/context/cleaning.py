"""What others wrote, made fit to be sent: visible, without secrets, without tags."""

import operator
import re
import threading
from dataclasses import dataclass
from typing import NamedTuple

from cachetools import LRUCache

from terminal_ai.plaintext import plain_text
from terminal_ai.records import CommandRecord
from terminal_ai.safety.placeholders import PLACEHOLDER, PLACEHOLDER_START
from terminal_ai.safety.redact import Redact
from terminal_ai.safety.sanitize import sanitize_text
from terminal_ai.safety.secret_outputs import prints_secrets

KEPT_CHARACTERS = 4 * 1024 * 1024
"""Of cleaned outputs: those of earlier commands go along with every question."""
HARMLESS_CHARACTERS = 512 * 1024
"""Of texts without secrets, before and after: a failure comes more than once."""

_SPLITTING = re.compile("[\x08\x1b]")


@dataclass(frozen=True, slots=True)
class CleanRecord:
    """A command line and its output, without secrets."""

    command_line: str
    output: str


class _Harmless(NamedTuple):
    """A cleaned text, and the characters that keeping it takes."""

    text: str
    size: int


class Cleaner:
    """Cleans texts, and each record only once. Safe to use from any thread.

    A text that holds a secret is redacted each time: the vault must hear of it.
    """

    def __init__(self, redact: Redact) -> None:
        self._redact = redact
        self._lock = threading.Lock()
        self._records: LRUCache[tuple[str, int], CleanRecord] = LRUCache(
            KEPT_CHARACTERS, getsizeof=_size
        )
        self._harmless: LRUCache[tuple[str, str], _Harmless] = LRUCache(
            HARMLESS_CHARACTERS, getsizeof=operator.attrgetter("size")
        )

    def clean(self, text: str, *, command_line: str = "") -> str:
        """Return a text that may be sent; ``command_line`` is what printed it."""
        key = (text, command_line)
        with self._lock:
            known = self._harmless.get(key)
        if known is not None:
            return known.text
        cleaned = self._cleaned(text, command_line)
        harmless = _Harmless(cleaned, len(text) + len(command_line) + len(cleaned) + 1)
        if PLACEHOLDER_START not in cleaned and harmless.size <= HARMLESS_CHARACTERS:
            with self._lock:
                self._harmless[key] = harmless
        return cleaned

    def _cleaned(self, text: str, command_line: str) -> str:
        # Hidden characters are shown first, and colours and corrections taken away:
        # they could split a secret in two.
        if _SPLITTING.search(text):
            text = plain_text(text.encode("utf-8", "replace"))
        shown = sanitize_text(text)
        return self._redact(shown, command_line=command_line).strip("\n")

    def remark(self, text: str, record: CommandRecord | None) -> str:
        """Return what may be sent of a text about a command."""
        line = record.command_line if record is not None else ""
        # Where it prints secrets only, a remark would be taken for one.
        return self.clean(text, command_line="" if prints_secrets(line) else line)

    def quotation(self, text: str, record: CommandRecord | None) -> str:
        """Return what may be sent of a line that a command printed.

        A line does not show what stood around it: where that made it a secret, only
        what is in the cleaned output may be quoted.
        """
        told = self.remark(text, record)
        if record is None or not prints_secrets(record.command_line):
            return told
        return told if told in self.record(record).output else ""

    def record(self, record: CommandRecord) -> CleanRecord:
        """Return what may be sent of a command."""
        key = (record.id, hash(record))
        with self._lock:
            known = self._records.get(key)
        if known is not None:
            return known
        line = record.command_line
        output = self.clean(record.output.text, command_line=line)
        cleaned = CleanRecord(self.clean(line), output)
        with self._lock:
            if _size(cleaned) <= KEPT_CHARACTERS:
                self._records[key] = cleaned
        return cleaned


def _size(cleaned: CleanRecord) -> int:
    return len(cleaned.command_line) + len(cleaned.output) + 1


def placeholders(text: str) -> tuple[tuple[int, int], ...]:
    """Return start and end of all that stands for a secret."""
    return tuple(match.span() for match in PLACEHOLDER.finditer(text))
