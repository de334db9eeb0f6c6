"""Applying one rule to one failed command."""

import re
from collections.abc import Iterable, Iterator, Mapping

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.similar import Match, closest
from terminal_ai.advisor.reading.command_line import SimpleCommand
from terminal_ai.advisor.rulebook import pattern
from terminal_ai.advisor.rulebook.rule import (
    ChoiceSource,
    FixSource,
    OutputPattern,
    Rule,
)
from terminal_ai.advisor.rulebook.template import Value, fill, fill_text
from terminal_ai.messages import gettext as _
from terminal_ai.records import NameKind

_OPTION_GROUP = re.compile(r"\(\?P<(\w+)>(?:\(\?:)?-")
_LIST_SEPARATOR = re.compile(r"[\s,|'\"]+")


def apply_rule(rule: Rule, command: SimpleCommand, failure: Failure) -> Finding | None:
    """Return what the rule concludes, or None if it does not speak of this failure."""
    source = rule.source
    if source.exit_codes and failure.exit_code not in source.exit_codes:
        return None
    if source.shells and failure.shell not in source.shells:
        return None
    if source.with_files and not stands_here(source.with_files, failure):
        return None
    typed = printed = None
    if rule.command and not (typed := rule.command.search(command.text)):
        return None
    if rule.unless_command and rule.unless_command.search(command.text):
        return None
    if rule.patterns and not (printed := _first_match(rule.patterns, failure.output)):
        return None
    if rule.unless and rule.unless.search(failure.output):
        return None
    values = _typed_values(command, failure)
    if typed:
        values |= {k: Value(v, is_typed=True) for k, v in _groups(typed)}
    if printed:
        options = option_groups(rule)
        for key, text in _groups(printed):
            values[key] = _captured(text, command, may_be_option=key in options)
    for name, (key, table) in source.lookups.items():
        if key in values:
            asked = values[key].text
            found = failure.knowledge.lookup(table, asked)
            values[name] = Value(found, may_be_option=found != asked)
    for name, (key, table) in source.known.items():
        if key in values and (known := failure.knowledge.find(table, values[key].text)):
            values[name] = Value(known, may_be_option=True)
    fixes: list[Fix] = []
    looks: list[Fix] = []
    for fix, condition in rule.fixes:
        made = _fixes(fix, condition, command, failure, values)
        (looks if fix.looks else fixes).extend(made)
    return Finding(
        rule=rule.id,
        what=fill_text(_(source.what), values),
        why=fill_text(_(source.why), values),
        evidence=failure.evidence(printed[0]) if printed else "",
        weight=source.prior,
        fixes=tuple(fixes),
        see=source.see,
        looks=tuple(looks),
    )


def stands_here(names: Iterable[str], failure: Failure) -> bool:
    """Return whether one of these is in the working directory."""
    listed = failure.surroundings.listings.get(".", ())
    return any(name in listed for name in names)


def _first_match(
    patterns: Iterable[OutputPattern], output: str
) -> pattern.Match | None:
    for one in patterns:
        if match := one.search(output):
            return match
    return None


def _groups(match: pattern.Match) -> Iterator[tuple[str, str]]:
    for name, text in match.groupdict().items():
        if text is not None:
            yield name, text


def option_groups(rule: Rule) -> frozenset[str]:
    """Return the groups whose patterns ask for an option: ``(?P<option>--?\\w+)``."""
    found = (_OPTION_GROUP.findall(one.regex.text) for one in rule.patterns)
    return frozenset(name for names in found for name in names)


def _captured(text: str, command: SimpleCommand, *, may_be_option: bool) -> Value:
    """Prefer the user's own spelling of a word to the program's echo of it."""
    if word := command.word(text):
        return Value(word.text, is_typed=True)
    return Value(text, may_be_option=may_be_option)


def _typed_values(command: SimpleCommand, failure: Failure) -> dict[str, Value]:
    def typed(text: str) -> Value:
        return Value(text, is_typed=True)

    line = command.line
    values = {
        "line": typed(failure.line.text.strip()),
        "command": typed(command.text),
        "cwd": Value(failure.cwd),
        "home": Value(failure.surroundings.home),
        "exit_code": Value(str(failure.exit_code)),
    }
    if command.words:
        values["program"] = typed(command.words[0].text)
        end = command.words[-1].end
        values["args"] = typed(line[command.words[0].end : end].strip())
        for number, word in enumerate(command.arguments[:3], 1):
            values[f"arg{number}"] = typed(word.text)
            if number < 3:
                values[f"after{number}"] = typed(line[word.end : end].strip())
    if command.operands:
        values["first"] = typed(command.operands[0].text)
        values["last"] = typed(command.operands[-1].text)
    return values


