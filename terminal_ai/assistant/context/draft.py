"""One prompt while it is written: what each part costs, and what is still free."""

import re

from terminal_ai.assistant.context.cleaning import placeholders
from terminal_ai.assistant.context.parts import ContextPart, PartKind
from terminal_ai.assistant.context.tokens import MARGIN, TokenMeter, count_pieces

SEPARATOR = "\n\n"
"""Stands between two parts; each part pays for the one after it."""

_CLOSING_TAG = re.compile(
    rf"<(?=\s*/\s*(?:{'|'.join(PartKind)})\b)", re.IGNORECASE | re.ASCII
)


class Draft:
    """Makes parts, and counts what they cost."""

    def __init__(self, meter: TokenMeter) -> None:
        self.meter = meter
        self.pieces = 0

    def scaled(self, usual_tokens: int) -> int:
        """Return how many of this model's tokens that many usual ones are."""
        return int(usual_tokens * self.meter.margin / MARGIN)

    def frame(self, kind: PartKind) -> int:
        """Return what a section costs besides its text."""
        around = (f"<{kind}>\n", "\n", f"</{kind}>{SEPARATOR}")
        return sum(map(self.meter.count, around))

    def part(
        self, kind: PartKind, text: str, *, was_cut: bool = False, more_tokens: int = 0
    ) -> ContextPart:
        """Return the text as a part."""
        whole = text + SEPARATOR
        self.pieces += count_pieces(whole)
        return ContextPart(
            kind,
            text,
            self.meter.count(whole) + more_tokens,
            was_cut=was_cut,
            redactions=placeholders(text),
        )

    def section(
        self,
        kind: PartKind,
        text: str,
        limit_tokens: int,
        *,
        record_id: str = "",
        was_cut: bool = False,
    ) -> ContextPart:
        """Return the text between tags; empty if that does not fit."""
        tagged = f"<{kind}>\n{text}\n</{kind}>" if text else ""
        tokens = self.meter.count(tagged + SEPARATOR) if tagged else 0
        if tokens > limit_tokens:
            return ContextPart(kind, "", 0, record_id, was_cut=True)
        self.pieces += count_pieces(tagged + SEPARATOR) if tagged else 0
        return ContextPart(
            kind, tagged, tokens, record_id, was_cut, placeholders(tagged)
        )

    def clip(self, text: str, limit_tokens: int) -> tuple[str, bool]:
        """Return as much of a text's start as fits, and whether that is not all."""
        clipped = self.meter.clip_start(text, limit_tokens)
        return clipped, len(clipped) < len(text)


def inert(text: str) -> str:
    """Keep a text from closing the section it stands in."""
    return _CLOSING_TAG.sub("<\\\\", text)
