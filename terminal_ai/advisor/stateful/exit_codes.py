"""The last resort: what the exit code says, with the line that looks like the error."""

import re
import signal
from collections.abc import Iterable

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import GENERIC_WEIGHT, Finding
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.messages import gettext as _

SIGNAL_BASE = 128
# Of a long output only its ends are looked through for words of complaint.
ENDS_LIMIT_LINES = 60
# A program that chooses such a code says why; one that is killed says nothing.
_KILLED = frozenset((132, 134, 135, 136, 137, 139, 143, 152, 153, 159))
_ERROR_LINE = re.compile(
    r"^(?:\S+: )?(?:fatal|error|panic|critical)\b|\berror\b[:\[ ]|\bfailed\b|\bfatal:"
    r"|^E:? |exception|cannot |can't |could not |couldn't |unable to |denied|not found"
    r"|invalid|unknown|no such|refused|unrecogni[sz]ed|undefined|missing|timed out"
    r"|does not exist|doesn't exist|not allowed|not permitted|unexpected",
    re.IGNORECASE,
)
_HARMLESS_LINE = re.compile(
    r"\bwarn(?:ing)?\b|\b(?:no|0) (?:errors?|failed|failures)\b|\bdeprecat"
    r"|^\s*(?:info|debug|note|hint)\b|^\s*at \S+|^\s*File \"|\bwarnings? emitted",
    re.IGNORECASE,
)
# What names the cause for sure, the surest first. Of a traceback and of a chain of
# causes the last line counts, of a compiler's errors the first.
_TRACEBACK = "Traceback (most recent call last)"
_RAISED = re.compile(r"^[A-Za-z_][\w.]*(?::\s|$)")
_LAST_CAUSE = Wording(r"^\s*Caused by: \S|^Exception in thread ")
_FIRST_CAUSE = Wording(
    r":\d+(?::\d+)?: (?:fatal )?error\b|^error(?:\[\w+\])?: |^panic: "
    r"|^\w*Error(?: \[\w+\])?: |^(?:Uncaught|Unhandled) |^E   \w|^fatal: "
    r"|^thread '[^']*' panicked"
)
_USAGE_LINE = re.compile(
    r"^\s*(?:usage|or):? |--help|for more information", re.IGNORECASE
)


def explain_exit_code(failure: Failure) -> Iterable[Finding]:
    """Explain a failure no other rule knows; proposes nothing."""
    evidence = first_error_line(failure)
    yield Finding(
        "exit-code",
        _("The command failed with exit code {code}.").format(code=failure.exit_code),
        meaning(failure.exit_code, has_message=bool(evidence)),
        evidence,
        0.35 if failure.exit_code in _KILLED else GENERIC_WEIGHT,
    )


def first_error_line(failure: Failure) -> str:
    """Return the line that names the cause, else one that reads like an error."""
    lines = failure.output_lines
    return (_cause(failure.output, lines) or _complaint(lines)).strip()


def _cause(output: str, lines: tuple[str, ...]) -> str:
    if _TRACEBACK in output:
        last = max(at for at, line in enumerate(lines) if _TRACEBACK in line)
        raised = (line for line in lines[last + 1 :] if _RAISED.match(line))
        if line := next(raised, ""):
            return line
    causes = list(_LAST_CAUSE.lines(output, lines))
    if causes:
        return causes[-1]
    return next(_FIRST_CAUSE.lines(output, lines), "")


def _complaint(lines: tuple[str, ...]) -> str:
    ends = lines
    if len(lines) > 2 * ENDS_LIMIT_LINES:
        ends = (*lines[:ENDS_LIMIT_LINES], *lines[-ENDS_LIMIT_LINES:])
    for line in ends:
        if _ERROR_LINE.search(line) and not _HARMLESS_LINE.search(line):
            return line
    telling = (line for line in reversed(lines) if not _USAGE_LINE.search(line))
    return next(telling, lines[-1] if lines else "")


def meaning(code: int, *, has_message: bool = False) -> str:
    """Say what an exit code conventionally means.

    A program that printed a message before it ended with a code of a signal was hardly
    killed: git ends with 129 after its usage, aws with 254.
    """
    known = _conventions().get(code, "")
    if known:
        return known
    is_signal = SIGNAL_BASE < code < SIGNAL_BASE + 65
    if is_signal and (code in _KILLED or not has_message):
        try:
            name = signal.Signals(code - SIGNAL_BASE).name
        except ValueError:
            name = str(code - SIGNAL_BASE)
        return _("{code} means that signal {name} ended it.").format(
            code=code, name=name
        )
    return _("The program itself chose this code; its output says more.")


def _conventions() -> dict[int, str]:
    return {
        2: _("2 often means wrong usage: see the program's --help."),
        64: _("64 conventionally means wrong usage: an argument is missing or wrong."),
        65: _("65 conventionally means that the input data is not as expected."),
        66: _("66 conventionally means that an input file cannot be read."),
        69: _("69 conventionally means that a service it needs is unavailable."),
        70: _("70 conventionally means a defect inside the program."),
        73: _("73 conventionally means that an output file cannot be created."),
        74: _("74 conventionally means that reading or writing failed."),
        75: _("75 conventionally means a temporary failure: trying again may help."),
        77: _("77 conventionally means that a permission is missing."),
        78: _("78 conventionally means that its configuration is wrong."),
        124: _("124 means that `timeout` ended it: it took longer than allowed."),
        126: _("126 means that the file was found but may not be executed."),
        127: _("127 means that no program of that name was found."),
        128: _("128 means that the program gave up: a fatal error of its own."),
        132: _(
            "It ran an instruction that this processor does not know (SIGILL): it was"
            " built for another one, or is damaged."
        ),
        134: _("It aborted itself (SIGABRT), usually after a failed check."),
        135: _(
            "It touched memory whose file is gone or too short (SIGBUS); a full disk"
            " can cause that."
        ),
        136: _("It made an arithmetic error such as a division by zero (SIGFPE)."),
        137: _(
            "It was killed from outside (signal SIGKILL). If nobody did that, the"
            " system probably ran out of memory: `journalctl -k` or `dmesg` tells."
        ),
        139: _(
            "It crashed: it touched memory that is not its own (SIGSEGV). That is a"
            " defect in the program or in one of its libraries."
        ),
        143: _("It was asked to end (SIGTERM) by another program or by the system."),
        152: _("It used more processor time than its limit allows (SIGXCPU)."),
        153: _("It wrote a file larger than its limit allows (SIGXFSZ)."),
        159: _("It made a system call that a security policy forbids (SIGSYS)."),
    }
