"""What stands for a secret: one form, for whoever writes, reads or refuses it."""

import re

PLACEHOLDER_START = "[redacted:"
TAG_DIGITS = 6

_KIND = r"\[redacted:[a-z0-9-]{1,40}"
TAGGED_PATTERN = rf"{_KIND}:[0-9a-f]{{{TAG_DIGITS}}}\]"
"""With a tag it can be turned back into the secret when a command is placed."""
PLACEHOLDER = re.compile(rf"{TAGGED_PATTERN}|{_KIND}\]")

_TAGGED = re.compile(TAGGED_PATTERN)


def placeholder(kind: str, tag: str = "") -> str:
    """Return what stands for a secret of a kind, whose tag only this process knows."""
    return f"{PLACEHOLDER_START}{kind}{':' if tag else ''}{tag}]"


def holds_unrestorable(text: str) -> bool:
    """Tell whether something in a text looks like a placeholder, but has no tag."""
    return PLACEHOLDER_START in _TAGGED.sub(" ", text).casefold()
