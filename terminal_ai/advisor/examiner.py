"""What the advisor does: a failed command in, ranked advice out.

gate → normalise → parse → rules (data, then code) → rank → admit → explain
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path

from terminal_ai.advisor.admission import admit, why_unfit
from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.habits import worked_bonus
from terminal_ai.advisor.evidence.knowledge import Knowledge, load_knowledge
from terminal_ai.advisor.gate import is_silent
from terminal_ai.advisor.reading.anchor import Output
from terminal_ai.advisor.reading.command_line import SimpleCommand, parse
from terminal_ai.advisor.reading.dialect import Dialect, languages, load_dialect
from terminal_ai.advisor.reading.normalise import normalise, printed_line, readable
from terminal_ai.advisor.reading.wording import compile_every_wording
from terminal_ai.advisor.references import SEE_LIMIT, where_to_read
from terminal_ai.advisor.remembered import remembered_advice, remembered_fixes
from terminal_ai.advisor.rulebook.book import RuleBook, load_rule_book
from terminal_ai.advisor.rulebook.matching import apply_rule
from terminal_ai.advisor.rulebook.own import OwnRules
from terminal_ai.advisor.rulebook.rule import Rule
from terminal_ai.advisor.stateful import STATEFUL_RULES
from terminal_ai.records import Advice, CapturedOutput, CommandRecord, Surroundings
from terminal_ai.safety.sanitize import single_line

EVIDENCE_LIMIT_CHARACTERS = 200
TEXT_LIMIT_CHARACTERS = 600
# From here on a finding speaks alone: it knows the cause, even if it knows no command.
CERTAIN_WEIGHT = 0.8
# Below that, findings not much weaker than the best one add their suggestions.
WEIGHT_WINDOW = 0.45
# What is less sure than that does not silence what other rules propose.
SURE_CONFIDENCE = 0.6
# When rules of the user took this long, the rest of them is left out this time.
OWN_RULES_SECONDS = 0.25

_REHEARSAL = CommandRecord(
    id="",
    command_line="gti status",
    cwd="/",
    exit_code=127,
    started_at=0.0,
    duration_seconds=0.0,
    output=CapturedOutput(b"bash: gti: command not found\n"),
)
"""A failure that most rules look at."""

_Apply = Callable[[Rule, SimpleCommand, Failure], Finding | None]


@dataclass(frozen=True, slots=True)
class Examination:
    """A diagnosis with everything it was made of.

    Without a ``failure`` there was nothing to explain. Findings are the best first;
    rules of the user speak alone where one of them fires.
    """

    advice: Advice | None = None
    failure: Failure | None = None
    findings: tuple[Finding, ...] = ()


class Examiner:
    """Examines failed commands; loads its rules at the first examination."""

    def __init__(
        self,
        *,
        rules: RuleBook | None = None,
        dialect: Dialect | None = None,
        stored_rules: Path | None = None,
    ) -> None:
        """``stored_rules``: a file that may hold ours in a form that is read faster."""
        self._stored_rules = stored_rules
        self._given_rules = rules
        self._given_dialect = dialect

    @cached_property
    def rules(self) -> RuleBook:
        """The rules in use."""
        return self._given_rules or load_rule_book(self._stored_rules)

    @cached_property
    def knowledge(self) -> Knowledge:
        """Names and tables that rules refer to."""
        return load_knowledge()

    @cached_property
    def dialect(self) -> Dialect:
        """How to read messages in the user's language."""
        if self._given_dialect is not None:
            return self._given_dialect
        return load_dialect(languages(os.environ))

    def prepare(self, *, breathe: Callable[[], object] = lambda: None) -> None:
        """Load everything now, so that the first diagnosis is as fast as the others.

        ``breathe`` is called after each step, for a thread to let others have the
        interpreter.
        """
        _ = self.knowledge, self.dialect
        for _step in chain(self.rules.compile(), compile_every_wording()):
            breathe()
        self.examine(_REHEARSAL, Surroundings())

    def examine(
        self,
        record: CommandRecord,
        surroundings: Surroundings,
        own: OwnRules | None = None,
    ) -> Examination:
        """Diagnose, and tell what the advice was made of."""
        own = own or OwnRules()
        line = parse(record.command_line)
        if is_silent(record, line):
            return Examination()
        failure = Failure(
            line=line,
            exit_code=record.exit_code or 0,
            output=Output(normalise(record.output.text, self.dialect)),
            surroundings=surroundings,
            knowledge=self.knowledge,
            cwd=record.cwd,
            shell=record.shell,
        )
        found = list(_own_findings(failure, own)) or [
            finding
            for finding in self._findings(failure)
            if finding.rule not in own.replaced
        ]
        found.sort(key=lambda finding: -finding.weight)
        advice = _advice(found, remembered_fixes(failure), failure)
        if advice is not None:
            printed = readable(record.output.text)
            quote = printed_line(advice.evidence, failure.output, printed)
            quote = single_line(quote, EVIDENCE_LIMIT_CHARACTERS)
            advice = replace(advice, evidence=quote)
        if advice and line.text != record.command_line:
            # What was cut off the line would be missing in every suggestion.
            advice = replace(advice, suggestions=())
        return Examination(advice, failure, tuple(found))

    def _findings(self, failure: Failure) -> Iterator[Finding]:
        for stateful in STATEFUL_RULES:
            yield from stateful(failure)
        yield from _findings_of_data(failure, self.rules, apply_rule)


