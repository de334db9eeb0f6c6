"""What a suggestion changes of the command that failed, word by word."""

import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

WORDS_LIMIT = 400
"""Comparing takes quadratic time; longer commands count as changed throughout."""

# A shell's words, its operators, and the blanks between them. A value after "=" is a
# word of its own: of --color=auto mostly one half changes. A quote that is never closed
# is an ordinary character.
_WORD = re.compile(
    r"""\s+
    | \|\||&&|;;|>>|<<<?|[|&;<>()]
    | (?:[\w-]+=)(?=\S)
    | (?: \\. | '[^']*' | "(?:[^"\\]|\\.)*" | [^\s|&;<>()'"\\] )+
    | (?s:.)""",
    re.VERBOSE | re.DOTALL,
)


class DiffKind(enum.StrEnum):
    """What became of a part of the failed command."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class DiffSpan:
    """A part that both commands have, or only one of them. Never empty."""

    kind: DiffKind
    text: str


def word_diff(failed: str, suggestion: str) -> tuple[DiffSpan, ...]:
    """Return how the failed command becomes the suggestion, in reading order.

    Without what was added the spans are the failed command, without what was removed
    the suggestion. Of one change what was removed comes first.
    """
    before, after = command_words(failed), command_words(suggestion)
    if max(len(before), len(after)) > WORDS_LIMIT:
        return tuple(_spans([(failed, suggestion, False)]))
    return tuple(_spans(_joined(_hunks(before, after))))


_Hunk = tuple[str, str, bool]
"""A text before, a text after, and whether they are the same and to be kept."""


def command_words(command: str) -> list[str]:
    """Return a command's words, operators and blanks; joined they are the command."""
    return [match[0] for match in _WORD.finditer(command)]


def _hunks(before: Sequence[str], after: Sequence[str]) -> list[_Hunk]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return [
        ("".join(before[i:j]), "".join(after[k:m]), tag == "equal")
        for tag, i, j, k, m in matcher.get_opcodes()
    ]


def _joined(hunks: Sequence[_Hunk]) -> list[_Hunk]:
    """Take a blank between two changes into them: two changed words read as one."""
    joined: list[_Hunk] = []
    for number, (old, new, is_kept) in enumerate(hunks):
        is_between = 0 < number < len(hunks) - 1 and not old.strip()
        is_changed = not is_kept or is_between
        if joined and is_changed and not joined[-1][2]:
            last_old, last_new, _ = joined.pop()
            joined.append((last_old + old, last_new + new, False))
        else:
            joined.append((old, new, not is_changed))
    return joined


def _spans(hunks: Sequence[_Hunk]) -> Iterator[DiffSpan]:
    for old, new, is_kept in hunks:
        if is_kept:
            yield DiffSpan(DiffKind.KEPT, new)
            continue
        if old:
            yield DiffSpan(DiffKind.REMOVED, old)
        if new:
            yield DiffSpan(DiffKind.ADDED, new)
