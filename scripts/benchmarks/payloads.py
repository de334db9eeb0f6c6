"""Output of the kinds that terminals are measured with, made up here."""

import random
from collections.abc import Callable, Mapping

COLUMNS, ROWS = 120, 40
_WORDS = ("GET", "cache", "worker", "queue", "retry", "connect", "session", "token")
_SCRIPTS = ("한국어", "日本語", "καλημέρα", "привет", "naïve", "café", "✓", "→", "🙂")
_LS_COLORS = ("01;34", "01;32", "00", "01;36", "40;33")


def payloads(size_bytes: int) -> Mapping[str, bytes]:
    """Return each kind of output by its name, all about as long."""
    dice = random.Random(1)
    kinds: Mapping[str, Callable[[int], str]] = {
        "ascii": lambda number: _log_line(number, dice),
        "ls": lambda _: _listing_line(dice),
        "dense": _dense_frame,
        "htop": lambda _: _process_frame(dice),
        "vim": lambda number: _editor_step(number, dice),
        "cursor": _cursor_frame,
        "unicode": lambda _: " ".join(dice.choices(_SCRIPTS, k=9)) + "\r\n",
    }
    return {name: _fill(size_bytes, make) for name, make in kinds.items()}


def _fill(size_bytes: int, make: Callable[[int], str]) -> bytes:
    data, number = bytearray(), 0
    while len(data) < size_bytes:
        data += make(number).encode()
        number += 1
    return bytes(data)


def _log_line(number: int, dice: random.Random) -> str:
    words = " ".join(dice.choices(_WORDS, k=7))
    return (
        f"2026-11-21 05:{number % 60:02d}:00.{number % 1000:03d} {words}"[:79] + "\r\n"
    )


def _listing_line(dice: random.Random) -> str:
    color, name = dice.choice(_LS_COLORS), dice.choice(_WORDS)
    size, day = dice.randrange(10**7), dice.randrange(1, 29)
    fields = f"-rw-r--r-- 1 user user {size:8d} Nov {day:2d} 05:04 "
    return f"{fields}\x1b[0m\x1b[{color}m{name}-{size}\x1b[0m\r\n"


def _dense_frame(number: int) -> str:
    cells = ["\x1b[H"]
    for row in range(ROWS):
        for column in range(COLUMNS):
            color = 16 + (row + column + number) % 200
            letter = chr(ord("a") + number % 26)
            cells.append(f"\x1b[38;5;{color};48;5;{271 - color};1;4m{letter}")
    return "".join(cells)


def _process_frame(dice: random.Random) -> str:
    rows = ["\x1b[?2026h\x1b[H"]
    for row in range(1, ROWS):
        pid, load = dice.randrange(99_999), dice.random() * 100
        rows.append(
            f"\x1b[{row};1H\x1b[32m{pid:6d}\x1b[39m user \x1b[1;36m{load:5.1f}\x1b[0m"
            f" 20 0 \x1b[33m{dice.choice(_WORDS):10}\x1b[39;49m /usr/bin/program\x1b[K"
        )
    return "".join(rows) + "\x1b[?2026l"


def _editor_step(number: int, dice: random.Random) -> str:
    """Scroll a line of highlighted source into a region, and tell the position."""
    name, value = dice.choice(_WORDS), dice.choice(_WORDS)
    return (
        f"\x1b[?25l\x1b[1;{ROWS - 1}r\x1b[{ROWS - 1};1H\r\n\x1b[{ROWS - 1};1H"
        f"\x1b[38;5;130m{number:5d} \x1b[0m\x1b[35mdef\x1b[m \x1b[36m{name}\x1b[m("
        f"\x1b[33m{value}\x1b[m)\x1b[K\x1b[1;{ROWS}r"
        f"\x1b[{ROWS};100H{number},{number % 80}\x1b[K\x1b[{ROWS - 1};7H\x1b[?25h"
    )


def _cursor_frame(number: int) -> str:
    letter = chr(ord("a") + number % 26)
    return "".join(
        f"\x1b[{row};{column}H{letter}"
        for row in range(1, ROWS + 1)
        for column in range(1, COLUMNS + 1)
    )
