"""Programs whose first operand names what they do, git above all."""

import re

from terminal_ai.records import Risk
from terminal_ai.safety.command_line import Word
from terminal_ai.safety.risk_invocation import Invocation, has_option, worst
from terminal_ai.safety.risk_subcommand_tables import (
    GIT,
    GIT_LISTING,
    SUBCOMMANDS,
    Subcommands,
)


def subcommands(call: Invocation) -> Risk:
    """A program whose first operands name what it does, by its table."""
    return _by_table(SUBCOMMANDS[call.name], call)


def _by_table(table: Subcommands, call: Invocation) -> Risk:
    words = _without_leading_options(call.arguments, table.value_options)
    if not words:
        is_dangerous = has_option(call.arguments, *table.danger_options)
        return Risk.DANGER if is_dangerous else Risk.SAFE
    one, two = words[0], " ".join(words[:2])
    rest = words[1:]
    for entry in table.danger_options:
        verb, _, option = entry.rpartition(" ")
        if not verb and has_option(words, option):
            return Risk.DANGER
        if verb == one and _matches_option(rest, option):
            return Risk.DANGER
        if verb == two and _matches_option(words[2:], option):
            return Risk.DANGER
    if {one, two} & table.danger:
        is_rehearsal = has_option(rest, "--dry-run", *table.safe_options)
        return Risk.SAFE if is_rehearsal else Risk.DANGER
    if {one, two} & table.safe or has_option(rest, *table.safe_options, "--help"):
        return Risk.SAFE
    if one.startswith("-"):
        return table.default
    return worst([table.default, _inner_command(call, words)])


def _matches_option(arguments: list[str], option: str) -> bool:
    if option.startswith("-") and option != "--":
        return has_option(arguments, option)
    return option in arguments


def _inner_command(call: Invocation, words: list[str]) -> Risk:
    """Judge the command that ``exec`` or ``run`` hands into a container."""
    if words[0] not in ("exec", "run", "x", "compose"):
        return Risk.SAFE
    for start, text in enumerate(words):
        if text in ("rm", "dd", "sh", "bash", "find", "shred", "kill", "env"):
            return call.judge([Word(text) for text in words[start:]])
    return Risk.SAFE


def _without_leading_options(
    arguments: list[str], with_value: frozenset[str]
) -> list[str]:
    rest = list(arguments)
    while rest and rest[0].startswith("-") and rest[0] not in ("-v", "-l"):
        option = rest.pop(0)
        if option in with_value and rest:
            rest.pop(0)
    return rest


def git(call: Invocation) -> Risk:
    """Judge git: what it throws away is danger, what can be undone is caution."""
    floor = Risk.SAFE
    for index, text in enumerate(call.arguments[:-1]):
        if text in ("-c", "--config-env") and index < 8:
            value = call.arguments[index + 1].partition("=")[2]
            is_command = value.startswith("!") or "core." in call.arguments[index + 1]
            floor = worst(
                [floor, Risk.CAUTION if is_command else Risk.SAFE]
                + ([call.judge(value.lstrip("!"))] if is_command else [])
            )
        if not text.startswith("-") and index and call.arguments[index - 1] != "-c":
            break
    words = _without_leading_options(call.arguments, GIT.value_options)
    if words:
        floor = worst([floor, _git_extra(words, call)])
        if _is_git_listing(words):
            return floor
        if words[0] == "clean" and has_option(words[1:], "-n", "--dry-run"):
            return floor
    return worst([floor, _by_table(GIT, call)])


def _git_extra(words: list[str], call: Invocation) -> Risk:
    verb, rest = words[0], words[1:]
    if verb == "push" and any(re.match(r"\+\S|:\S", text) for text in rest):
        return Risk.DANGER
    if verb == "restore" and not has_option(rest, "--staged", "-S"):
        return Risk.DANGER
    if verb == "checkout" and "--" in rest:
        return Risk.DANGER
    if verb == "bisect" and rest[:1] == ["run"]:
        return worst([Risk.CAUTION, call.judge([Word(text) for text in rest[1:]])])
    if verb == "submodule" and rest[:1] == ["foreach"]:
        return worst([Risk.CAUTION, call.judge(" ".join(rest[1:]))])
    if verb == "rebase" and has_option(rest, "--exec", "-x"):
        return worst([Risk.CAUTION, *(call.judge(text) for text in rest)])
    return Risk.SAFE


def _is_git_listing(words: list[str]) -> bool:
    options = GIT_LISTING.get(words[0])
    if options is None:
        return False
    rest = words[1:]
    if has_option(rest, "--list", "-l", "--contains", "--merged", "--no-merged"):
        return words[0] in ("branch", "tag") and not has_option(rest, "-d", "-D", "-f")
    return all(text.partition("=")[0] in options for text in rest)
