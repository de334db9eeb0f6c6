"""Which part of a temporary path was invented by a program, and not by a person."""

import re
from collections.abc import Iterator

TEMPORARY_ROOT = (
    r"(?:/private)?(?:/tmp|/var/tmp|/var/folders/\w\w/\w{1,80}/[TC]|/dev/shm)"
)
TEMPORARY_PATH = re.compile(
    rf"(?<![\w.~\x00-]){TEMPORARY_ROOT}/[^\s'\"`:;,()\[\]<>|\x00]{{1,1000}}"
)
"""A path below a directory of temporary files, with the root of it."""

_ROOT_OF_USER = re.compile(r"/var/folders/(\w\w/\w{1,80})/")
# A known form is random whatever its letters are.
_PART = re.compile(
    r"(?P<known>(?<![A-Za-z0-9_])tmp[a-z0-9_]{8}(?![A-Za-z0-9_])"  # Python's tempfile
    r"|(?<![A-Za-z0-9_])cc[A-Za-z0-9]{6}(?=\.(?:o|s|c|ld|res|out)(?!\w))"  # gcc
    r"|(?<=pytest-)\d{1,6}(?![A-Za-z0-9])|(?<=pytest-of-)[\w.-]+)"
    r"|[A-Za-z0-9]+"
)
RANDOM_LENGTH = 5
"""Shorter parts are taken for words."""
_WORDS = re.compile(r"(?:[A-Z]?[a-z]{2,}|[A-Z]{2,8}(?![a-z]))*[a-z]?\d{0,4}")
"""Words and at most a small number after them: what a person would call a file."""


def random_parts(path: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each part of the path that looks random."""
    begin = 0
    if root := _ROOT_OF_USER.search(path):
        yield root.span(1)
        begin = root.end()
    for part in _PART.finditer(path, begin):
        if part.lastgroup or _is_random(part[0]):
            yield part.span()


def _is_random(text: str) -> bool:
    if len(text) < RANDOM_LENGTH:
        return False
    return text.isdigit() or _WORDS.fullmatch(text) is None
