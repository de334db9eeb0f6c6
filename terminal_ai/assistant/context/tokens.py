"""How many tokens a text takes, estimated from above, and cutting it to a budget.

No service tells its tokenizer. Counting words, signs and digit groups as pieces, with
a margin, was never too low on terminal samples, where characters divided by four
nearly always was. What a service counts afterwards can only raise the margin.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

MARGIN = 1.15
LETTERS_PER_TOKEN = 6
SIGNS_PER_TOKEN = 3
ASTRAL_TOKENS = 3
"""Emoji and other characters beyond the basic plane are spelt in bytes."""
PLACEHOLDER_LIMIT_CHARACTERS = 64

# A lone space belongs to what follows it. Runs are bounded, so that no token stands
# for more characters than CHARACTERS_PER_TOKEN_LIMIT. What stands for a secret is never
# cut in two.
_PIECE = re.compile(
    r" ?(?:(?P<secret>\[redacted:[a-z0-9:-]{1,48}\])|(?P<word>[A-Za-z]+)"
    r"|(?P<number>[0-9]{1,3})|(?P<wide>[^\x00-\x7f])"
    r"|(?P<signs>(?:(?!\[redacted:)[!-/:-@\[-`{-~])+))|[ \t]{2,16}|\n{1,8}|(?s:.)"
)
CHARACTERS_PER_TOKEN_LIMIT = 17


@dataclass(frozen=True, slots=True)
class TokenMeter:
    """Counts the tokens of one model from above: ``margin`` a piece."""

    margin: float = MARGIN

    def count(self, text: str) -> int:
        """Return at least as many tokens as ``text`` is likely to take."""
        return math.ceil(count_pieces(text) * self.margin)

    def clip_start(self, text: str, limit_tokens: int) -> str:
        """Return the longest start of ``text`` that fits, cut between pieces."""
        window = text[: _characters(limit_tokens)]
        spent = 0
        end = 0
        for piece_end, cost in _pieces(window):
            spent += cost
            if math.ceil(spent * self.margin) > limit_tokens:
                break
            end = piece_end
        return window[:end]

    def clip_end(self, text: str, limit_tokens: int) -> str:
        """Return the longest end of ``text`` that fits, cut between pieces."""
        window = text[max(len(text) - _characters(limit_tokens), 0) :]
        pieces = list(_pieces(window))
        spent = 0
        start = len(window)
        for index in range(len(pieces) - 1, -1, -1):
            spent += pieces[index][1]
            if math.ceil(spent * self.margin) > limit_tokens:
                break
            start = pieces[index - 1][0] if index else 0
        return window[start:]


USUAL_METER = TokenMeter()
"""For texts that must be cut alike whatever the model."""


def count_pieces(text: str) -> int:
    """Return what a text costs before any margin."""
    return sum(cost for _, cost in _pieces(text))


def _characters(limit_tokens: int) -> int:
    """Return how much of a text to look at: a placeholder at its edge stays whole."""
    return max(limit_tokens, 0) * CHARACTERS_PER_TOKEN_LIMIT + (
        PLACEHOLDER_LIMIT_CHARACTERS if limit_tokens > 0 else 0
    )


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield the end and the cost in tokens of each piece."""
    for match in _PIECE.finditer(text):
        piece = match.group().lstrip(" ")
        match match.lastgroup:
            case "word":
                cost = -(-len(piece) // LETTERS_PER_TOKEN)
            case "signs":
                cost = -(-len(piece) // SIGNS_PER_TOKEN)
            case "secret":
                # A tag is spelt in digits and letters of no word.
                cost = -(-len(piece) // SIGNS_PER_TOKEN)
            case "wide":
                cost = ASTRAL_TOKENS if ord(piece) > 0xFFFF else 1
            case _:
                cost = 1
        yield match.end(), cost
