"""Take secrets out of a text before it meets a model, a disk or a log.

Each rule is anchored: it names the shape or the place of one kind of secret. A rule
runs only on lines that hold one of its literals, which makes harmless text cheap.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from terminal_ai.safety.line_index import LineIndex, joined
from terminal_ai.safety.placeholders import PLACEHOLDER_START, placeholder
from terminal_ai.safety.private_keys import private_keys
from terminal_ai.safety.secret_names import SECRET_NAME
from terminal_ai.safety.secret_outputs import COMMAND_LINE_LIMIT, printed_secrets
from terminal_ai.safety.secret_rules import RULES, SecretRule, Span, is_placeholder

ENVIRONMENT_SECRET_CHARACTERS = 6
"""Shorter values would be found all over a harmless text."""
ENVIRONMENT_SECRET_LIMIT = 64
"""Secret-named variables that are looked for."""
REPEATED_SECRET_CHARACTERS = 6
"""Shorter secrets of a command line are not looked for in what it prints."""
_COMMON_WORD = re.compile(r"[a-z]{1,11}|[0-9]{1,7}")
"""As a password it is also the name of half of what a program talks about."""
_REDACTED = re.compile(r"\[redacted:[^\]\n]*\]")
_REST_OF_VALUE = re.compile(r"[^\s\"'`<>]*")
_RULES_BY_STARTS = tuple(
    (rule, frozenset(literal[:2] for literal in rule.literals)) for rule in RULES
)
"""Rules with the first two characters of each of their literals."""
_URL_PASSWORD = re.compile(r"(?ai)[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,100}:([^\s/@]+)@")


def plain_placeholder(_secret: str, kind: str) -> str:
    """Return what stands for a secret on disk, in the log and in exports."""
    return placeholder(kind)


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
        spans = [*find_secrets(text), *_printed(text, command_line)]
        for value in self._values:
            spans.extend(_occurrences(text, value))
        return _replaced(text, spans, name)

    def clean(self, text: str, /, *, command_line: str = "") -> str:
        """Return the text with ``[redacted:KIND]`` in the place of each secret."""
        return self.redact(text, command_line=command_line).text


def redact(text: str, /, *, command_line: str = "") -> str:
    """Replace every secret that a rule recognises by ``[redacted:KIND]``."""
    return _RULES_ONLY.clean(text, command_line=command_line)


def without_printed(text: str, command_line: str) -> str:
    """Return what a command printed without what its command line tells is secret.

    What only a rule recognises stays: ``redact`` is for that.
    """
    return _replaced(text, _printed(text, command_line), plain_placeholder).text


def find_secrets(text: str, *, prefilter: bool = True) -> Iterator[Span]:
    """Yield start, end and kind of each secret; spans may overlap.

    Without the prefilter every rule reads every line, which gives the same answer.
    """
    index = LineIndex(text)
    for rule, starts in _RULES_BY_STARTS:
        if rule.is_prefixed:
            yield from _tokens(rule, text, prefilter=prefilter)
            continue
        if prefilter and index.lacks(starts):
            continue
        sections = index.sections_with(rule.literals) if prefilter else index.sections()
        for start, end in sections if rule.companion_source else joined(sections):
            yield from _apply(rule, text, start, end)
    yield from private_keys(text)


def _tokens(rule: SecretRule, text: str, *, prefilter: bool) -> Iterator[Span]:
    if not prefilter:
        for match in rule.pattern.finditer(text):
            yield *match.span("secret"), rule.kind
        return
    for literal in rule.literals:
        at = text.find(literal)
        while at >= 0:
            found = rule.pattern.match(text, at)
            if found is not None:
                yield *found.span("secret"), rule.kind
            at = text.find(literal, found.end() if found else at + 1)


def _apply(rule: SecretRule, text: str, start: int, end: int) -> Iterator[Span]:
    if rule.companion and not rule.companion.search(text, start, end):
        return
    for match in rule.pattern.finditer(text, start, end):
        group = "secret" if match["secret"] is not None else "other"
        first, last = match.span(group)
        value = match[group]
        if PLACEHOLDER_START in value or (rule.is_labelled and is_placeholder(value)):
            continue
        if last == end:
            # A long line was cut here, and the value goes on behind the cut.
            rest = _REST_OF_VALUE.match(text, end)
            last = rest.end() if rest else last
        yield first, last, rule.kind


def _printed(text: str, command_line: str) -> Iterator[Span]:
    """Yield what is secret in a text because of the command line that printed it."""
    yield from printed_secrets(text, command_line)
    if not command_line or not text:
        return
    line = command_line[:COMMAND_LINE_LIMIT]
    # Programs quote what they do not understand, without the option's name.
    values = {line[start:end]: kind for start, end, kind in find_secrets(line)}
    told = [match.span() for match in _REDACTED.finditer(text)] if values else []
    for value, kind in values.items():
        if len(value) < REPEATED_SECRET_CHARACTERS or _COMMON_WORD.fullmatch(value):
            continue
        for start, end, _ in _occurrences(text, value, kind):
            if not any(first < end and start < last for first, last in told):
                yield start, end, kind


def _occurrences(text: str, value: str, kind: str = "environment") -> Iterator[Span]:
    at = text.find(value)
    while at >= 0:
        yield at, at + len(value), kind
        at = text.find(value, at + len(value))


def merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Join overlapping spans; the widest one names the kind."""
    start = end = 0
    kind = ""
    for next_start, next_end, next_kind in sorted(spans, key=_by_start_then_width):
        if next_start < end:
            end = max(end, next_end)
            continue
        if kind:
            yield start, end, kind
        start, end, kind = next_start, next_end, next_kind
    if kind:
        yield start, end, kind


def _replaced(text: str, spans: Iterable[Span], name: Name) -> Redaction:
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    end = length = 0
    for start, stop, kind in merged(spans):
        placeholder = name(text[start:stop], kind)
        length += start - end
        places.append((length, length + len(placeholder)))
        length += len(placeholder)
        pieces += (text[end:start], placeholder)
        end = stop
    pieces.append(text[end:])
    return Redaction("".join(pieces), len(places), tuple(places))


def _by_start_then_width(span: Span) -> tuple[int, int]:
    return span[0], -span[1]


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
