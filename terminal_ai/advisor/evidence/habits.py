"""What this user does: which commands worked, and how often a word is used."""

from collections import Counter
from collections.abc import Mapping

from rapidfuzz.distance import OSA

from terminal_ai.advisor.evidence.failure import Failure

KNOWN_COMMANDS_LIMIT = 1_000
# What was used once is as familiar as half of all programs are.
USED_ONCE = 0.5
WORKED_BONUS = 0.15
# A line less like the one that failed is another command, not what was meant.
SIMILAR_LINE = 0.7
LINE_LENGTH_LIMIT = 400


def used_words(failure: Failure, *lead: str) -> Mapping[str, float]:
    """Return how familiar each word is that followed ``lead`` in what worked.

    Without a lead these are programs. The most used is 1.0.
    """
    counts: Counter[str] = Counter()
    for line in failure.surroundings.known_commands[:KNOWN_COMMANDS_LIMIT]:
        words = line.split(maxsplit=len(lead) + 1)
        if len(words) > len(lead) and tuple(words[: len(lead)]) == lead:
            counts[words[len(lead)]] += 1
    most = max(counts.values(), default=1)
    rest = 1 - USED_ONCE
    return {word: USED_ONCE + rest * count / most for word, count in counts.items()}


def worked_bonus(command: str, failure: Failure) -> float:
    """Return what a correction gains that has worked before; nothing for a guess."""
    known = failure.surroundings.known_commands[:KNOWN_COMMANDS_LIMIT]
    failed = failure.line.text.strip()
    if command.strip() not in known or len(failed) > LINE_LENGTH_LIMIT:
        return 0.0
    similarity = OSA.normalized_similarity(command.strip(), failed)
    return WORKED_BONUS * similarity if similarity >= SIMILAR_LINE else 0.0
