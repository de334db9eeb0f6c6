"""A command that worked before and differs from the failed one in a single word.

History knows what no listing shows: branches, hosts, containers, scripts.
"""

from collections.abc import Iterable

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.habits import KNOWN_COMMANDS_LIMIT
from terminal_ai.advisor.evidence.similar import closest
from terminal_ai.messages import gettext as _

WORD_CUTOFF = 0.68


def recall(failure: Failure) -> Iterable[Finding]:
    """Propose the word that stood in this place when the command worked."""
    if len(failure.line.commands) != 1:
        return
    typed = failure.line.text.split()
    worked: dict[int, dict[str, None]] = {}
    for known in failure.surroundings.known_commands[:KNOWN_COMMANDS_LIMIT]:
        words = known.split()
        if len(words) != len(typed) or words[:1] != typed[:1]:
            continue
        changed = [at for at, word in enumerate(words) if word != typed[at]]
        if len(changed) == 1:
            worked.setdefault(changed[0], {})[words[changed[0]]] = None
    for at, names in worked.items():
        wrong = typed[at]
        near = closest(wrong, names, limit=2, cutoff=WORD_CUTOFF)
        evidence = failure.evidence(wrong.strip("'\""))
        if near and evidence:
            lines = (" ".join([*typed[:at], m.name, *typed[at + 1 :]]) for m in near)
            scores = (match.score for match in near)
            yield Finding(
                "worked-before",
                _("{word} was not accepted.").format(word=wrong),
                _("The same command with a word close to it has worked before."),
                evidence,
                0.95,
                tuple(
                    Fix(line, score) for line, score in zip(lines, scores, strict=True)
                ),
            )
            return
