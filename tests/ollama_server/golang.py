"""The pieces of Go that show through Ollama's answers."""

import re
import time
from datetime import UTC, datetime

_UNITS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)([^\d.]*)")
FOREVER_SECONDS = (1 << 63) / 1e9
"""The longest time.Duration, some 292 years."""


class DurationError(ValueError):
    """What time.ParseDuration says about a bad duration."""


def parse_duration(text: str) -> float:
    """Return seconds, as Go reads a duration; negative means for ever."""
    quoted = '"' + text.replace('"', '\\"') + '"'
    body = text.lstrip("+-") if text[:1] in ("+", "-") else text
    if body == "0":
        return 0.0
    total = 0.0
    position = 0
    while position < len(body):
        match = _PART.match(body, position)
        if match is None:
            raise DurationError(f"time: invalid duration {quoted}")
        number, unit = match.groups()
        if not unit:
            raise DurationError(f"time: missing unit in duration {quoted}")
        if unit not in _UNITS:
            raise DurationError(f'time: unknown unit "{unit}" in duration {quoted}')
        total += float(number) * _UNITS[unit]
        position = match.end()
    if not body:
        raise DurationError(f"time: invalid duration {quoted}")
    return FOREVER_SECONDS if text.startswith("-") else total


def timestamp(seconds: float | None = None) -> str:
    """Return RFC 3339 with nanoseconds, trailing zeros dropped."""
    nanoseconds = time.time_ns() if seconds is None else int(seconds * 1e9)
    whole, fraction = divmod(nanoseconds, 1_000_000_000)
    date = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f"{fraction:09d}".rstrip("0")
    return f"{date}.{digits}Z" if digits else f"{date}Z"


def kind_of(value: object) -> str:
    """Name a JSON value as encoding/json does in its errors."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"
