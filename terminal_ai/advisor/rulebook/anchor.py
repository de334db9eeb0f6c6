"""The text that a pattern cannot match without: a cheap test before a dear one."""

import re

ANCHOR_MINIMUM = 3

_OPENING = "(["
_QUANTIFIERS = "?*{"
# Without regard to case, or with blanks that mean nothing, no literal is required.
_FREE = re.compile(r"\(\?[a-zA-Z]*[ix]")


def required_text(pattern: str) -> str:
    """Return the longest literal that every match of ``pattern`` holds, or "".

    Only what stands outside of groups and classes is read; an alternative at the top
    level requires nothing. Too little is safe, too much would lose matches.
    """
    if _FREE.match(pattern):
        return ""
    best = current = ""
    position, size = 0, len(pattern)
    while position < size:
        character = pattern[position]
        literal = ""
        if character == "|":
            return ""
        if character == "\\":
            escaped = pattern[position + 1 : position + 2]
            literal = "" if escaped.isalnum() else escaped
            end = position + 2
        elif character in _OPENING:
            end = _closing(pattern, position)
        elif character in ".^$":
            end = position + 1
        else:
            literal, end = character, position + 1
        is_optional = pattern[end : end + 1] in _QUANTIFIERS and end < size
        if literal and not is_optional:
            current += literal
            best = max(best, current, key=len)
        if not literal or is_optional or pattern[end : end + 1] == "+":
            current = ""
        position = _after_quantifier(pattern, end)
    return best if len(best) >= ANCHOR_MINIMUM else ""


def _after_quantifier(pattern: str, position: int) -> int:
    if pattern[position : position + 1] == "{":
        position = pattern.find("}", position) + 1 or len(pattern)
    elif pattern[position : position + 1] in ("?", "*", "+"):
        position += 1
    return position + (pattern[position : position + 1] in ("?", "+"))


def _closing(pattern: str, start: int) -> int:
    """Return the position after the group or class that opens at ``start``."""
    if pattern[start] == "[":
        # A bracket that stands first in a class belongs to it.
        position = start + 1 + (pattern[start + 1 : start + 2] == "^")
        position += pattern[position : position + 1] == "]"
        while position < len(pattern) and pattern[position] != "]":
            position += 2 if pattern[position] == "\\" else 1
        return position + 1
    position = start + 1
    while position < len(pattern) and pattern[position] != ")":
        if pattern[position] in _OPENING:
            position = _closing(pattern, position)
        else:
            position += 2 if pattern[position] == "\\" else 1
    return position + 1
