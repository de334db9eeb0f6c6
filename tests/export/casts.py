"""A strict reader of asciicast v3, written from its specification."""

import json
import re
from dataclasses import dataclass

HEADER_KEYS: dict[str, type | tuple[type, ...]] = {
    "version": int, "term": dict, "timestamp": int, "idle_time_limit": (int, float),
    "command": str, "title": str, "env": dict, "tags": list,
}  # fmt: skip
TERM_KEYS = {"cols": int, "rows": int, "type": str, "version": str, "theme": dict}


@dataclass(frozen=True, slots=True)
class Cast:
    """A recording that was read: events have the seconds since its beginning."""

    header: dict[str, object]
    events: list[tuple[float, str, str]]
    comments: list[str]

    def output(self) -> str:
        """Return all that is printed."""
        return "".join(data for _, code, data in self.events if code == "o")

    def codes(self) -> str:
        """Return the codes of all events."""
        return "".join(code for _, code, _ in self.events)


def read_cast(text: str) -> Cast:
    """Read a recording; anything the specification does not allow is an error."""
    text.encode()  # no lone surrogate
    assert text.endswith("\n")
    first, *lines = text[:-1].split("\n")
    assert lines == text.splitlines()[1:], "a line that only some readers see"
    header = json.loads(first)
    assert isinstance(header, dict)
    assert header["version"] == 3
    for key, value in header.items():
        assert isinstance(value, HEADER_KEYS[key]), key
    term = header["term"]
    assert {"cols", "rows"} <= term.keys()
    for key, value in term.items():
        assert isinstance(value, TERM_KEYS[key]), key
    assert 1 <= term["cols"] <= 65535
    assert 1 <= term["rows"] <= 65535
    assert header.get("timestamp", 0) >= 0
    assert all(isinstance(each, str) for each in header.get("env", {}).values())
    events: list[tuple[float, str, str]] = []
    comments = []
    now = 0.0
    for line in lines:
        if line.startswith("#"):
            comments.append(line[1:].strip())
            continue
        interval, code, data = json.loads(line)
        assert isinstance(interval, float)
        assert interval >= 0
        assert isinstance(data, str)
        assert code in "oimrx"
        if code == "r":
            size = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", data)
            assert size
            assert max(int(size[1]), int(size[2])) <= 65535
        if code == "x":
            assert re.fullmatch(r"-?\d+", data)
            assert line == lines[-1]
        now += interval
        events.append((now, code, data))
    return Cast(header, events, comments)
