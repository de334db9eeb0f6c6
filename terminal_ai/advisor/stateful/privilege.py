"""What sudo cannot run: parts and aliases of the shell, programs of one user."""

import re
from collections.abc import Iterable, Iterator

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.reading.command_line import SimpleCommand, quote
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.messages import gettext as _

_NOT_FOUND = Wording(r"^sudo: (?P<name>[^\s:]+): command not found", re.MULTILINE)
_DENIED = Wording(r"^\S*?(?:: line \d+)?:? ?(?P<path>/\S+): Permission denied", re.M)
_BUILTIN_NAMES = """
    cd source . export alias unalias history unset set ulimit umask type jobs fg bg
    read pushd popd dirs shopt declare local eval setopt bind complete let
"""
_BUILTINS = frozenset(_BUILTIN_NAMES.split())
_ALIASES = {"ll": "ls -l", "la": "ls -A", "l": "ls -CF", "md": "mkdir -p"}
# Directories that only root may look into: there cd alone would be refused too.
_OF_ROOT = re.compile(r"/root\b|/var/lib/docker|/etc/ssl/private|/lost\+found")


def explain_sudo(failure: Failure) -> Iterable[Finding]:
    """Explain why sudo found no program of that name, or could not write a file."""
    yield from _redirected(failure)
    match = _NOT_FOUND.search(failure.output)
    command = next((c for c in failure.line.commands if c.is_privileged), None)
    if match is None or command is None or command.program != match["name"]:
        return
    name = match["name"]
    if name in _BUILTINS:
        why = _("{name} is part of the shell and changes only the shell it runs in.")
        fixes = tuple(_without_sudo(failure, command))
    elif name in _ALIASES:
        why = _("{name} is an alias, and sudo knows programs only.")
        fixes = (Fix(_named(failure, command, _ALIASES[name]), 0.95),)
    elif name in failure.surroundings.programs:
        why = _("sudo looks in directories of its own, and {name} is not in them.")
        fixes = (Fix(_named(failure, command, f'env "PATH=$PATH" {name}'), 0.93),)
    else:
        return
    yield Finding(
        "sudo-not-a-program",
        _("sudo cannot run {name}.").format(name=name),
        why.format(name=name),
        match[0],
        0.95,
        fixes,
    )


def _named(failure: Failure, command: SimpleCommand, text: str) -> str:
    word = command.words[0]
    return failure.line.replace(word.start, word.end, text)


def _without_sudo(failure: Failure, command: SimpleCommand) -> Iterator[Fix]:
    start, first = command.start, command.words[0].start
    if command.program == "cd" and _OF_ROOT.search(command.text):
        yield Fix("sudo -s", 0.85)
        return
    yield Fix(failure.line.replace(start, first, ""), 0.9)


def _redirected(failure: Failure) -> Iterator[Finding]:
    """``sudo echo x > /etc/file``: the file is opened by the shell, without sudo."""
    match = _DENIED.search(failure.output)
    for command in failure.line.commands:
        targets = (r.target for r in command.redirections if ">" in r.operator)
        target = next((t for t in targets if t and match), None)
        if not match or not target or target.value != match["path"]:
            continue
        if not command.is_privileged or len(failure.line.commands) > 1:
            continue
        inner = failure.line.text[command.words[0].start :].strip()
        yield Finding(
            "sudo-redirection",
            _("{path} was opened without sudo.").format(path=target.value),
            _(
                "The redirection is the shell's: sudo covers the program only. Let a"
                " shell of root do both."
            ),
            match[0],
            0.95,
            (Fix(f"sudo sh -c {quote(inner)}", 0.93),),
        )