def _fixes(
    fix: FixSource,
    condition: pattern.Pattern | None,
    command: SimpleCommand,
    failure: Failure,
    values: Mapping[str, Value],
) -> Iterator[Fix]:
    if fix.shells and failure.shell not in fix.shells:
        return
    if not _suits_directory(fix, failure):
        return
    if fix.installed and failure.surroundings.programs.isdisjoint(fix.installed):
        return
    if condition:
        typed = condition.search(command.text)
        if not typed:
            return
        more = {k: Value(v, is_typed=True) for k, v in _groups(typed)}
        values = {**values, **more}
    choices: Iterable[Match] = (Match("", 1.0),)
    if fix.choices:
        choices = _choose(fix.choices, failure, values)
    for choice in choices:
        filled = values
        if fix.choices:
            wrong = values.get(fix.choices.near)
            is_option = wrong is not None and wrong.text.startswith("-")
            filled = {**values, "choice": Value(choice.name, may_be_option=is_option)}
        text = _build(fix, command, failure, filled)
        if text:
            why = fill_text(_(fix.why), filled) if fix.why else ""
            yield Fix(text, fix.confidence * choice.score, why)


def _suits_directory(fix: FixSource, failure: Failure) -> bool:
    """Return whether the files of the cwd (a lock file, say) speak for this fix."""
    if fix.with_files and not stands_here(fix.with_files, failure):
        return False
    return not stands_here(fix.without_files, failure)


def _build(
    fix: FixSource,
    command: SimpleCommand,
    failure: Failure,
    values: Mapping[str, Value],
) -> str | None:
    line = failure.line
    if fix.before:
        first = fill(fix.before, values)
        return f"{first} && {line.text.strip()}" if first else None
    if fix.whole:
        return fill(fix.whole, values)
    if not command.words:
        return None
    if fix.template:
        text = fill(fix.template, values)
        span = command.words[0].start, command.words[-1].end
        return line.replace(*span, text) if text else None
    by = fill(fix.by, values)
    wrong = values.get(fix.replace)
    if not by or wrong is None:
        return None
    return replace_word(command, failure, wrong.text, by)


def replace_word(
    command: SimpleCommand, failure: Failure, wrong: str, by: str
) -> str | None:
    """Return the line with the word ``wrong`` (or that part of a word) replaced."""
    for word in command.words:
        if wrong in (word.text, word.value):
            return failure.line.replace(word.start, word.end, by)
    holders = [word for word in command.words if wrong and wrong in word.text]
    if not holders:
        return None
    word = holders[0]
    at = word.start + word.text.index(wrong)
    return failure.line.replace(at, at + len(wrong), by)


def _choose(
    choices: ChoiceSource,
    failure: Failure,
    values: Mapping[str, Value],
) -> tuple[Match, ...]:
    names = tuple(_names(choices, failure, values))
    if not choices.near:
        return tuple(Match(name, 1.0) for name in names[: choices.limit])
    wrong = values.get(choices.near)
    if wrong is None:
        return ()
    if choices.source == "project" and not wrong.is_typed and wrong.text in names:
        return (Match(wrong.text, 1.0),)  # a table named it, and it is there
    return closest(wrong.text, names, limit=choices.limit, cutoff=choices.cutoff)


def _names(
    choices: ChoiceSource,
    failure: Failure,
    values: Mapping[str, Value],
) -> Iterable[str]:
    surroundings = failure.surroundings
    match choices.source:
        case "group":
            text = values[choices.name].text if choices.name in values else ""
            return (name for name in _LIST_SEPARATOR.split(text) if name)
        case "list":
            return choices.names
        case "vocabulary":
            return failure.knowledge.vocabularies.get(choices.name, ())
        case "programs":
            return sorted(surroundings.programs)
        case "project":
            found = surroundings.project.get(NameKind(choices.name), ())
            return found or choices.names
        case _:
            names = surroundings.listings.get(".", ())
            if choices.source == "files":
                return (name for name in names if not name.endswith("/"))
            if choices.source == "directories":
                return (name.rstrip("/") for name in names if name.endswith("/"))
            return (name.rstrip("/") for name in names)
