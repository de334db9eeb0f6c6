"""An output cut to a token budget, so that what matters for a failure remains."""

import re
from dataclasses import dataclass

from terminal_ai.assistant.context.tokens import (
    CHARACTERS_PER_TOKEN_LIMIT,
    TokenMeter,
)

HEAD_SHARE = 0.25
"""The rest goes to the tail: most programs say last why they failed."""
ERROR_LINE_SHARE = 0.15
"""Compilers say it first, and then much more."""

_ERROR = re.compile(
    r"\b(?:error|fatal|failed|failure|exception|panic(?:ked)?|cannot|can't|denied"
    r"|undefined|unresolved|not found|no such)\b|오류|에러|실패",
    re.IGNORECASE,
)
_MANY_LINES = 10**9


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A text within its budget."""

    text: str
    was_cut: bool


def trim_output(text: str, limit_tokens: int, meter: TokenMeter) -> Trimmed:
    """Keep head, first error line and tail of ``text`` within ``limit_tokens``."""
    may_fit = len(text) <= limit_tokens * CHARACTERS_PER_TOKEN_LIMIT
    if may_fit and meter.count(text) <= limit_tokens:
        return Trimmed(text, was_cut=False)
    gap_tokens = meter.count(_gap(_MANY_LINES) + "\n")
    budget = limit_tokens - 2 * gap_tokens
    if budget < gap_tokens:
        return Trimmed("", was_cut=bool(text))
    lines = text.split("\n")
    error_budget = int(budget * ERROR_LINE_SHARE)
    head = _first_lines(lines, int(budget * HEAD_SHARE), meter)
    tail = _last_lines(
        lines[len(head) :], budget - error_budget - _cost(head, meter), meter
    )
    if not head and not tail:
        # One line fills the whole budget: a minified file, a progress line.
        start = meter.clip_start(text, int(budget * HEAD_SHARE))
        end = meter.clip_end(text, budget - meter.count(start))
        return Trimmed(f"{start}\n[… cut …]\n{end}", was_cut=True)
    between = lines[len(head) : len(lines) - len(tail)]
    parts = [*head]
    found = next((index for index, line in enumerate(between) if _is_error(line)), None)
    if found is None:
        parts.append(_gap(len(between)))
    else:
        if found:
            parts.append(_gap(found))
        parts.append(meter.clip_start(between[found], error_budget - 1))
        if rest := len(between) - found - 1:
            parts.append(_gap(rest))
    return Trimmed("\n".join([*parts, *tail]), was_cut=True)


def _is_error(line: str) -> bool:
    return _ERROR.search(line) is not None


def _gap(lines: int) -> str:
    return f"[… {lines} lines cut …]"


def _line_cost(line: str, limit_tokens: int, meter: TokenMeter) -> int:
    if len(line) > limit_tokens * CHARACTERS_PER_TOKEN_LIMIT:
        return limit_tokens + 1
    return meter.count(line + "\n")


def _cost(lines: list[str], meter: TokenMeter) -> int:
    return sum(meter.count(line + "\n") for line in lines)


def _first_lines(lines: list[str], limit_tokens: int, meter: TokenMeter) -> list[str]:
    kept: list[str] = []
    for line in lines:
        limit_tokens -= _line_cost(line, limit_tokens, meter)
        if limit_tokens < 0:
            break
        kept.append(line)
    return kept


def _last_lines(lines: list[str], limit_tokens: int, meter: TokenMeter) -> list[str]:
    return _first_lines(lines[::-1], limit_tokens, meter)[::-1]
