"""What commands print that is secret because of the command, not because of its look.

Names stay readable and values go: ``env`` still shows which variables there are. What
a command says when it fails stays readable, too.
"""

import re
from collections.abc import Iterator

from terminal_ai.safety.command_line import parse_command_line
from terminal_ai.safety.placeholders import PLACEHOLDER_START
from terminal_ai.safety.secret_commands import Printing, printing_of
from terminal_ai.safety.secret_rules import Span

KIND = "printed"
COMMAND_LINE_LIMIT = 4_096
"""Characters of a command line that are looked at."""
_QUOTED = r"\"(?:[^\"\\]|\\.){0,16384}\""
_ASSIGNED = re.compile(
    r"(?am)(?:^[ \t]{0,40}(?:(?:export|declare -\S{1,10}|typeset -\S{1,10}"
    r"|set(?:env)?(?: -\S{1,5})?)[ \t]{1,8})?|(?P<quote>\"))"
    r"[A-Za-z_][A-Za-z0-9_.%()-]{0,200}[ \t]{0,8}[= ][ \t]{0,8}"
    rf"(?P<secret>(?(quote)[^\"\n]{{1,16384}}|(?:{_QUOTED}|[^\s=\"][^\n]{{0,16384}})))"
)
_PAIRED = re.compile(
    r"(?am)(?:^[ \t|\u2502-]{0,40}|[{,][ \t]{0,8})"
    r"(?P<name>\"?[A-Za-z_][\w.-]{0,100}\"?)"
    r"(?:[ \t]{0,60}[:=][ \t]{0,40}|[ \t]{2,60}|[ \t]{0,60}[|\u2502][ \t]{0,8})"
    rf"(?P<secret>{_QUOTED}|[^\s{{\[|\u2502][^\n|\u2502]{{0,16384}})"
)
_SECTION = re.compile(
    r"(?m)^(?P<indent>[ \t]{0,40})\"?(?:data|stringData|environment|Env)\"?:"
    r"[ \t]{0,40}\{?[ \t]{0,40}$"
)
_ENTRY = re.compile(
    r"(?:-[ \t]{1,4})?\"?[\w.-]{1,253}\"?[ \t]{0,8}[:=][ \t]{0,8}"
    r"(?P<secret>[^\n]{1,1048576})"
)
_INLINE_SECTION = re.compile(r"\"(?:data|stringData)\\?\":[ \t]*\{(?P<body>[^{}]*)\}")
_INLINE_VALUE = re.compile(r":[ \t]*\\?\"(?P<secret>[^\"\\]{1,1048576})\\?\"")
_PGPASS = re.compile(r"(?m)^[^\s:#]+:[^\s:]+:[^\s:]+:[^\s:]+:(?P<secret>\S+)$")
_LINE = re.compile(r"(?m)^[ \t]*(?P<secret>\S[^\n]*)$")
# What names no secret in the listings of managers of secrets.
_HARMLESS = frozenset(
    {"key", "name", "kind", "type", "title", "version", "created_time", "destroyed"}
    | {"deletion_time", "custom_metadata", "lease_id", "lease_duration", "region"}
    | {"lease_renewable", "request_id", "renewable", "mount_type", "expiration", "id"}
    | {"expireson", "expires_on", "tokentype", "subscription", "tenant", "profile"}
    | {"createddate", "arn", "versionid", "url", "urls", "username", "user", "vault"}
    | {"created", "updated", "favorite", "tags", "category", "label", "section"}
)
# What programs say when they print no secret.
_MESSAGE = re.compile(
    r"(?i)(?:error|warning|warn|fatal|usage|hint|info|note|failed|unable|cannot"
    r"|could not|no |not |permission denied|please |you |to |try |run |see |unknown "
    r"|invalid|missing |traceback|an error|the )\b[^\n]*[ .:]"
    r"|[\w./-]{1,60}:(?: \S+){3,}"
    r"|\S+(?: \S+){3,}[.!?:]$"
)


def printed_secrets(text: str, command_line: str) -> Iterator[Span]:
    """Yield the values in a text that this command line prints as secrets."""
    if not command_line or not text:
        return
    printings = {
        printing
        for words in _commands(command_line[:COMMAND_LINE_LIMIT])
        if (printing := printing_of(words)) is not None
    }
    for printing in printings:
        for start, end in _READERS[printing](text):
            if start < end and PLACEHOLDER_START not in text[start:end]:
                yield start, end, KIND


def prints_secrets(command_line: str) -> bool:
    """Tell whether a command line prints secrets whatever they look like."""
    return any(
        printing_of(words) is not None
        for words in _commands(command_line[:COMMAND_LINE_LIMIT])
    )


def _commands(command_line: str) -> Iterator[list[str]]:
    """Yield the words of each command, of those in substitutions, too."""
    parsed = parse_command_line(command_line)
    for command in parsed.commands:
        yield [word.text for word in command.words]
    for substitution in parsed.substitutions:
        for command in parse_command_line(substitution).commands:
            yield [word.text for word in command.words]


def _assigned(text: str) -> Iterator[tuple[int, int]]:
    for match in _ASSIGNED.finditer(text):
        yield _unquoted(match)


def _paired(text: str) -> Iterator[tuple[int, int]]:
    for match in _PAIRED.finditer(text):
        name = match["name"].strip('"').lower()
        value = match["secret"]
        if name in _HARMLESS or set(value) <= set("-= \t") or value.endswith("{"):
            continue
        yield _unquoted(match)


def _sections(text: str) -> Iterator[tuple[int, int]]:
    for section in _SECTION.finditer(text):
        yield from _entries(text, section.end() + 1, len(section["indent"]))
    for inline in _INLINE_SECTION.finditer(text):
        for value in _INLINE_VALUE.finditer(text, *inline.span("body")):
            yield value.span("secret")


def _entries(text: str, at: int, indent: int) -> Iterator[tuple[int, int]]:
    """Yield the values of the lines that stand deeper than their section's name."""
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end]
        content = line.lstrip(" \t")
        depth = len(line) - len(content)
        # Lists in YAML may stand as deep as their name.
        if content and (depth < indent or (depth == indent and content[0] != "-")):
            return
        begin = at + depth
        if match := _ENTRY.match(text, begin, end):
            yield _unquoted(match)
        elif content.strip("{}[], "):
            yield begin, end
        at = end + 1


def _passwords_of_hosts(text: str) -> Iterator[tuple[int, int]]:
    for match in _PGPASS.finditer(text):
        yield match.span("secret")


def _whole(text: str) -> Iterator[tuple[int, int]]:
    for match in _LINE.finditer(text):
        if not _MESSAGE.match(match["secret"]):
            yield match.span("secret")


def _unquoted(match: re.Match[str]) -> tuple[int, int]:
    """Return the value's place without its quotes, a comma and blanks behind it."""
    start, end = match.span("secret")
    value = match["secret"].rstrip(" \t\r,")
    end = start + len(value)
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return start + 1, end - 1
    return start, end


_READERS = {
    Printing.ASSIGNED: _assigned,
    Printing.PAIRED: _paired,
    Printing.SECTIONS: _sections,
    Printing.HOSTS: _passwords_of_hosts,
    Printing.WHOLE: _whole,
}
