"""The last resort: what the exit code says, with the line that looks like the error."""

import re
import signal
from collections.abc import Iterable

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import GENERIC_WEIGHT, Finding
from terminal_ai.messages import gettext as _

SIGNAL_BASE = 128
_ERROR_LINE = re.compile(
    r"^(?:\S+: )?(?:fatal|error|panic|critical)\b|\berror\b[:\[ ]|\bfailed\b|\bfatal:"
    r"|^E:? |exception|cannot |can't |could not |unable to |denied|not found|invalid"
    r"|unknown|no such|refused|unrecogni[sz]ed|undefined|missing|timed out",
    re.IGNORECASE,
)


def explain_exit_code(failure: Failure) -> Iterable[Finding]:
    """Explain a failure no other rule knows; proposes nothing."""
    evidence = first_error_line(failure)
    yield Finding(
        "exit-code",
        _("The command failed with exit code {code}.").format(code=failure.exit_code),
        meaning(failure.exit_code),
        evidence,
        0.35 if failure.exit_code > SIGNAL_BASE + 1 else GENERIC_WEIGHT,
    )


def first_error_line(failure: Failure) -> str:
    """Return the first line that reads like an error, else the last line."""
    for line in failure.output_lines:
        if _ERROR_LINE.search(line):
            return line.strip()
    return failure.output_lines[-1].strip() if failure.output_lines else ""


def meaning(code: int) -> str:
    """Say what an exit code conventionally means."""
    match code:
        case 126:
            return _("126 means that the file was found but may not be executed.")
        case 127:
            return _("127 means that no program of that name was found.")
        case 128:
            return _("128 means that the program gave up: a fatal error of its own.")
        case 137:
            return _(
                "It was killed from outside (signal SIGKILL). If nobody did that, the"
                " system probably ran out of memory: `journalctl -k` or `dmesg` tells."
            )
        case 139:
            return _(
                "It crashed: it touched memory that is not its own (SIGSEGV). That is a"
                " defect in the program or in one of its libraries."
            )
        case 134:
            return _("It aborted itself (SIGABRT), usually after a failed check.")
        case 143:
            return _(
                "It was asked to end (SIGTERM) by another program or by the system."
            )
    if SIGNAL_BASE < code < SIGNAL_BASE + 65:
        try:
            name = signal.Signals(code - SIGNAL_BASE).name
        except ValueError:
            name = str(code - SIGNAL_BASE)
        return _("{code} means that signal {name} ended it.").format(
            code=code, name=name
        )
    if code == 2:
        return _("2 often means wrong usage: see the program's --help.")
    return _("The program itself chose this code; its output says more.")
