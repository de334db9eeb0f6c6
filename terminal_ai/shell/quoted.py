"""What bash quotes for itself (``${name@Q}``, ``printf %q``), read back."""

import re
from collections.abc import Mapping
from urllib.parse import quote_from_bytes

# Our script puts this for each ";", which would end the field.
_SEMICOLON = rb"'\\073'"
_QUOTED = re.compile(rb"(\$?)'(.*)'", re.DOTALL)
_PLAIN = re.compile(_SEMICOLON + rb"|'(\\')'")
_BARE = re.compile(rb"\\?" + _SEMICOLON + rb"|\\(.)", re.DOTALL)
_ESCAPED = re.compile(_SEMICOLON + rb"|\\([0-7]{3})|\\(.)")
_LETTERS = {
    b"a": b"\a", b"b": b"\b", b"e": b"\x1b", b"E": b"\x1b", b"f": b"\f",
    b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v",
}  # fmt: skip
_ENTRY = re.compile(rb"([01])\s*(?:([0-9]{1,9})..(.*))?", re.DOTALL)


def unquoted(value: bytes) -> bytes | None:
    """Return the text of a word that bash has quoted; None if it was cut in quotes."""
    if match := _QUOTED.fullmatch(value):
        if match[1]:
            return _ESCAPED.sub(_unescape, match[2])
        return _PLAIN.sub(lambda piece: b"'" if piece[1] else b";", match[2])
    if not value or value.startswith((b"'", b"$'")):
        return None
    return _BARE.sub(lambda piece: piece[1] or b";", value)


def history_fields(value: bytes, limit_characters: int) -> Mapping[str, str]:
    """Return what bash's history says of a command, as fields of a mark.

    The value is quoted: 1 for a command that leaves no trace on disk or 0, then the
    newest entry as ``history`` lists it, if there is a history.
    """
    match = _ENTRY.fullmatch(unquoted(value) or b"1")
    if match is None:
        return {"private": "1", "hn": "", "cu": ""}
    text = (match[3] or b"").decode("utf-8", "surrogateescape")[:limit_characters]
    return {
        "private": match[1].decode(),
        "hn": (match[2] or b"").decode(),
        "cu": quote_from_bytes(text.encode("utf-8", "surrogateescape")),
    }


def _unescape(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes((int(match[1], 8) & 0xFF,))
    if match[2]:
        return _LETTERS.get(match[2], match[2])
    return b";"
