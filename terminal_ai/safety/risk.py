"""How much a command can destroy: a deterministic label, no model asked.

Unknown programs ask for caution. What cannot be read (a program name that the shell
would compute, nesting without end, a line too long) is dangerous: a label may be too
high, never too low.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from terminal_ai.records import Risk
from terminal_ai.safety import risk_runners
from terminal_ai.safety.command_line import (
    ASSIGNMENT,
    CommandLine,
    Link,
    Word,
    parse_command_line,
)
from terminal_ai.safety.risk_invocation import (
    Invocation,
    Judge,
    is_device,
    is_key_file,
    is_system_path,
    many_operands,
    worst,
)
from terminal_ai.safety.risk_programs import PROGRAMS
from terminal_ai.safety.risk_runners import RUNNERS
from terminal_ai.safety.risk_subcommand_tables import SUBCOMMANDS
from terminal_ai.safety.risk_subcommands import git, subcommands
from terminal_ai.safety.risk_tables import (
    DANGER_PROGRAMS,
    INTERPRETERS,
    ROOT_WRAPPERS,
    SAFE_PROGRAMS,
    SHELLS,
    SQL_CLIENTS,
    TEXT_OPTIONS,
    WRAPPER_OPERANDS,
    WRAPPERS,
    names,
)

LENGTH_LIMIT = 8_192
"""Longer lines cannot be judged by who reads them, either."""
DEPTH_LIMIT = 8
"""Commands inside commands deeper than this are not followed."""
PROGRAM_LIMIT = 400
"""Programs looked at in one line, those inside others included."""

# What may stand before a program without being one.
_KEYWORDS = names(
    "! { } if then elif else fi while until do done esac in function"
    " time coproc and or not begin end (("
)
# A list of words follows, not a program.
_LIST_KEYWORDS = frozenset({"for", "select", "case"})
_HARMLESS_TARGETS = re.compile(r"/dev/(?:null|stdout|stderr|stdin|tty|fd/\d+)|-|\d+")
_RUNS_CODE_WHEN_ASSIGNED = re.compile(
    r"(?:LD_PRELOAD|LD_LIBRARY_PATH|PROMPT_COMMAND|BASH_ENV|ENV|GIT_SSH_COMMAND"
    r"|GIT_EXTERNAL_DIFF|PAGER|GIT_PAGER|EDITOR|VISUAL|IFS|PATH|PERL5OPT|PYTHONSTARTUP"
    r"|NODE_OPTIONS)="
)
_FORK_BOMB = re.compile(r"([^\s(){}|&;]{1,32})\s*\(\)\s*\{[^}]{0,200}\1\s*\|\s*\1")
_DESTRUCTIVE_SQL = re.compile(
    r"(?i)\b(?:drop\s+(?:table|database|schema|index|view|user|role|column|keyspace"
    r"|collection)|truncate\s|delete\s+from|alter\s+table\s+\S+\s+drop|flushall|flushdb"
    r"|dropdatabase|\.drop\s*\(|deletemany|\.remove\s*\()"
)

_HANDLERS = {**PROGRAMS, **RUNNERS, "git": git}


def assess_risk(command_line: str) -> Risk:
    """Return the risk of a whole command line. Never raises."""
    return _Assessment().of_text(command_line, 0)


class _Assessment:
    """One assessment, which may look at a limited number of programs."""

    def __init__(self) -> None:
        self._programs_left = PROGRAM_LIMIT

    def of_text(self, text: str, depth: int) -> Risk:
        """Judge a text as the shell would read it."""
        if len(text) > LENGTH_LIMIT or depth > DEPTH_LIMIT:
            return Risk.DANGER
        if _FORK_BOMB.search(text):
            return Risk.DANGER
        line = parse_command_line(text)
        risks = [self.of_text(inner, depth + 1) for inner in line.substitutions]
        for command in line.commands:
            risks += [_assess_redirect(r.operator, r.target) for r in command.redirects]
            scope = _Scope(depth, command.link is Link.PIPE, line.assigns_variables)
            risks.append(self._of_words(command.words, scope))
        if _has_destructive_sql(line, text):
            risks.append(Risk.DANGER)
        return worst(risks)

    def _of_words(self, words: list[Word], scope: "_Scope") -> Risk:
        floor, words = _without_prefix(words)
        if not words:
            return floor
        self._programs_left -= 1
        if self._programs_left < 0 or scope.depth > DEPTH_LIMIT:
            return Risk.DANGER
        return worst([floor, self._of_program(words[0], words[1:], scope)])

    def _of_program(self, first: Word, arguments: list[Word], scope: "_Scope") -> Risk:
        if first.text.startswith("#"):
            return Risk.SAFE
        if (risk := _assess_unreadable_name(first, scope)) is not None:
            return risk
        name = first.text.rpartition("/")[2].lower().removesuffix(".exe")
        inner = replace(scope, depth=scope.depth + 1)

        def judge(command: str | list[Word]) -> Risk:
            if isinstance(command, str):
                return self.of_text(command, inner.depth)
            return self._of_words(command, inner)

        if name in WRAPPERS:
            return _assess_wrapper(name, arguments, judge)
        if [word.text for word in arguments] in (["--version"], ["--help"]):
            return Risk.SAFE
        invocation = Invocation(name, arguments, judge, scope.is_piped)
        return _handler(name, first.text)(invocation)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a program stands: how deep, behind a pipe, beside assignments."""

    depth: int
    is_piped: bool
    has_assignments: bool


