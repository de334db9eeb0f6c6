"""When to stay silent: not every exit code other than 0 is a failure to explain."""

from terminal_ai.advisor.reading.command_line import CommandLine
from terminal_ai.records import CommandRecord

INTERRUPTED = 130
BROKEN_PIPE = 141
_QUIET_EXIT_CODES = frozenset((INTERRUPTED, BROKEN_PIPE))
# For these, exit code 1 is an answer ("no match", "different", "false").
_ANSWERING_NAMES = """
    grep egrep fgrep rg ag ack zgrep diff cmp test [ [[ false pgrep pidof which type
    command hash ping expr let systemctl git
"""
_ANSWERING_PROGRAMS = frozenset(_ANSWERING_NAMES.split())
# Of programs with subcommands, only these answer by their exit code.
_ANSWERING_SUBCOMMANDS = {
    "git": frozenset(("diff", "grep", "merge-base", "check-ignore", "config")),
    "systemctl": frozenset(("is-active", "is-enabled", "is-failed")),
}


def is_silent(record: CommandRecord, line: CommandLine) -> bool:
    """Return True for a record that deserves no advice at all."""
    if not record.has_failed or not line.commands:
        return True
    if record.exit_code in _QUIET_EXIT_CODES:
        return True
    if record.exit_code == 1 and not record.output.text.strip():
        return _is_answer(line)
    return False


def _is_answer(line: CommandLine) -> bool:
    last = line.commands[-1]
    if last.program not in _ANSWERING_PROGRAMS:
        return False
    subcommands = _ANSWERING_SUBCOMMANDS.get(last.program)
    return subcommands is None or any(
        word.value in subcommands for word in last.operands[:1]
    )