def _findings_of_data(
    failure: Failure, rules: RuleBook | OwnRules, apply: _Apply
) -> Iterator[Finding]:
    concluded: set[str] = set()
    commands = list(failure.line.commands)
    if failure.culprit in commands:
        commands.remove(failure.culprit)
        commands.insert(0, failure.culprit)
    for command in commands:
        for rule in rules.about(command.program):
            if rule.id in concluded:
                continue
            finding = apply(rule, command, failure)
            if finding:
                concluded.add(rule.id)
                yield finding


def _own_findings(failure: Failure, own: OwnRules) -> Iterator[Finding]:
    """Apply rules whose patterns nobody has vetted: too slow a one is put aside."""
    started = time.thread_time()

    def apply(rule: Rule, command: SimpleCommand, failure: Failure) -> Finding | None:
        if time.thread_time() - started > OWN_RULES_SECONDS:
            return None
        try:
            return apply_rule(rule, command, failure)
        except (TimeoutError, MemoryError):
            own.put_aside(rule)
            return None

    return _findings_of_data(failure, own, apply)


def _advice(
    findings: list[Finding], remembered: tuple[Fix, ...], failure: Failure
) -> Advice | None:
    """Explain by the best rule; what has helped before stands first."""
    proven = [(fix, "") for fix in remembered]
    if not findings:
        suggestions = admit(proven, failure)
        return remembered_advice(suggestions) if suggestions else None
    top = findings[0]
    return Advice(
        what=single_line(top.what, TEXT_LIMIT_CHARACTERS),
        why=single_line(top.why, TEXT_LIMIT_CHARACTERS),
        suggestions=admit([*proven, *_ranked_fixes(findings, failure)], failure),
        evidence=single_line(top.evidence, EVIDENCE_LIMIT_CHARACTERS),
        rule=top.rule,
        see=_to_read(top, failure),
    )


def _to_read(finding: Finding, failure: Failure) -> tuple[str, ...]:
    """Return what shows more of the failure, then where to read on."""
    looks = (fix.command for fix in finding.looks if not why_unfit(fix, failure))
    pages = where_to_read(finding.see, failure)
    return tuple(dict.fromkeys((*looks, *pages)))[:SEE_LIMIT]


def _ranked_fixes(
    findings: list[Finding], failure: Failure
) -> Iterator[tuple[Fix, str]]:
    """Yield fixes with the why of their finding, weighted by how sure it is.

    A command that has worked before stands before a guess that is as near.
    """
    top = findings[0]
    speaks_alone = top.weight >= CERTAIN_WEIGHT and not _only_looks(top)
    for number, finding in enumerate(findings):
        is_close = finding.weight >= top.weight - WEIGHT_WINDOW
        if number and (speaks_alone or not is_close):
            return
        scale = 0.5 + 0.5 * finding.weight
        for fix in finding.fixes:
            confidence = fix.confidence * scale + worked_bonus(fix.command, failure)
            yield replace(fix, confidence=confidence), finding.why


def _only_looks(finding: Finding) -> bool:
    """Return True if its fixes are commands to find out more, none of them sure."""
    fixes = (*finding.fixes, *finding.looks)
    return bool(fixes) and all(fix.confidence < SURE_CONFIDENCE for fix in fixes)
