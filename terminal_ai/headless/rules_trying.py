"""``terminal-ai rules try``: which rules speak of a failure, and which do not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from terminal_ai.advisor.admission import why_unfit
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.examiner import Examination
from terminal_ai.advisor.rulebook.own import OwnRules
from terminal_ai.advisor.rulebook.why_not import why_not
from terminal_ai.headless.explaining import Explainer
from terminal_ai.headless.reading import capture
from terminal_ai.messages import gettext as _
from terminal_ai.safety.sanitize import sanitize_text


@dataclass(frozen=True, slots=True)
class TriedFix:
    """A command of a rule: the number it is shown as, or why it is not."""

    fix: Fix
    number: int
    refused: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A failure seen by all rules."""

    examination: Examination
    own: OwnRules

    def fixes(self, finding: Finding) -> Iterator[TriedFix]:
        """Yield what became of each command of a rule."""
        advice, failure = self.examination.advice, self.examination.failure
        shown = [one.command for one in advice.suggestions] if advice else []
        for fix in finding.fixes:
            command = fix.command.strip()
            if command in shown:
                yield TriedFix(fix, shown.index(command) + 1, "")
                continue
            refused = why_unfit(fix, failure) if failure else ""
            yield TriedFix(fix, 0, refused or _("others are better, or it is unsure"))

    def silent_own(self) -> Iterator[tuple[str, str]]:
        """Yield the user's rules that do not fire, with the reason."""
        fired = {finding.rule for finding in self.examination.findings}
        failure = self.examination.failure
        if failure is None:
            return
        for rule in self.own.book.rules:
            if rule.id in self.own.slow:
                yield rule.id, _("a pattern takes too long")
            elif rule.id not in fired:
                yield rule.id, why_not(rule, failure)

    def as_json(self) -> str:
        """Return it for programs."""
        advice = self.examination.advice
        report = {
            "is_failure": self.examination.failure is not None,
            "rule": advice.rule if advice else None,
            "fired": [
                {
                    "rule": finding.rule,
                    "is_own": self._is_own(finding),
                    "weight": round(finding.weight, 3),
                    "what": finding.what,
                    "why": finding.why,
                    "evidence": finding.evidence,
                    "suggestions": [
                        {
                            "command": tried.fix.command,
                            "confidence": round(tried.fix.confidence, 3),
                            "number": tried.number or None,
                            "refused": tried.refused or None,
                        }
                        for tried in self.fixes(finding)
                    ],
                }
                for finding in self.examination.findings
            ],
            "silent": [
                {"rule": rule, "because": reason} for rule, reason in self.silent_own()
            ],
        }
        return json.dumps(report, ensure_ascii=False, indent=2) + "\n"

    def as_text(self) -> str:
        """Return it for people."""
        return "".join(f"{sanitize_text(line)}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        if self.examination.failure is None:
            yield _("This exit code tells of no failure: no rule is asked.")
            return
        if not self.examination.findings:
            yield _("No rule fires.")
        for finding in self.examination.findings:
            whose = _("yours") if self._is_own(finding) else _("ours")
            yield _("{rule}  ({whose}, weight {weight})").format(
                rule=finding.rule, whose=whose, weight=f"{finding.weight:.2f}"
            )
            yield f"  {finding.what} {finding.why}".rstrip()
            if finding.evidence:
                yield f"  > {finding.evidence}"
            for tried in self.fixes(finding):
                number = f"{tried.number}." if tried.number else "- "
                line = f"  {number} {tried.fix.command}"
                reason = _("left out: {reason}").format(reason=tried.refused)
                yield f"{line}  ({reason})" if tried.refused else line
        silent = list(self.silent_own())
        if silent:
            yield ""
            yield _("Yours that do not fire:")
        for rule, reason in silent:
            yield f"  {rule}: {reason}"

    def _is_own(self, finding: Finding) -> bool:
        return any(finding.rule == rule.id for rule in self.own.book.rules)


def try_rules(
    command_line: str, *, exit_code: int, output: bytes, cwd: str, shell: str
) -> Tried:
    """Put a failure to all rules; what is wrong with the user's is told on stderr."""
    explainer = Explainer(prepares=False)
    examination = explainer.examine(
        command_line, exit_code, capture(output), cwd, shell
    )
    return Tried(examination, explainer.own)
