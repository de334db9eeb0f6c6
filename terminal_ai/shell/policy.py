"""Which finished commands want an answer."""

import os
import re

from terminal_ai.records import CommandRecord

# Done, never told, interrupted (SIGINT), reader gone (SIGPIPE), suspended (SIGTSTP).
SILENT_EXIT_CODES = frozenset({0, None, 130, 141, 148})
# For these 1 is an answer ("no", "different"), as long as they print no complaint.
_ANSWERS_WITH_ONE = frozenset(
    {
        "[", "[[", "ag", "cmp", "diff", "egrep", "expr", "false", "fgrep", "git-grep",
        "grep", "lsof", "pgrep", "pidof", "pkill", "rg", "test", "type", "which",
        "zgrep",
    }
)  # fmt: skip
# Different files are what diff was asked for; it prints them.
_PRINTS_ITS_ANSWER = frozenset({"cmp", "diff"})
# Leaving with a status is meant.
_LEAVES = frozenset({"exit", "logout", "bye"})
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=\S*")
_STAGES = re.compile(r"\|\|?|&&|;|\n")
_WRAPPERS = frozenset({"command", "builtin", "sudo", "time", "env", "!"})


def wants_answer(record: CommandRecord) -> bool:
    """Tell whether a command failed in a way worth explaining.

    A private record is answered too, but only by the offline advisor: who asks a
    model checks ``record.is_private``.
    """
    if record.exit_code in SILENT_EXIT_CODES:
        return False
    program = _last_program(record.command_line)
    if leaves(record.command_line):
        return False
    if record.exit_code == 1:
        if program in _PRINTS_ITS_ANSWER:
            return False
        if program in _ANSWERS_WITH_ONE:
            return bool(record.output.text.strip())
    return True


def leaves(command_line: str) -> bool:
    """Tell whether a command line is meant to end the shell it is typed into."""
    return _last_program(command_line) in _LEAVES


def _last_program(command_line: str) -> str:
    """Return the name of the program whose status the line most likely returned."""
    stages = [stage for stage in _STAGES.split(command_line) if stage.strip()]
    words = stages[-1].split() if stages else []
    while words and (words[0] in _WRAPPERS or _ASSIGNMENT.fullmatch(words[0])):
        words.pop(0)
    if words[:2] == ["git", "grep"]:
        return "git-grep"
    # git diff exits 1 only when asked to compare by status.
    if words[:2] == ["git", "diff"]:
        return "diff"
    return os.path.basename(words[0]) if words else ""  # noqa: PTH119
