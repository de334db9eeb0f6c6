"""The way to the offline advisor.

Light to import: what examines is a fifth of all modules of the app, and nobody asks
for it before the first prompt. It is loaded when it is asked for first.
"""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from terminal_ai.records import Advice, CommandRecord, Surroundings

if TYPE_CHECKING:
    from terminal_ai.advisor.evidence.knowledge import Knowledge
    from terminal_ai.advisor.evidence.wanted import Wanted
    from terminal_ai.advisor.examiner import Examination, Examiner
    from terminal_ai.advisor.reading.dialect import Dialect
    from terminal_ai.advisor.rulebook.book import RuleBook
    from terminal_ai.advisor.rulebook.own import OwnRules


class Advisor:
    """Diagnoses failed commands; loads itself at the first diagnosis."""

    def __init__(
        self,
        *,
        rules: "RuleBook | None" = None,
        dialect: "Dialect | None" = None,
        stored_rules: Path | None = None,
    ) -> None:
        """``stored_rules``: a file that may hold ours in a form that is read faster."""
        self._stored_rules = stored_rules
        self._given_rules = rules
        self._given_dialect = dialect

    @cached_property
    def _examiner(self) -> "Examiner":
        from terminal_ai.advisor.examiner import Examiner

        return Examiner(
            rules=self._given_rules,
            dialect=self._given_dialect,
            stored_rules=self._stored_rules,
        )

    @property
    def rules(self) -> "RuleBook":
        """The rules in use."""
        return self._examiner.rules

    @property
    def knowledge(self) -> "Knowledge":
        """Names and tables that rules refer to."""
        return self._examiner.knowledge

    @property
    def dialect(self) -> "Dialect":
        """How to read messages in the user's language."""
        return self._examiner.dialect

    def prepare(self, *, breathe: Callable[[], object] = lambda: None) -> None:
        """Load everything now, so that the first diagnosis is as fast as the others.

        It takes some tenths of a second: ``breathe`` is called after each step, for a
        thread to let others have the interpreter.
        """
        self._examiner.prepare(breathe=breathe)

    def wanted(self, command_line: str) -> "Wanted":
        """Return what to look up on the advisor's behalf before it is asked."""
        from terminal_ai.advisor.evidence.wanted import wanted

        return wanted(command_line)

    def diagnose(
        self,
        record: CommandRecord,
        surroundings: Surroundings,
        own: "OwnRules | None" = None,
    ) -> Advice | None:
        """Explain a failed command and propose fixes; None where silence is better."""
        return self.examine(record, surroundings, own).advice

    def examine(
        self,
        record: CommandRecord,
        surroundings: Surroundings,
        own: "OwnRules | None" = None,
    ) -> "Examination":
        """Diagnose, and tell what the advice was made of."""
        return self._examiner.examine(record, surroundings, own)
