"""Why a rule does not speak of a failure: for those who write it."""

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.reading.command_line import SimpleCommand
from terminal_ai.advisor.rulebook.book import bare_program
from terminal_ai.advisor.rulebook.matching import stands_here
from terminal_ai.advisor.rulebook.rule import ANY_PROGRAM, Rule
from terminal_ai.messages import gettext as _


def why_not(rule: Rule, failure: Failure) -> str:
    """Return the first condition that does not hold; nothing if all of them do.

    Of a line with several commands, that of the command which came furthest.
    """
    source = rule.source
    wanted = set(source.programs)
    commands = [
        command
        for command in failure.line.commands
        if wanted & {command.program, bare_program(command.program), ANY_PROGRAM}
    ]
    if not commands:
        return _("it is about other programs: {programs}").format(
            programs=", ".join(source.programs)
        )
    if source.exit_codes and failure.exit_code not in source.exit_codes:
        return _("it is about other exit codes")
    if source.shells and failure.shell not in source.shells:
        return _("it is about other shells: {shells}").format(
            shells=", ".join(source.shells)
        )
    if source.with_files and not stands_here(source.with_files, failure):
        return _("none of these files is here: {files}").format(
            files=", ".join(source.with_files)
        )
    try:
        return _unmatched(rule, commands, failure)
    except (TimeoutError, MemoryError):
        return _("a pattern takes too long")


def _unmatched(rule: Rule, commands: list[SimpleCommand], failure: Failure) -> str:
    texts = [command.text for command in commands]
    if rule.command:
        texts = [text for text in texts if rule.command.search(text)]
    if not texts:
        return _("`command` does not match what was typed")
    if rule.unless_command and all(map(rule.unless_command.search, texts)):
        return _("`unless_command` matches what was typed")
    if rule.patterns and not any(p.search(failure.output) for p in rule.patterns):
        return _("none of `patterns` is in the output")
    if rule.unless and rule.unless.search(failure.output):
        return _("`unless` is in the output")
    return ""
