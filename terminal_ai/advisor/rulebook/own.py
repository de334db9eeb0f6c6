"""Files of rules that users write: read, checked in full, and never trusted.

A file is used as a whole or not at all, so that half of an idea never runs. Every
mistake is told at once, with the line it stands in.
"""

import re
import threading
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from terminal_ai.advisor.rulebook.book import RuleBook
from terminal_ai.advisor.rulebook.pattern import UsersPattern
from terminal_ai.advisor.rulebook.rule import Rule, RuleSource, check_rule, make_rule
from terminal_ai.errors import RuleError
from terminal_ai.messages import gettext as _
from terminal_ai.safety.sanitize import single_line

RULES_LIMIT = 500
"""Rules in one file."""
PARTS_LIMIT = 50
"""Patterns, fixes, examples, lookups or references of one rule."""
NAMES_LIMIT = 500
"""Names in one list, and programs of one rule."""
TEXT_LIMIT_CHARACTERS = 2_000
MESSAGE_LIMIT_CHARACTERS = 300
LINE_LIMIT_CHARACTERS = 2_500
"""Reading TOML takes the square of a key's parts, which all stand in one line."""
PROBLEMS_LIMIT = 20
"""Problems told of one file."""
OWN_FAMILY = "own"

_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*rule[ \t]*\]\]", re.MULTILINE)
_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)\Z")
_AT_KEY = re.compile(r" - at `\$(?P<path>[^`]*)`\Z")
_UNKNOWN_FIELD = re.compile(r"unknown field `(\w+)`")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file, where, and what to do; ``line`` 0 is not known."""

    file: str
    message: str
    line: int = 0
    rule: str = ""
    hint: str = ""
    is_warning: bool = False

    @property
    def place(self) -> str:
        """The file, its line, and the rule as far as known."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.rule}" if self.rule else place

    @property
    def told(self) -> str:
        """All of it on one line."""
        text = f"{self.place}: {self.message}"
        return single_line(f"{text} – {self.hint}" if self.hint else text, 1_000)


@dataclass(frozen=True, slots=True)
class OwnFile:
    """What one file says: rules, and the ids of ours that it switches off."""

    rules: tuple[Rule, ...] = ()
    off: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()
    """Where each rule begins; 0 where that is not known."""
    problems: tuple[Problem, ...] = ()
    """If there are any, the file has no rules."""


class OwnRules:
    """The user's rules in use; safe to ask from several threads."""

    def __init__(self, rules: Iterable[Rule] = (), off: Iterable[str] = ()) -> None:
        self.book = RuleBook(rules)
        self.replaced = frozenset(off) | {rule.id for rule in self.book.rules}
        """The ids of ours that are not asked."""
        self._lock = threading.Lock()
        self._slow: set[str] = set()

    @property
    def slow(self) -> frozenset[str]:
        """The ids of rules that took too long and are not asked any more."""
        with self._lock:
            return frozenset(self._slow)

    def put_aside(self, rule: Rule) -> None:
        """Ask this rule no more until the rules are read again."""
        with self._lock:
            self._slow.add(rule.id)

    def about(self, program: str) -> Iterator[Rule]:
        """Yield the rules that may speak of ``program`` and are fast enough."""
        slow = self.slow
        return (rule for rule in self.book.about(program) if rule.id not in slow)


