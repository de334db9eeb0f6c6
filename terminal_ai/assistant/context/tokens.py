"""How many tokens a text takes, estimated from above, and cutting it to a budget.

No service tells its tokenizer. Counting words, signs and digit groups as pieces, with
a margin, was never too low on terminal samples, where characters divided by four
nearly always was. What a service counts afterwards can only raise the margin.
"""

import functools
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
# The same with a match for each token, but for what costs more than one.
_LETTERS = rf"[A-Za-z]{{1,{LETTERS_PER_TOKEN}}}"
_SIGNS = rf"(?:(?!\[redacted:)[!-/:-@\[-`{{-~]){{1,{SIGNS_PER_TOKEN}}}"
_TOKEN = re.compile(
    rf" ?(?:\[redacted:[a-z0-9:-]{{1,48}}\]|{_LETTERS}|[0-9]{{1,3}}|[^\x00-\x7f]"
    rf"|{_SIGNS})|[ \t]{{2,16}}|\n{{1,8}}|(?s:.)"
)
_SECRET = re.compile(r"\[redacted:[a-z0-9:-]{1,48}\]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
CHARACTERS_PER_TOKEN_LIMIT = 17
KNOWN_COUNTS = 256
"""Texts whose pieces were counted, such as the rules of every prompt."""
KNOWN_CHARACTERS = 4_096
"""A longer one is counted each time."""


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
        if len(window) == len(text) and self.count(text) <= limit_tokens:
            return text
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
    return _known(text) if len(text) <= KNOWN_CHARACTERS else _counted(text)


def _counted(text: str) -> int:
    count = len(_TOKEN.findall(text))
    if not text.isascii():
        count += (ASTRAL_TOKENS - 1) * len(_ASTRAL.findall(text))
    # A tag is spelt in digits and letters of no word.
    secrets = _SECRET.findall(text) if "[redacted:" in text else ()
    return count + sum(-(-len(secret) // SIGNS_PER_TOKEN) - 1 for secret in secrets)


_known = functools.lru_cache(KNOWN_COUNTS)(_counted)


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
                cost = -(-len(piece) // SIGNS_PER_TOKEN)
            case "wide":
                cost = ASTRAL_TOKENS if ord(piece) > 0xFFFF else 1
            case _:
                cost = 1
        yield match.end(), cost
