"""Where to read on: the page of the manual, else the program's own help.

They are shown as commands and never run.
"""

from collections.abc import Iterable, Iterator

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.rulebook.book import bare_program

SEE_LIMIT = 2
_COMMAND_SECTIONS = ("1", "8")
# The shell describes these itself, and "--help" means nothing to most of them.
_BUILTIN_NAMES = """
    alias bg bind builtin caller cd command compgen complete declare dirs disown eval
    exec exit export fc fg getopts hash jobs let local mapfile popd pushd read readonly
    return set shift shopt source trap type ulimit umask unalias unset wait
"""
_BUILTINS_WITH_HELP = frozenset(_BUILTIN_NAMES.split())
# Shells whose "help" describes a builtin.
_HELPING_SHELLS = frozenset(("bash", "fish"))


def where_to_read(references: Iterable[str], failure: Failure) -> tuple[str, ...]:
    """Return at most two commands; what the program has where no rule names any."""
    named = tuple(_installed(references, failure))
    return (named or tuple(_of_program(failure)))[:SEE_LIMIT]


def _installed(references: Iterable[str], failure: Failure) -> Iterator[str]:
    """Yield the commands that show what is referred to, where it is installed."""
    for reference in references:
        page, is_page, section = reference.rstrip(")").partition("(")
        if not is_page:
            if reference.split()[0] in failure.surroundings.programs:
                yield reference
        elif reference in failure.surroundings.manual_pages:
            yield _manual_command(page, section)


def _of_program(failure: Failure) -> Iterator[str]:
    command = failure.culprit
    if command is None or not command.words or failure.line.open_quote:
        return
    program = command.program
    if program in _BUILTINS_WITH_HELP:
        if failure.shell in _HELPING_SHELLS:
            yield f"help {program}"
        return
    if program not in failure.surroundings.programs or not _is_plain(program):
        return
    pages = failure.surroundings.manual_pages
    subcommand = _subcommand(failure)
    names = [f"{program}-{subcommand}"] if subcommand else []
    for name in (*names, program, bare_program(program)):
        for section in _COMMAND_SECTIONS:
            if f"{name}({section})" in pages:
                yield _manual_command(name, section)
                return
    if subcommand:
        yield f"{program} {subcommand} --help"
    elif program in failure.knowledge.familiar:
        yield f"{program} --help"


def _subcommand(failure: Failure) -> str:
    """Return the subcommand that stands in the line, where it is known to be one."""
    command = failure.culprit
    if command is None or not command.operands:
        return ""
    first = command.operands[0].value
    known = failure.knowledge.subcommands(bare_program(command.program))
    return first if first in known else ""


def _manual_command(page: str, section: str) -> str:
    return f"man {page}" if section == "1" else f"man {section} {page}"


def _is_plain(program: str) -> bool:
    return program.replace("-", "").replace("_", "").replace(".", "").isalnum()