def read_own_file(text: str, *, name: str, shown: str) -> OwnFile:
    """Read a file ``name``, which is ``shown`` to the user as such; never raises."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LINE_LIMIT_CHARACTERS:
            told = _("a line is longer than {limit} characters")
            message = told.format(limit=LINE_LIMIT_CHARACTERS)
            return OwnFile(problems=(Problem(shown, message, number),))
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return OwnFile(problems=(_toml_problem(str(error), text, shown),))
    except RecursionError:
        told = _("it is nested too deeply")
        return OwnFile(problems=(Problem(shown, told),))
    reader = _Reader(text, name, shown)
    reader.read(data)
    if reader.problems:
        return OwnFile(problems=tuple(reader.problems[:PROBLEMS_LIMIT]))
    return OwnFile(tuple(reader.rules), reader.off, tuple(reader.lines))


def _toml_problem(message: str, text: str, shown: str) -> Problem:
    found = _AT_LINE.search(message)
    last = text.rstrip("\n").count("\n") + 1
    return Problem(
        shown,
        single_line(_AT_LINE.sub("", message), MESSAGE_LIMIT_CHARACTERS),
        line=int(found[1] or last) if found else 0,
        hint=_("this is no TOML: quote text, and patterns with '''…'''"),
    )


class _Reader:
    """Collects rules and problems of one file."""

    def __init__(self, text: str, name: str, shown: str) -> None:
        self.rules: list[Rule] = []
        self.lines: list[int] = []
        self.off: tuple[str, ...] = ()
        self.problems: list[Problem] = []
        self._lines = text.split("\n")
        self._text = text
        self._origin = f"{OWN_FAMILY}/{name}"
        self._shown = shown

    def read(self, data: dict[str, object]) -> None:
        """Take the file apart."""
        for key in sorted(data.keys() - {"rule", "off"})[:PROBLEMS_LIMIT]:
            self._complain(
                _("unknown key {key}").format(key=repr(key)),
                line=self._line_of(key, 1),
                hint=_("a file has [[rule]] tables and off = [...]"),
            )
        self._read_off(data.get("off", []))
        tables = data.get("rule", [])
        if not isinstance(tables, list) or len(tables) > RULES_LIMIT:
            self._complain(
                _("rules are written as [[rule]], at most {limit} in a file").format(
                    limit=RULES_LIMIT
                )
            )
            return
        begins = [
            self._text.count("\n", 0, found.start()) + 1
            for found in _HEADER.finditer(self._text)
        ]
        if len(begins) != len(tables):
            begins = [0] * len(tables)
        for table, line in zip(tables, begins, strict=True):
            self._read_rule(table, line)

    def _read_off(self, off: object) -> None:
        line = self._line_of("off", 1)
        try:
            ids = msgspec.convert(off, tuple[str, ...])
        except msgspec.ValidationError:
            ids = ("",)
        if len(ids) > NAMES_LIMIT or not all(map(_NAME.fullmatch, ids)):
            self._complain(
                _("off is a list of the ids of rules"),
                line=line,
                hint=_("`terminal-ai rules list` shows them"),
            )
        self.off = ids

    def _read_rule(self, table: object, line: int) -> None:
        told = table.get("id") if isinstance(table, dict) else None
        rule_id = single_line(told, 60) if isinstance(told, str) else ""
        try:
            source = msgspec.convert(table, RuleSource)
            check_size(source)
            rule = make_rule(source, self._origin, UsersPattern, is_users=True)
            check_rule(rule)
            if rule_id in {rule.id for rule in self.rules}:
                raise RuleError(_("the id is taken"), hint=_("give it another"))  # noqa: TRY301
        except msgspec.ValidationError as error:
            self._complain_of_type(str(error), rule_id, line)
        except RuleError as error:
            message = error.message.removeprefix(f"rule {rule_id}: ")
            self._complain(message, rule_id, line, error.hint)
        else:
            self.rules.append(rule)
            self.lines.append(line)

    def _complain_of_type(self, message: str, rule_id: str, line: int) -> None:
        path = _AT_KEY.search(message)
        unknown = _UNKNOWN_FIELD.search(message)
        keys = re.findall(r"\w+", path["path"]) if path else []
        key = (
            unknown[1] if unknown else next((k for k in keys[::-1] if k.isalpha()), "")
        )
        known = ", ".join(RuleSource.__struct_fields__)
        hint = _("a rule has {fields}").format(fields=known)
        place = f"{path['path'].lstrip('.')}: " if path and path["path"] else ""
        self._complain(
            place + _AT_KEY.sub("", message),
            rule_id,
            self._line_of(key, line) or line,
            hint if unknown and not place else "",
        )

    def _complain(
        self, message: str, rule: str = "", line: int = 0, hint: str = ""
    ) -> None:
        text = single_line(message, MESSAGE_LIMIT_CHARACTERS)
        self.problems.append(Problem(self._shown, text, line, rule, hint))

    def _line_of(self, key: str, start: int) -> int:
        """Return the first line from ``start`` that sets ``key``; 0 if none does."""
        if not start or not key:
            return 0
        sets = re.compile(rf"[ \t]*(?:\[+.*\.)?{re.escape(key)}[ \t]*[=\]]")
        for number, line in enumerate(self._lines[start - 1 :], start):
            if number > start and _HEADER.match(line):
                return 0
            if sets.match(line):
                return number
        return 0


def check_size(source: RuleSource) -> None:
    """Refuse what no rule needs; raises RuleError."""
    counts = {
        "patterns": len(source.patterns),
        "fix": len(source.fix),
        "example": len(source.example),
        "lookups": len(source.lookups) + len(source.known),
        "see": len(source.see),
    }
    for name, count in counts.items():
        if count > PARTS_LIMIT:
            raise _too_many(name, PARTS_LIMIT)
    names = [len(fix.choices.names) for fix in source.fix if fix.choices]
    if max(len(source.programs), *names, 0) > NAMES_LIMIT:
        raise _too_many("names", NAMES_LIMIT)
    texts = [source.what, source.why]
    for fix in source.fix:
        texts += [fix.why, fix.template, fix.before, fix.whole, fix.replace, fix.by]
    if any(len(text) > TEXT_LIMIT_CHARACTERS for text in texts):
        raise RuleError(
            _("a text is longer than {limit} characters").format(
                limit=TEXT_LIMIT_CHARACTERS
            )
        )


def _too_many(name: str, limit: int) -> RuleError:
    return RuleError(
        _("more than {limit} of {name}").format(limit=limit, name=name),
        hint=_("split the rule in two"),
    )
