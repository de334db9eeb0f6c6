"""Every code point, alone and beside what joins, widens or colours it.

Many samples share a row, blanks between them, so that all of Unicode is drawn in
seconds; only a row that is not as long as Rich measures it is taken apart.
"""

import itertools
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

from rich.cells import cell_len

from terminal_ai.terminal.screen.canvas import COLUMNS_LIMIT
from terminal_ai.terminal.terminal import Terminal
from terminal_ai.terminal.widths import DROPPED, VARIATION_SELECTOR_16, character_width

SAMPLES_PER_ROW = 60
"""No sample is longer than nine cells, and a blank follows it."""

SURROGATES = range(0xD800, 0xE000)
CONTEXTS = (
    "a{}",
    "世{}",
    "{}\ufe0f",
    "{}\ufe0e",
    "❤\ufe0f{}",
    "{}\u200d👩",
    "👩\u200d{}",
    "❤{}\ufe0f",
    "{}🏽",
    "🇰{}🇷",
    "\u1112{}\u11ab",
    "👩\u200d{}\ufe0f\u200d{}🏽",
)
"""What stands around a character: bases, selectors, joiners, tones, flags, jamo."""

ALIKE_STEP = 64


def every() -> Iterator[str]:
    """Yield all code points that UTF-8 can carry and that are no C0 or C1 control."""
    for code in range(0x20, 0x110000):
        if code not in SURROGATES and not 0x7F <= code < 0xA0:
            yield chr(code)


@cache
def telling() -> tuple[str, ...]:
    """Return the ends of each stretch of alike characters, and some between them."""
    found: list[str] = []
    for _, group in itertools.groupby(every(), key=_kind):
        alike = list(group)
        found += [*alike[:-1:ALIKE_STEP], alike[-1]]
    return tuple(found)


def _kind(character: str) -> tuple[str, int, int]:
    width, widened = cell_len(character), cell_len(character + VARIATION_SELECTOR_16)
    return unicodedata.category(character), width, widened


def is_shown(character: str) -> bool:
    """True for a character that the grid keeps."""
    return character_width(character) != DROPPED


def sheared(samples: Iterable[str]) -> list[str]:
    """Return the samples whose row is not as long as Rich measures it."""
    terminal = Terminal(COLUMNS_LIMIT, 2)
    wrong: list[str] = []
    batch: list[str] = []
    for sample in samples:
        batch.append(sample)
        if len(batch) == SAMPLES_PER_ROW:
            wrong += _wrong(terminal, batch)
            batch = []
    return wrong + _wrong(terminal, batch)


def _wrong(terminal: Terminal, batch: list[str]) -> list[str]:
    if _is_measured_alike(terminal, " ".join(batch)):
        return []
    return [sample for sample in batch if not _is_measured_alike(terminal, sample)] or [
        " ".join(batch)
    ]


def _is_measured_alike(terminal: Terminal, text: str) -> bool:
    terminal.feed(b"\x1b[2J\x1b[H" + text.encode())
    row, cursor = terminal.line(0), terminal.cursor
    return cursor.row == 0 and cell_len(row.text) == len(row) == cursor.column