def _has_destructive_sql(line: CommandLine, text: str) -> bool:
    programs = {w.text.rpartition("/")[2] for c in line.commands for w in c.words}
    return bool(programs & SQL_CLIENTS and _DESTRUCTIVE_SQL.search(text))


def _without_prefix(words: list[Word]) -> tuple[Risk, list[Word]]:
    """Drop keywords and assignments before a program; return their own risk, too."""
    risk = Risk.SAFE
    start = 0
    while start < len(words):
        text = words[start].text
        if text in _LIST_KEYWORDS:
            return risk, []
        if text not in _KEYWORDS and not ASSIGNMENT.match(text):
            break
        if _RUNS_CODE_WHEN_ASSIGNED.match(text):
            risk = Risk.CAUTION
        start += 2 if text == "function" else 1
    return risk, words[start:]


def _assess_unreadable_name(word: Word, scope: _Scope) -> Risk | None:
    """Return a risk where the shell would compute the program's name, else None."""
    if word.is_dynamic:
        is_plain_variable = re.fullmatch(r"\$\{?\w+\}?", word.text) is not None
        is_foreign = is_plain_variable and not scope.has_assignments
        return Risk.CAUTION if is_foreign else Risk.DANGER
    if word.has_pattern and word.text not in ("[", "[["):
        return Risk.DANGER
    return None


def _assess_wrapper(name: str, arguments: list[Word], judge: Judge) -> Risk:
    floor = Risk.CAUTION if name in ROOT_WRAPPERS else Risk.SAFE
    rest = list(arguments)
    operands = WRAPPER_OPERANDS.get(name, 0)
    while rest:
        text = rest[0].text
        if text in TEXT_OPTIONS.get(name, ()):
            return worst([floor, judge(" ".join(word.text for word in rest[1:]))])
        if name == "command" and text in ("-v", "-V"):
            return Risk.SAFE
        if ASSIGNMENT.match(text):
            floor = Risk.CAUTION if _RUNS_CODE_WHEN_ASSIGNED.match(text) else floor
        elif text.startswith("-") and len(text) > 1:
            del rest[1 : 2 if text in WRAPPERS[name] else 1]
        elif operands:
            operands -= 1
        else:
            break
        rest.pop(0)
    if name in ("watch", "entr") and len(rest) == 1:
        return judge(rest[0].text)
    if name in ("xargs", "parallel") and rest:
        return many_operands(rest, judge)
    return worst([floor, judge(rest)])


def _handler(name: str, written: str) -> Callable[[Invocation], Risk]:
    if handler := _HANDLERS.get(name):
        return handler
    if name in SHELLS:
        return risk_runners.shell
    if name.rstrip("0123456789.") in INTERPRETERS:
        return risk_runners.interpreter
    if name in DANGER_PROGRAMS or name.startswith("mkfs"):
        return lambda _: Risk.DANGER
    if name in SUBCOMMANDS:
        return subcommands
    if name in SAFE_PROGRAMS and not written.startswith("./"):
        return lambda _: Risk.SAFE
    return lambda _: Risk.CAUTION


def _assess_redirect(operator: str, target: Word) -> Risk:
    if operator in ("<", "<<", "<<-", "<<<", "<&"):
        return Risk.SAFE
    if not target.is_dynamic and _HARMLESS_TARGETS.fullmatch(target.text):
        return Risk.SAFE
    if is_device(target.text):
        return Risk.DANGER
    if is_system_path(target.text) and not operator.endswith(">>"):
        return Risk.DANGER
    if is_key_file(target.text):
        return Risk.DANGER
    return Risk.CAUTION
