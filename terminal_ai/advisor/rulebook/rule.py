"""The form of a rule, as written in TOML and as compiled for use.

A rule is data: it can match text, fill templates and choose among names. It cannot run
code, which is why rules of users are as harmless as ours.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import msgspec
from msgspec import Meta

from terminal_ai.advisor.reading.anchor import Required, required_texts
from terminal_ai.advisor.rulebook import template
from terminal_ai.advisor.rulebook.pattern import Compiler, Match, OurPattern, Pattern
from terminal_ai.errors import RuleError
from terminal_ai.records import NameKind

ANY_PROGRAM = "*"
PATTERN_LENGTH_LIMIT = 2_000
BUILTIN_NAMES = frozenset(
    (
        *("program", "command", "args", "line", "cwd", "home", "choice", "exit_code"),
        *("arg1", "arg2", "arg3", "after1", "after2", "first", "last"),
    )
)
SOURCES = (
    *("group", "list", "vocabulary", "files", "directories", "paths", "programs"),
    "project",
)

# A page of the manual, or a program's own help.
_REFERENCE = re.compile(
    r"[\w.+:-]+\(\d\w*\)"
    r"|[\w.+-]+(?: [\w.+-]+)* (?:--help|-h|help)"
    r"|[\w.+-]+ help(?: [\w.+-]+)*"
)

Fraction = Annotated[float, Meta(gt=0, le=1)]


class ChoiceSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the names for ``{choice}`` come from, and which of them are kept."""

    source: str
    """``group``, ``list``, ``vocabulary``, ``files``, ``directories``, ``paths``,
    ``programs`` or ``project``."""
    name: str = ""
    """The group, the vocabulary or the kind of a project's names (``NameKind``)."""
    names: tuple[str, ...] = ()
    """For ``list``: the names themselves; for ``project``: if no file names any."""
    near: str = ""
    """Keep the names closest to this value; empty keeps the order of the source."""
    limit: Annotated[int, Meta(ge=1, le=3)] = 3
    cutoff: Fraction = 0.6


class FixSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to build a command; exactly one of the four forms."""

    template: str = ""
    """Takes the place of the program and its arguments."""
    before: str = ""
    """A command to run first: ``before && the whole line``."""
    whole: str = ""
    """Takes the place of the whole line."""
    replace: str = ""
    """The value of a word to replace by ``by``."""
    by: str = ""
    choices: ChoiceSource | None = None
    command: str = ""
    """A pattern the failed command must match."""
    shells: tuple[str, ...] = ()
    """Only in these shells; empty for all."""
    with_files: tuple[str, ...] = ()
    """Only where one of these stands in the cwd; a directory ends with a slash."""
    without_files: tuple[str, ...] = ()
    """Only where none of these stands in the cwd."""
    installed: tuple[str, ...] = ()
    """Only where one of these programs is on PATH."""
    looks: bool = False
    """It only shows more of what is wrong: named among where to read on, not proposed
    as a repair."""
    confidence: Fraction = 0.8
    why: str = ""


class ExampleSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A failure and what the rule must make of it; run as a test."""

    command: str
    output: str = ""
    exit_code: int = 1
    fires: bool = True
    fixes: tuple[str, ...] | None = None
    """The suggestions, best first; empty for none, absent to leave them open."""
    looks: tuple[str, ...] = ()
    """What comes first among where to read on."""
    files: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    project: dict[NameKind, tuple[str, ...]] = {}
    shell: str = "bash"


class RuleSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ``[[rule]]`` table."""

    id: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]*$")]
    what: str
    why: str
    programs: tuple[str, ...] = (ANY_PROGRAM,)
    patterns: tuple[str, ...] = ()
    """Searched in the output; one must match. Groups become values."""
    command: str = ""
    """Must match the failed command. Groups become values."""
    unless: str = ""
    """Must not match the output."""
    unless_command: str = ""
    exit_codes: tuple[int, ...] = ()
    shells: tuple[str, ...] = ()
    """Only in these shells; empty for all."""
    with_files: tuple[str, ...] = ()
    """Only where one of these stands in the cwd; a directory ends with a slash."""
    see: tuple[str, ...] = ()
    """Where to read on: ``git-push(1)``, ``npm install --help``."""
    prior: Fraction = 0.6
    lookups: dict[str, tuple[str, str]] = {}
    """New values: ``package = ["module", "python_packages"]``."""
    known: dict[str, tuple[str, str]] = {}
    """As ``lookups``, but there is no value where the table holds none."""
    fix: tuple[FixSource, ...] = ()
    example: tuple[ExampleSource, ...] = ()


class RuleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of rules."""

    rule: tuple[RuleSource, ...] = ()


