"""``terminal-ai rules check``: what is wrong with rules, and what examples give."""

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from terminal_ai.advisor import Advisor
from terminal_ai.advisor.examiner import Examination
from terminal_ai.advisor.reading.dialect import Dialect
from terminal_ai.advisor.rulebook.own import OwnFile, OwnRules, Problem
from terminal_ai.advisor.rulebook.rule import ExampleSource, Rule
from terminal_ai.advisor.rulebook.why_not import why_not
from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.records import CapturedOutput, CommandRecord, Surroundings
from terminal_ai.safety.sanitize import sanitize_text, single_line
from terminal_ai.user_rules import (
    own_rules,
    read_file,
    rule_files,
    rules_directory,
    shown,
    without_taken,
)

HOME = "/home/me"
CWD = "/home/me/project"
TEXT_LIMIT_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, and every problem in the order of the files."""

    files: int
    rules: int
    examples: int
    problems: tuple[Problem, ...]
    directory: str = ""
    """Where we looked, if no file was named."""

    @property
    def is_good(self) -> bool:
        """True without errors; there may be warnings."""
        return all(problem.is_warning for problem in self.problems)

    def as_json(self) -> str:
        """Return the report for programs."""
        problems = [
            {
                "file": problem.file,
                "line": problem.line or None,
                "rule": problem.rule or None,
                "message": problem.message,
                "hint": problem.hint,
                "level": "warning" if problem.is_warning else "error",
            }
            for problem in self.problems
        ]
        report = {
            "files": self.files,
            "rules": self.rules,
            "examples": self.examples,
            "problems": problems,
        }
        return json.dumps(report, ensure_ascii=False, indent=2) + "\n"

    def as_text(self) -> str:
        """Return the report for people: each problem with its place, then a sum."""
        return "".join(f"{sanitize_text(line)}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        for problem in self.problems:
            kind = _("warning: ") if problem.is_warning else ""
            yield f"{problem.place}: {kind}{problem.message}"
            if problem.hint:
                yield from (f"  {line}" for line in problem.hint.split("\n"))
        if not self.files and self.directory:
            yield _("No rules: there is no .toml file in {path}.").format(
                path=self.directory
            )
            return
        yield ", ".join(self._sums())

    def _sums(self) -> Iterator[str]:
        warnings = sum(problem.is_warning for problem in self.problems)
        errors = len(self.problems) - warnings
        for form, count in (
            (ngettext("{count} file", "{count} files", self.files), self.files),
            (ngettext("{count} rule", "{count} rules", self.rules), self.rules),
            (
                ngettext("{count} example", "{count} examples", self.examples),
                self.examples,
            ),
            (ngettext("{count} error", "{count} errors", errors), errors),
            (ngettext("{count} warning", "{count} warnings", warnings), warnings),
        ):
            yield form.format(count=count)


def check(paths: Sequence[Path]) -> Report:
    """Check the files, or all in the user's directory, with all their examples."""
    directory, problems = "", list[Problem]()
    if not paths:
        directory = shown(rules_directory())
        paths, problem = rule_files(rules_directory())
        problems += [problem] if problem else []
        named = {shown(path): path for path in paths}
    else:
        named = {str(path): path for path in paths}
    files = {place: read_file(path, place) for place, path in named.items()}
    good, taken = without_taken(files)
    checker = _Checker(own_rules(good))
    for place, file in files.items():
        problems += file.problems
        problems += [problem for problem in taken if problem.file == place]
        if file in good:
            problems += checker.problems(place, file)
    return Report(
        files=len(files),
        rules=sum(len(file.rules) for file in files.values()),
        examples=checker.examples,
        problems=tuple(problems),
        directory=directory,
    )


