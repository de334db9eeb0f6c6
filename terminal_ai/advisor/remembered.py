"""What helped when the same command failed before: the memory of fixes.

Nothing is learned and kept apart: the history itself tells what was run after each
earlier failure of this very command line. Two things count as a try to fix it:

- a *variant*: the line spelled, quoted or prefixed otherwise (``gti status`` and then
  ``git status``; ``apt install x`` and then ``sudo apt install x``);
- a *remedy*: the one other command between the failure and the same line run again
  (``npm test`` failed, ``npm ci``, ``npm test`` worked).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Fix
from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.records import Advice, Attempt, Suggestion

VARIANT_SIMILARITY = 0.6
WORD_SIMILARITY = 0.5
# Words that may be put before or after a line without making another command of it.
ADDED_WORDS_LIMIT = 3
# A fix that fails more often than it works is a guess, and not a good one.
SUCCESS_FLOOR = 0.5
# Looking around repairs nothing.
_LOOKS = frozenset(
    {
        "alias", "bat", "cat", "cd", "clear", "date", "df", "diff", "du", "echo", "env",
        "file", "find", "grep", "head", "help", "history", "id", "info", "jobs", "ls",
        "ll", "la", "l", "man", "printenv", "printf", "ps", "pwd", "rg", "stat",
        "tail", "tree", "type", "whereis", "which", "whoami", "whatis",
    }
)  # fmt: skip
_LOOKING_SUBCOMMANDS = frozenset({"diff", "help", "log", "show", "status"})


@dataclass(slots=True)
class _Score:
    worked: int = 0
    tried: int = 0


def remembered_fixes(failure: Failure) -> tuple[Fix, ...]:
    """Return what worked after this failure at least every second time, best first.

    Where the command failed in this directory before, only that counts.
    """
    failed = _normal(failure.line.text)
    aftermaths = failure.surroundings.aftermaths
    here = [aftermath for aftermath in aftermaths if aftermath.cwd == failure.cwd]
    scores: dict[str, _Score] = {}
    for aftermath in here or aftermaths:
        for command, has_worked in _tries(failed, aftermath.attempts):
            score = scores.setdefault(command, _Score())
            score.tried += 1
            score.worked += has_worked
    ranked = sorted(
        (
            (command, score)
            for command, score in scores.items()
            if score.worked and score.worked / score.tried >= SUCCESS_FLOOR
        ),
        key=lambda pair: (-_confidence(pair[1]), pair[0]),
    )
    return tuple(_fix(command, score) for command, score in ranked)


def remembered_advice(suggestions: tuple[Suggestion, ...]) -> Advice:
    """Return the advice on a failure that no rule knows."""
    return Advice(
        _("This command has failed before."), "", suggestions, rule="remembered"
    )


def _fix(command: str, score: _Score) -> Fix:
    why = ngettext(
        "worked {worked} of {tried} time",
        "worked {worked} of {tried} times",
        score.tried,
    )
    return Fix(
        command,
        _confidence(score),
        why.format(worked=score.worked, tried=score.tried),
        is_proven=True,
    )


def _confidence(score: _Score) -> float:
    """Laplace's rule of succession: two of two says more than one of one."""
    return (score.worked + 1) / (score.tried + 2)


def _tries(failed: str, attempts: Iterable[Attempt]) -> Iterator[tuple[str, bool]]:
    """Yield each try to repair the failure and whether it worked, up to success."""
    between: list[Attempt] = []
    for attempt in attempts:
        line = _normal(attempt.command_line)
        if line == failed:
            if len(between) == 1:
                yield between[0].command_line, attempt.has_worked
            if attempt.has_worked:
                return
            between.clear()
        elif _is_variant(failed, line):
            yield attempt.command_line, attempt.has_worked
            if attempt.has_worked:
                return
        elif attempt.has_worked and not _is_look(attempt):
            between.append(attempt)


def _is_variant(failed: str, line: str) -> bool:
    words, others = failed.split(), line.split()
    added = len(others) - len(words)
    if 0 < added <= ADDED_WORDS_LIMIT and (
        others[added:] == words or all(map(_is_near, words, others))
    ):
        return True
    return OSA.normalized_similarity(failed, line) >= VARIANT_SIMILARITY


def _is_near(word: str, other: str) -> bool:
    return OSA.normalized_similarity(word, other) >= WORD_SIMILARITY


def _is_look(attempt: Attempt) -> bool:
    if attempt.used_alternate_screen:
        return True
    words = attempt.command_line.split()
    return words[0] in _LOOKS or not _LOOKING_SUBCOMMANDS.isdisjoint(words[1:2])


def _normal(line: str) -> str:
    return " ".join(line.split())
