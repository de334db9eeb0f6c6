"""Take secrets out of a text before it meets a model, a disk or a log.

Each rule is anchored: it names the shape or the place of one kind of secret. A rule
runs only on lines that hold one of its literals, which makes harmless text cheap.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from terminal_ai.safety.secret_outputs import printed_secrets
from terminal_ai.safety.secret_rules import RULES, SecretRule, Span, is_placeholder

SECRET_NAME = re.compile(
    r"(?ai)pass(?:word|wd|phrase|code)?$|pwd$|secret|token|credential|cookie"
    r"|(?:api|access|private|auth|session|signing|encryption|account|license)_?key"
    r"|_key$|_auth$|_pat$|_dsn$|connection_?string"
)
ENVIRONMENT_SECRET_CHARACTERS = 6
"""Shorter values would be found all over a harmless text."""
ENVIRONMENT_SECRET_LIMIT = 64
"""Secret-named variables that are looked for."""
_URL_PASSWORD = re.compile(r"(?ai)[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,100}:([^\s/@]+)@")

_KEY_END = re.compile(r"(?m)^[ \t>|+]{0,8}-----END [A-Z0-9 ]{0,40}PRIVATE KEY")
_KEY_LINE = re.compile(r"[ \t>|+]{0,8}[A-Za-z0-9+/=]{1,80}\r?")
# A command such as echo may stand before the first line of a key.
_KEY_LINE_PART = re.compile(r"[A-Za-z0-9+/=]{40,80}\r?$")
KEY_LINES_LIMIT = 400
"""Lines of one private key; a key of 16,384 bits has about 200."""


def plain_placeholder(_secret: str, kind: str) -> str:
    """Return what stands for a secret on disk, in the log and in exports."""
    return f"[redacted:{kind}]"


Name = Callable[[str, str], str]
"""Makes a placeholder of a secret and its kind."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text without its secrets, and how many were taken out.

    ``spans`` are the places of the placeholders in ``text``, by start and end.
    """

    text: str
    count: int
    spans: tuple[tuple[int, int], ...] = ()


class Redact(Protocol):
    """Returns a text without secrets; what a command printed is read as its output."""

    def __call__(self, text: str, /, *, command_line: str = "") -> str:
        """Return the text with a placeholder in the place of each secret."""


class Redactor:
    """Finds secrets by rule, and the exact values of secret-named variables."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._values = _secret_values(environ)

    def redact(
        self, text: str, *, command_line: str = "", name: Name = plain_placeholder
    ) -> Redaction:
        """Replace every secret by a placeholder. Idempotent, never raises.

        ``command_line`` is what printed the text, if a command did.
        """
        spans = [*find_secrets(text), *printed_secrets(text, command_line)]
        for value in self._values:
            spans.extend(_occurrences(text, value))
        if not spans:
            return Redaction(text, 0)
        pieces: list[str] = []
        places: list[tuple[int, int]] = []
        end = length = 0
        for start, stop, kind in _merged(spans):
            placeholder = name(text[start:stop], kind)
            length += start - end
            places.append((length, length + len(placeholder)))
            length += len(placeholder)
            pieces += (text[end:start], placeholder)
            end = stop
        pieces.append(text[end:])
        return Redaction("".join(pieces), len(places), tuple(places))

    def clean(self, text: str, /, *, command_line: str = "") -> str:
        """Return the text with ``[redacted:KIND]`` in the place of each secret."""
        return self.redact(text, command_line=command_line).text


def redact(text: str, /, *, command_line: str = "") -> str:
    """Replace every secret that a rule recognises by ``[redacted:KIND]``."""
    return _RULES_ONLY.clean(text, command_line=command_line)


def find_secrets(text: str, *, prefilter: bool = True) -> Iterator[Span]:
    """Yield start, end and kind of each secret; spans may overlap.

    Without the prefilter every rule reads every line, which gives the same answer.
    """
    lowered = _lowered(text)
    for rule in RULES:
        sections: Iterable[tuple[int, int]]
        if prefilter:
            sections = _lines_with(rule, lowered)
        elif rule.is_multiline:
            sections = [(0, len(text))]
        else:
            sections = _lines(text)
        for start, end in sections:
            yield from _apply(rule, text, start, end)
    yield from _headless_keys(text)


def _headless_keys(text: str) -> Iterator[Span]:
    """Yield the base64 lines above the end of a key whose beginning was elided."""
    for end in _KEY_END.finditer(text):
        start = stop = end.start()
        for _ in range(KEY_LINES_LIMIT):
            above = text.rfind("\n", 0, max(start - 1, 0)) + 1
            if start == 0:
                break
            if not _KEY_LINE.fullmatch(text, above, start - 1):
                if part := _KEY_LINE_PART.search(text, above, start - 1):
                    start = part.start()
                break
            start = above
        if start < stop:
            yield start, stop, "private-key"


def _apply(rule: SecretRule, text: str, start: int, end: int) -> Iterator[Span]:
    if rule.companion and not rule.companion.search(text, start, end):
        return
    for match in rule.pattern.finditer(text, start, end):
        first, last = match.span("secret")
        value = match["secret"]
        if "[redacted:" in value or (rule.is_labelled and is_placeholder(value)):
            continue
        yield first, last, rule.kind


def _lowered(text: str) -> str:
    # "İ" is the one character whose lower case is longer; positions must not move.
    return text.replace("\u0130", "i").lower()


def _lines_with(rule: SecretRule, lowered: str) -> list[tuple[int, int]]:
    """Return the lines that hold a literal; all text for a rule that spans lines."""
    if rule.is_multiline:
        is_wanted = any(literal in lowered for literal in rule.literals)
        return [(0, len(lowered))] if is_wanted else []
    lines = set()
    for literal in rule.literals:
        at = lowered.find(literal)
        while at >= 0:
            start = lowered.rfind("\n", 0, at) + 1
            end = lowered.find("\n", at)
            end = len(lowered) if end < 0 else end
            lines.add((start, end))
            at = lowered.find(literal, end)
    return sorted(lines)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


def _occurrences(text: str, value: str) -> Iterator[Span]:
    at = text.find(value)
    while at >= 0:
        yield at, at + len(value), "environment"
        at = text.find(value, at + len(value))


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Join overlapping spans; the widest one names the kind."""
    ordered = sorted(spans, key=lambda span: (span[0], -span[1]))
    start, end, kind = ordered[0]
    for next_start, next_end, next_kind in ordered[1:]:
        if next_start < end:
            end = max(end, next_end)
        else:
            yield start, end, kind
            start, end, kind = next_start, next_end, next_kind
    yield start, end, kind


def _secret_values(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values to look for, longest first, so that none is cut by another."""
    values = set()
    for name, value in environ.items():
        if SECRET_NAME.search(name) and not value.startswith(("/", "~", "unix:")):
            values.add(value)
        values.update(_URL_PASSWORD.findall(value))
    wanted = [
        value
        for value in values
        if len(value) >= ENVIRONMENT_SECRET_CHARACTERS and not is_placeholder(value)
    ]
    return tuple(sorted(wanted, key=len, reverse=True)[:ENVIRONMENT_SECRET_LIMIT])


_RULES_ONLY = Redactor({})
