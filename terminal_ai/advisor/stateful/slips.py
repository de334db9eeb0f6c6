"""Slips of the hand before any program is reached: prompts pasted, layouts, URLs."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.messages import gettext as _

_PROMPT = re.compile(r"\s*(?:(?:\$|%|❯|➜|>>>)\s+)+(?=\S)")
_REPOSITORY = re.compile(
    r"(?:https?|git|ssh)://(?:[^/\s@]+@)?(?:github|gitlab|bitbucket|codeberg)\.\w+"
    r"[/:][\w.~-]+/[\w.~-]+(?:\.git)?/?"
    r"|(?:https?|git|ssh)://\S+\.git/?"
    r"|[\w.-]+@[\w.-]+:[\w./~-]+(?:\.git)?"
)
_URL = re.compile(r"(?:https?|ftp)://[^\s'\"]+")
# On Spanish, Portuguese and Italian keyboards; hardly a word ends with them.
_LETTERS_BESIDE_ENTER = frozenset("çÇ")
_UNKNOWN = re.compile(
    r"command not found|no such (?:file or directory|job)|not found|no job control"
    r"|not recogni[sz]ed as",
    re.IGNORECASE,
)


def correct_slip(failure: Failure) -> Iterable[Finding]:
    """Explain lines that were never meant as the command they became."""
    if failure.output_lines and not _UNKNOWN.search(failure.output):
        return
    yield from _pasted_prompt(failure)
    yield from _bare_url(failure)
    yield from _wrong_layout(failure)


def _pasted_prompt(failure: Failure) -> Iterator[Finding]:
    match = _PROMPT.match(failure.line.text)
    if match:
        yield Finding(
            "pasted-prompt",
            _("The prompt sign is part of the command."),
            _("Documents show a prompt before a command; it must not be typed."),
            failure.evidence(""),
            weight=0.98,
            fixes=(Fix(failure.line.text[match.end() :], 0.97),),
        )


def _bare_url(failure: Failure) -> Iterator[Finding]:
    command = failure.culprit
    if command is None or len(command.words) != 1 or command.prefix:
        return
    word = command.words[0]
    if _REPOSITORY.fullmatch(word.value):
        fixes = (Fix(f"git clone {word.text}", 0.95),)
    elif _URL.fullmatch(word.value):
        fixes = (Fix(f"curl -LO {word.text}", 0.7),)
    else:
        return
    yield Finding(
        "bare-url",
        _("An address is not a command."),
        _("The shell looked for a program of that name. Tell it what to do with it."),
        failure.evidence(word.value),
        weight=0.97,
        fixes=fixes,
    )


def _wrong_layout(failure: Failure) -> Iterator[Finding]:
    text = failure.line.text.strip()
    if text.isascii():
        return
    known = failure.surroundings.programs | failure.knowledge.familiar.keys()
    for layout in ("ru", "el", "he", "ko"):
        typed = _retype(text, failure.knowledge.tables.get(f"layout_{layout}", {}))
        words = typed.split()
        # A name that is right as it stands was typed on the right layout.
        if (
            typed.isascii()
            and words
            and words[0] in known
            and not text.startswith(words[0])
        ):
            yield Finding(
                "keyboard-layout",
                _("The line was typed with another keyboard layout."),
                _("The same keys on a Latin layout give a known command."),
                failure.evidence(""),
                weight=0.97,
                fixes=(Fix(typed, 0.95),),
            )
            return
    yield from _stray_letter(failure, known)


def _stray_letter(failure: Failure, known: frozenset[str]) -> Iterator[Finding]:
    """Find a letter at the end that no word ends with and that lies beside Enter."""
    text = failure.line.text.strip()
    if not text[:-1].isascii() or text[-1] not in _LETTERS_BESIDE_ENTER:
        return
    first = text[:-1].split()[:1]
    if " " in text or (first and first[0] in known):
        yield Finding(
            "stray-letter",
            _("The line ends with a stray letter."),
            _("The key beside Enter was hit as well."),
            failure.evidence(""),
            weight=0.9,
            fixes=(Fix(text[:-1], 0.9),),
        )


def _retype(text: str, keys: Mapping[str, str]) -> str:
    """Return what the same keys give on a Latin layout.

    A syllable that is no key by itself is taken apart into the keys that composed it.
    """
    out = []
    for character in text:
        is_key = character in keys or character.lower() in keys
        parts = character if is_key else unicodedata.normalize("NFD", character)
        for part in parts:
            key = keys.get(part) or keys.get(part.lower(), "").upper()
            out.append(key or part)
    return "".join(out)
