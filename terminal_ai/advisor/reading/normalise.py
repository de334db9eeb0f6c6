"""Raw output to the one form rules are written for.

Bounded in size, without shell prefixes, and with each shell's own wording of "command
not found" brought to one.
"""

import re

from terminal_ai.advisor.reading.dialect import Dialect
from terminal_ai.advisor.reading.quotation import plain_quotes
from terminal_ai.advisor.reading.wording import Wording

# Errors stand at the ends of an output: what lies between is progress.
HEAD_LIMIT_CHARACTERS = 4_000
TAIL_LIMIT_CHARACTERS = 12_000
LINE_LIMIT_CHARACTERS = 1_200

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_SHELL = r"-?(?:/\S*/)?(?:bash|sh|dash|zsh|ksh|mksh|ash|fish|yash)"
# bash counts lines in the user's language: "line 1: ", "Zeile 1: ", "1 行: ". A number
# without a space before it ends a program's name: "pyhton3: ".
_LINE = r"(?:[^\d:\n]{1,12}\s\d+[^\d:\n]{0,6}: |\d+ [^\d:\n]{1,6}: )"
_SHELL_PREFIX = Wording(
    rf"^{_SHELL}: (?:-c: )?(?:(?:\S+: )?{_LINE}|\d+: (?!command not found))?"
    rf"|^{_SHELL}:(?:\w+:)?\d+: |^\(eval\):\d+: "
    r"|^(?!yaml:)\S+: line \d+: |^\S+: \d+: (?=\S+: not found$)",
    re.MULTILINE,
)
# zsh names the error first and the file after it.
_ERROR_FIRST = Wording(
    r"^(?P<error>[Nn]o such file or directory|[Pp]ermission denied|[Ii]s a directory"
    r"|[Nn]ot a directory|[Ff]ile exists|[Ee]xec format error|[Rr]ead-only file system"
    r"|[Oo]peration not permitted|[Aa]rgument list too long): (?P<path>[^\n]+)$",
    re.MULTILINE,
)
# npm starts every line of an error with its own name.
_LOG_PREFIX = Wording(r"^npm (?:error|ERR!) ?", re.MULTILINE)
# fish, on a redirection.
_REDIRECTING = Wording(
    r"^(?:fish: |warning: )?An error occurred while redirecting file"
    r" '(?P<path>[^'\n]+)'"
    r"\n(?:warning: )?(?:Path '[^'\n]+' does not exist|open: (?P<error>[^\n]+))",
    re.MULTILINE,
)
_NOT_FOUND_FORMS = (
    # zsh
    Wording(r"^command not found: (?P<name>.+)$", re.MULTILINE),
    # fish, old and new
    Wording(
        r"^(?:fish: )?Unknown command(?:: |: '| ')(?P<name>[^'\"\n:]+?)'?$",
        re.MULTILINE,
    ),
    # dash and busybox, whose name may be a word only: "key: not found" is common
    Wording(r"^(?P<name>[^\s:]+): (?:applet )?not found$", re.MULTILINE),
    # Debian's and Fedora's helpers
    Wording(r"^Command '(?P<name>[^'\n]+)' not found[,.].*$", re.MULTILINE),
    Wording(r"^No command '(?P<name>[^'\n]+)' found.*$", re.MULTILINE),
    Wording(
        r"^The program '(?P<name>[^'\n]+)' (?:is (?:currently )?not installed"
        r"|is not in your PATH|can be found in the following packages)[.:]",
        re.MULTILINE,
    ),
    Wording(r"^(?P<name>\S+): command not found(?:\.\.\.|\. *\(.*\))$", re.MULTILINE),
)
# fish, on a file without the right to execute it
_NOT_EXECUTABLE = Wording(
    r"^(?:fish: )?Unknown command\. '(?P<name>[^'\n]+)' exists but is not an"
    r" executable file\.$",
    re.MULTILINE,
)


def readable(text: str) -> str:
    """Return the ends of an output, lines cut, without controls and curly quotes."""
    if len(text) > HEAD_LIMIT_CHARACTERS + TAIL_LIMIT_CHARACTERS:
        text = text[:HEAD_LIMIT_CHARACTERS] + "\n" + text[-TAIL_LIMIT_CHARACTERS:]
    text = text.replace("\r\n", "\n")
    text = plain_quotes(_CONTROL.sub(" ", text))
    return "\n".join(line[:LINE_LIMIT_CHARACTERS].rstrip() for line in text.split("\n"))


def normalise(text: str, dialect: Dialect) -> str:
    """Return ``text`` as rules expect it; never raises, bounded work."""
    text = dialect.to_english(readable(text))
    text = _SHELL_PREFIX.sub("", text)
    text = _LOG_PREFIX.sub("", text)
    text = _ERROR_FIRST.sub(_error_last, text)
    text = _REDIRECTING.sub(_redirecting, text)
    for form in _NOT_FOUND_FORMS:
        text = form.sub(r"\g<name>: command not found", text)
    return _NOT_EXECUTABLE.sub(r"\g<name>: Permission denied", text)


def printed_line(line: str, normalised: str, printed: str) -> str:
    """Return what was printed where rules read ``line``, for the reader to find it.

    A line that lost no more than a shell's prefix is quoted as rules read it.
    """
    read, given = normalised.split("\n"), printed.split("\n")
    if not line or len(read) != len(given):
        return line
    for now, before in zip(read, given, strict=True):
        if line in now:
            return line if line in before else before.strip()
    return line


def _redirecting(match: re.Match[str]) -> str:
    return f"{match['path']}: {match['error'] or 'No such file or directory'}"


def _error_last(match: re.Match[str]) -> str:
    return f"{match['path']}: {match['error'].capitalize()}"
