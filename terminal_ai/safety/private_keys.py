"""Private keys in a text: whole, cut above or below, marked before each line."""

import re
from collections.abc import Iterator

from terminal_ai.safety.secret_rules import Span

KIND = "private-key"
KEY_LINES_LIMIT = 400
"""Lines of one private key; a key of 16,384 bits has about 200."""
KEY_LIMIT_CHARACTERS = 32_768
MARKS_LIMIT_CHARACTERS = 80
"""What may stand before each line of a key: a number, a name, a frame."""

_BEGIN = re.compile(
    r"(?a)-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"|(?m:^[^\n]{0,80}?Private-Lines: \d{1,4}$)"
)
_ENDS = ("-----END", "Private-MAC")
_SOME_KEY = re.compile(r"[A-Za-z0-9+/]{24}")
# What follows the first line of a key that was cut below.
_REST = re.compile(
    r"(?:[\s>|+]{0,8}(?:Proc-Type|DEK-Info|Version|Comment|Hash):[^\n]{0,200}){0,8}"
    r"[A-Za-z0-9+/=\\\s>|]{16,32768}"
)
_END = re.compile(r"(?a)-----END [A-Z0-9 ]{0,40}PRIVATE KEY")
_KEY_LINE = re.compile(
    r"[ \t>|+\u2502]{0,8}(?:[\w./-]{1,60}[ \t]{0,8}[:|\t][ \t]{0,8}|\d{1,6}[ \t]{1,8})?"
    r"[A-Za-z0-9+/=]{1,80}[ \t\r\u2502]{0,80}"
)
# A command such as echo may stand before the first line of a key.
_KEY_LINE_PART = re.compile(r"[A-Za-z0-9+/=]{40,80}\r?$")


def private_keys(text: str) -> Iterator[Span]:
    """Yield what stands between the first and the last line of each key."""
    if "-----" not in text and "Private-Lines" not in text:
        return
    told = 0
    for begin in _BEGIN.finditer(text):
        start = begin.end()
        if start < told:
            continue
        end = _end_of_key(text, start)
        if end > start:
            yield start, end, KIND
            told = end
    yield from _headless(text)


def _end_of_key(text: str, start: int) -> int:
    limit = start + KEY_LIMIT_CHARACTERS
    # Another key's beginning is no part of this one.
    following = text.find("-----BEGIN", start, limit)
    limit = following if following >= 0 else limit
    ends = [at for mark in _ENDS if (at := text.find(mark, start, limit)) >= 0]
    if ends and _SOME_KEY.search(text, start, min(ends)):
        return min(ends)
    rest = _REST.match(text, start, limit)
    if rest is None or not _SOME_KEY.search(rest[0]):
        return start
    return rest.end()


def _headless(text: str) -> Iterator[Span]:
    """Yield the base64 lines above the end of a key whose beginning was elided."""
    for end in _END.finditer(text):
        stop = start = text.rfind("\n", 0, end.start()) + 1
        if end.start() - stop > MARKS_LIMIT_CHARACTERS:
            continue
        for _ in range(KEY_LINES_LIMIT):
            above = text.rfind("\n", 0, max(start - 1, 0)) + 1
            if start == 0:
                break
            if not _KEY_LINE.fullmatch(text, above, start - 1):
                if part := _KEY_LINE_PART.search(text, above, start - 1):
                    start = part.start()
                break
            start = above
        if _SOME_KEY.search(text, start, stop):
            yield start, stop, KIND