@dataclass(slots=True)
class _Checker:
    """Looks at rules that can be used: at what they refer to, and their examples."""

    own: OwnRules
    examples: int = 0
    # In English, so that an example gives the same everywhere.
    advisor: Advisor = field(default_factory=lambda: Advisor(dialect=Dialect()))

    def problems(self, place: str, file: OwnFile) -> Iterator[Problem]:
        """Yield what is wrong in one file."""
        ids = [rule.id for rule in self.advisor.rules.rules]
        for name in file.off:
            near = difflib.get_close_matches(name, ids, n=1, cutoff=0.75)
            if name not in ids and near:
                told = _("off: none of our rules is called {name}").format(name=name)
                hint = _("did you mean {name}?").format(name=near[0])
                yield Problem(place, told, hint=hint, is_warning=True)
        for rule, line in zip(file.rules, file.lines, strict=True):
            for message, hint in self._mistakes(rule):
                yield Problem(place, message, line, rule.id, hint)
            for message, hint in _omissions(rule):
                yield Problem(place, message, line, rule.id, hint, is_warning=True)

    def _mistakes(self, rule: Rule) -> Iterator[tuple[str, str]]:
        knowledge = self.advisor.knowledge
        source = rule.source
        for _value, table in (*source.lookups.values(), *source.known.values()):
            if table not in knowledge.tables:
                told = _("no table is called {name}").format(name=table)
                yield told, _known(knowledge.tables)
        for fix in rule.source.fix:
            choices = fix.choices
            if not choices or choices.source != "vocabulary":
                continue
            if choices.name not in knowledge.vocabularies:
                told = _("no vocabulary is called {name}").format(name=choices.name)
                yield told, _known(knowledge.vocabularies)
        for number, example in enumerate(rule.source.example, 1):
            self.examples += 1
            yield from self._run(rule, number, example)

    def _run(
        self, rule: Rule, number: int, example: ExampleSource
    ) -> Iterator[tuple[str, str]]:
        """Run one example; the hint says what was expected and what came."""
        examination = self._examined(example)
        advice = examination.advice
        spoke = advice.rule if advice else ""
        if rule.id in self.own.slow:
            yield (
                _("example {number}: a pattern takes too long").format(number=number),
                _("nested repeats like (a+)+ do that"),
            )
        elif (spoke == rule.id) is not example.fires:
            expected = _("the rule fires") if example.fires else _("it does not fire")
            came = _("the rule {name} fires").format(name=spoke)
            if not advice:
                came = _("no rule fires")
            yield (
                _("example {number}: {command}").format(
                    number=number, command=_short(example.command)
                ),
                _expected(expected, came, _reason(rule, example, examination)),
            )
        elif advice and example.fires:
            found = tuple(one.command for one in advice.suggestions)
            looks = advice.see[: len(example.looks)]
            for wanted, came_of in ((example.fixes, found), (example.looks, looks)):
                if wanted is not None and wanted != came_of:
                    yield (
                        _("example {number}: {command}").format(
                            number=number, command=_short(example.command)
                        ),
                        _expected(_listed(wanted), _listed(came_of)),
                    )

    def _examined(self, example: ExampleSource) -> Examination:
        record = CommandRecord(
            id="",
            command_line=example.command,
            cwd=CWD,
            exit_code=example.exit_code,
            started_at=0.0,
            duration_seconds=0.0,
            output=CapturedOutput(example.output.encode("utf-8", "replace")),
            shell=example.shell,
        )
        surroundings = Surroundings(
            programs=frozenset(example.programs),
            listings={".": example.files},
            project=example.project,
            home=HOME,
        )
        return self.advisor.examine(record, surroundings, self.own)


def _omissions(rule: Rule) -> Iterator[tuple[str, str]]:
    kinds = {example.fires for example in rule.source.example}
    if True not in kinds:
        yield (
            _("no example shows what it is for"),
            _("add [[rule.example]] with command, output and fixes"),
        )
    if False not in kinds:
        yield (
            _("no example shows what it leaves alone"),
            _("add [[rule.example]] with a similar failure and fires = false"),
        )


def _reason(rule: Rule, example: ExampleSource, examination: Examination) -> str:
    if not example.fires:
        return ""
    if examination.failure is None:
        return _("an exit code that tells of no failure is never explained")
    return why_not(rule, examination.failure)


def _expected(expected: str, came: str, reason: str = "") -> str:
    lines = [
        _("expected: {text}").format(text=expected),
        _("came:     {text}").format(text=came),
    ]
    if reason:
        lines.append(_("because:  {text}").format(text=reason))
    return "\n".join(lines)


def _listed(commands: Sequence[str]) -> str:
    shown_commands = (_short(command) for command in commands)
    return " | ".join(shown_commands) or _("no suggestion")


def _known(names: Mapping[str, object]) -> str:
    return _("known: {names}").format(names=", ".join(sorted(names)))


def _short(text: str) -> str:
    return single_line(text, TEXT_LIMIT_CHARACTERS)
