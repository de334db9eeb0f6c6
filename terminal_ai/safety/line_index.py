"""Where in a text rules have to look: the lines that hold one of their literals.

Overlong lines, as of minified code, are read in overlapping pieces.
"""

import operator
from collections.abc import Iterable, Iterator, Sequence

Section = tuple[int, int]
"""Start and end of a line, or of a piece of an overlong one."""

PIECE_CHARACTERS = 2_048
OVERLAP_CHARACTERS = 512
"""What is shorter stands whole in one of the pieces."""
SHORT_CHARACTERS = 1_024
"""Of a text no longer than this, each pair of characters is noted."""
_STEP = PIECE_CHARACTERS - OVERLAP_CHARACTERS


class LineIndex:
    """The sections of a text by the literals in them, each looked for once."""

    def __init__(self, text: str) -> None:
        # "İ" is the one character whose lower case is longer: positions must stay.
        self._lowered = lowered = text.replace("\u0130", "i").lower()
        self._pairs: set[str] | None = None
        if len(lowered) <= SHORT_CHARACTERS:
            self._pairs = set(map(operator.add, lowered, lowered[1:]))
            self._pairs.update(lowered)
        self._known: dict[str, list[Section]] = {}

    def lacks(self, starts: frozenset[str]) -> bool:
        """Tell whether no literal with one of these starts can be in the text.

        A start is the first two characters of a literal, or all of a shorter one.
        """
        return self._pairs is not None and starts.isdisjoint(self._pairs)

    def sections_with(self, literals: Iterable[str]) -> Sequence[Section]:
        """Return the sections that hold one of the literals, from first to last."""
        found = [sections for one in literals if (sections := self._holding(one))]
        if len(found) < 2:
            return found[0] if found else ()
        return sorted(set().union(*found))

    def sections(self) -> Sequence[Section]:
        """Return all sections of the text."""
        return [
            piece
            for line in _lines(self._lowered)
            for piece in _pieces(line, 0, line[1] - line[0])
        ]

    def _holding(self, literal: str) -> list[Section]:
        known = self._known.get(literal)
        if known is not None:
            return known
        lowered = self._lowered
        sections = self._known[literal] = []
        at = lowered.find(literal)
        while at >= 0:
            start = lowered.rfind("\n", 0, at) + 1
            end = lowered.find("\n", at)
            end = len(lowered) if end < 0 else end
            if end - start <= PIECE_CHARACTERS:
                sections.append((start, end))
                at = lowered.find(literal, end)
            else:
                pieces = _pieces((start, end), at - start, at - start + len(literal))
                sections += [piece for piece in pieces if piece not in sections[-2:]]
                # No later one before the next piece begins is in other pieces.
                step_end = start + ((at - start) // _STEP + 1) * _STEP
                at = lowered.find(literal, min(step_end, end))
        return sections


def joined(sections: Iterable[Section]) -> Iterator[Section]:
    """Yield neighbouring lines as one section: a rule is started once for all."""
    start = end = -1
    for section in sections:
        if section[0] == end + 1 and end >= 0:
            end = section[1]
            continue
        if end >= 0:
            yield start, end
        start, end = section
    if end >= 0:
        yield start, end


def _lines(text: str) -> Iterator[Section]:
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


def _pieces(line: Section, first: int, last: int) -> list[Section]:
    """Return the pieces of a line that hold one of its columns or all of them."""
    start, end = line
    if end - start <= PIECE_CHARACTERS:
        return [line]
    numbers = range(max(0, (first - OVERLAP_CHARACTERS) // _STEP), last // _STEP + 1)
    return [
        (start + number * _STEP, min(start + number * _STEP + PIECE_CHARACTERS, end))
        for number in numbers
        if start + number * _STEP < end
    ]
