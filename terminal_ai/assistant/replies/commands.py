"""From the model's words to a suggestion: a command that is one, with its true risk."""

import re
from dataclasses import dataclass

from terminal_ai.assistant.replies.diff import command_words
from terminal_ai.assistant.replies.reply import Reply
from terminal_ai.records import Risk, Suggestion
from terminal_ai.safety.placeholders import holds_unrestorable
from terminal_ai.safety.risk import assess_risk
from terminal_ai.safety.sanitize import placeable, single_line

MODEL_CONFIDENCE = 0.5
"""A model's own certainty says little; offline rules are measured and rank higher."""
WHY_LIMIT_CHARACTERS = 200

_PROMPT_SIGN = re.compile(r"^(?:[$%>❯➜]\s+|#\s+(?=\S))")
_INLINE_CODE = re.compile(r"^`([^`\n]+)`$")
_FENCE = re.compile(r"^```[a-z]*\n(.*?)\n?```$", re.DOTALL | re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"<[a-z][a-z0-9]*(?:[ _-][a-z0-9]+)*>|\{\{|\bYOUR_[A-Z]|/path/to/",
    re.IGNORECASE,
)
# Words that begin a sentence about commands and hardly ever a command.
_SENTENCE_START = re.compile(
    r"(?:an|consider|ensure|it|maybe|n/a|no|none|nothing|please|run|simply|sorry|that"
    r"|the|there|this|to|try|use|verify|we|you|your)$",
    re.IGNORECASE,
)
_SHELL_SYNTAX = re.compile(r"""(?:^|\s)-{1,2}\w|[|&;<>$=*~"'\\(]|\w/|\./""")
_SENTENCE_END = re.compile(r"\w[.!?。]$|[,:]\s")
_FOREIGN_LETTER = re.compile(r"[^\W\d_a-zA-Z]")
# How sentences end in Korean, Japanese and Chinese, after a command they begin with.
_FOREIGN_END = re.compile(
    r"(?:[가-힣](?:요|다|오|까|자|라|함|됨)|(?:ます|です|さい|せん|した|する)|[\u4e00-\u9fff])"
    r"[.!?]?$|[。!?]$"
)
_PRINTING = frozenset({"echo", "printf", "print", "say", "figlet", "notify-send"})
_FILE_NAME_END = re.compile(r"\.\w{1,5}$")


@dataclass(frozen=True, slots=True)
class CheckedCommand:
    """A suggestion if the reply holds one, and what is odd about it."""

    suggestion: Suggestion | None
    warnings: tuple[str, ...] = ()


def check_command(reply: Reply, *, failed_command: str) -> CheckedCommand:
    """Return the reply's command fit to be placed, or none.

    The model may raise the risk that the rules see, never lower it; anything hidden in
    the command makes it at least a matter of caution. ``failed_command`` is as the
    model was told it, placeholders and all: to repeat that helps nobody.
    """
    command = unwrap_command(reply.command)
    if not command or is_prose(command) or _PLACEHOLDER.search(command):
        return CheckedCommand(None)
    if holds_unrestorable(command):
        return CheckedCommand(None)
    line = placeable(command)
    if not line.text:
        return CheckedCommand(None, line.warnings)
    if _words(line.text) == _words(failed_command):
        return CheckedCommand(None)
    # Line ends are shown, not run, but whoever deletes the sign runs both lines.
    risks = [assess_risk(line.text), assess_risk(command)]
    if reply.risk is not None:
        risks.append(reply.risk)
    if line.warnings:
        risks.append(Risk.CAUTION)
    suggestion = Suggestion(
        command=line.text,
        risk=max(risks, key=lambda risk: risk.rank),
        why=single_line(" ".join(reply.text.split()), WHY_LIMIT_CHARACTERS),
        confidence=MODEL_CONFIDENCE,
    )
    return CheckedCommand(suggestion, line.warnings)


def unwrap_command(command: str) -> str:
    """Take off a fence, backticks and a prompt sign."""
    command = command.strip()
    for wrapping in (_FENCE, _INLINE_CODE):
        if match := wrapping.match(command):
            command = match[1].strip()
    return _PROMPT_SIGN.sub("", command)


def _words(command: str) -> list[str]:
    """Return what of a command makes a difference: its words without the blanks."""
    return [word for word in command_words(command) if not word.isspace()]


def is_prose(command: str) -> bool:
    """Tell a sentence from a command line; in doubt it is a sentence."""
    words = command.split()
    if not words:
        return False
    first = words[0].rstrip(",:")
    if _FOREIGN_LETTER.search(first) and "/" not in first and "=" not in first:
        return True
    if command.startswith("`") or re.search(r"`[^`]+` ", command):
        return True
    if _SENTENCE_START.match(first) and len(words) > 1:
        return True
    if len(words) > 2 and first not in _PRINTING and _FOREIGN_END.search(words[-1]):
        return True
    if len(words) < 3 or _SHELL_SYNTAX.search(command):
        return False
    ends_like_one = _SENTENCE_END.search(command) and not _FILE_NAME_END.search(command)
    return bool(ends_like_one) or (first[0].isupper() and first[1:].islower())
