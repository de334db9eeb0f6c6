"""What commands print that is secret because of the command, not because of its look.

Names stay readable and values go: `env` shows which variables there are.
"""

import re
from collections.abc import Iterator

from terminal_ai.safety.command_line import parse_command_line
from terminal_ai.safety.secret_rules import Span

COMMAND_LINE_LIMIT = 4_096
"""Characters of a command line that are looked at."""
_ENVIRONMENT_PROGRAMS = frozenset({"env", "printenv", "set", "export", "declare"})
_ASSIGNED = re.compile(
    r"(?am)^(?:export |declare -\S{1,10} |typeset -\S{1,10} )?"
    r"[A-Za-z_][A-Za-z0-9_]{0,200}[= ](?P<secret>[^\n]{3,})$"
)


def printed_secrets(text: str, command_line: str) -> Iterator[Span]:
    """Yield the values in a text that this command line prints as secrets."""
    if not command_line or not text:
        return
    commands = parse_command_line(command_line[:COMMAND_LINE_LIMIT]).commands
    programs = {command.words[0].text for command in commands if command.words}
    if programs & _ENVIRONMENT_PROGRAMS:
        for match in _ASSIGNED.finditer(text):
            if "[redacted:" not in match["secret"]:
                yield *match.span("secret"), "printed"