@dataclass(frozen=True)
class OutputPattern:
    """A pattern for the output, and the texts no match can do without."""

    regex: Pattern

    @cached_property
    def required(self) -> Required:
        """Texts that are looked for before the pattern is."""
        return required_texts(self.regex.text)

    def search(self, output: str) -> Match | None:
        """Return the first match in ``output``."""
        return self.regex.search(output) if self.required.may_match(output) else None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its patterns; ``is_users``: nobody has vetted it."""

    source: RuleSource
    origin: str
    patterns: tuple[OutputPattern, ...]
    command: Pattern | None
    unless: Pattern | None
    unless_command: Pattern | None
    fixes: tuple[tuple[FixSource, Pattern | None], ...]
    is_users: bool = False

    @property
    def id(self) -> str:
        """The rule's name, unique in a rule book."""
        return self.source.id

    @property
    def family(self) -> str:
        """The folder of the file that the rule stands in."""
        return self.origin.partition("/")[0]

    def compile(self) -> None:
        """Compile its patterns; raises ValueError for a bad one."""
        for pattern in self._every_pattern():
            _ = pattern.group_names
        for output_pattern in self.patterns:
            _ = output_pattern.required

    def _every_pattern(self) -> Iterator[Pattern]:
        yield from (pattern.regex for pattern in self.patterns)
        optional = (self.command, self.unless, self.unless_command)
        conditions = (condition for _, condition in self.fixes)
        yield from (pattern for pattern in (*optional, *conditions) if pattern)

    def texts(self) -> Iterator[str]:
        """Yield every text of the rule that a user may read."""
        yield self.source.what
        yield self.source.why
        for fix, _ in self.fixes:
            if fix.why:
                yield fix.why


def make_rule(
    source: RuleSource,
    origin: str,
    compiler: Compiler = OurPattern,
    *,
    is_users: bool = False,
) -> Rule:
    """Make a rule of what is known to be right; its patterns may be compiled later."""
    return Rule(
        source,
        origin,
        tuple(
            OutputPattern(_compile(source, pattern, compiler))
            for pattern in source.patterns
        ),
        _optional(source, source.command, compiler),
        _optional(source, source.unless, compiler),
        _optional(source, source.unless_command, compiler),
        tuple((fix, _optional(source, fix.command, compiler)) for fix in source.fix),
        is_users,
    )


def check_rule(rule: Rule) -> None:
    """Validate what the types cannot say; raises RuleError with the rule's id."""
    source = rule.source
    if not source.patterns and not source.command:
        raise _error(source, "needs patterns or a command", hint="add patterns = [...]")
    known = set(BUILTIN_NAMES) | set(source.lookups) | set(source.known)
    for pattern in (*(p.regex for p in rule.patterns), rule.command):
        known |= _group_names(source, pattern)
    for pattern in (rule.unless, rule.unless_command):
        _group_names(source, pattern)
    for value, _table in (*source.lookups.values(), *source.known.values()):
        _check_names(source, (value,), known)
    for fix, condition in rule.fixes:
        _check_fix(source, fix, known | _group_names(source, condition))
    for text in (source.what, source.why, *(fix.why for fix in source.fix)):
        try:
            names = template.text_names(text)
        except ValueError as error:
            raise _error(source, f"text {text!r}: {error}") from error
        _check_names(source, names, known)
    for reference in source.see:
        if not _REFERENCE.fullmatch(reference):
            raise _error(
                source,
                f"see = {reference!r} names no page and no help",
                hint="write git-push(1) or git push --help",
            )


def _check_fix(source: RuleSource, fix: FixSource, known: set[str]) -> None:
    forms = [
        form for form in (fix.template, fix.before, fix.whole, fix.replace) if form
    ]
    if len(forms) != 1 or bool(fix.replace) != bool(fix.by):
        raise _error(
            source,
            "a fix has one of template, before, whole, or replace with by",
            hint="split it into several [[rule.fix]] tables",
        )
    names = [fix.replace] if fix.replace else []
    for text in (fix.template, fix.before, fix.whole, fix.by):
        try:
            names.extend(template.names(text))
        except ValueError as error:
            raise _error(source, f"template {text!r}: {error}") from error
    if choices := fix.choices:
        if choices.source not in SOURCES:
            raise _error(
                source,
                f"unknown source of choices {choices.source!r}",
                hint=f"known: {', '.join(SOURCES)}",
            )
        names.extend(name for name in (choices.near,) if name)
        if choices.source == "group":
            names.append(choices.name)
        if choices.source == "project" and choices.name not in set(NameKind):
            raise _error(
                source,
                f"unknown kind of names {choices.name!r}",
                hint=f"known: {', '.join(NameKind)}",
            )
    _check_names(source, names, known)


def _check_names(
    source: RuleSource,
    names: Iterator[str] | tuple[str, ...] | list[str],
    known: set[str],
) -> None:
    for name in names:
        if name not in known:
            raise _error(
                source,
                f"unknown name {name!r}",
                hint=f"known: {', '.join(sorted(known))}",
            )


def _compile(source: RuleSource, text: str, compiler: Compiler) -> Pattern:
    if len(text) > PATTERN_LENGTH_LIMIT:
        raise _error(source, "a pattern is too long", hint="split it in two")
    try:
        return compiler(text)
    except ValueError as error:
        raise _error(source, f"pattern {text!r}: {error}") from error


def _optional(source: RuleSource, text: str, compiler: Compiler) -> Pattern | None:
    return _compile(source, text, compiler) if text else None


def _group_names(source: RuleSource, pattern: Pattern | None) -> frozenset[str]:
    try:
        return pattern.group_names if pattern else frozenset()
    except ValueError as error:
        text = pattern.text if pattern else ""
        raise _error(source, f"pattern {text!r}: {error}") from error


def _error(source: RuleSource, message: str, *, hint: str = "") -> RuleError:
    return RuleError(f"rule {source.id}: {message}", hint=hint)
