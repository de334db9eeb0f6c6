"""Rights that were missing: who may help themselves, and who needs root."""

import itertools
import re
from collections.abc import Iterable, Iterator

from terminal_ai.advisor.admission import has_privilege_evidence
from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Finding, Fix
from terminal_ai.advisor.evidence.listings import path_words
from terminal_ai.advisor.reading.command_line import SimpleCommand, Word, quote
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.advisor.stateful.not_found import interpreters
from terminal_ai.messages import gettext as _

_DENIED = Wording(
    r"permission denied|operation not permitted|\bEACCES\b|\bEPERM\b|access denied"
    r"|are you root|must be (?:run as )?root|requires? root|superuser|as root\b"
    r"|need to be root|root privileges|not permitted",
    re.IGNORECASE,
)
_NEEDS_ROOT = Wording(
    r"are you root|must be (?:run as )?(?:the )?(?:root|superuser)"
    r"|requires? (?:root|superuser)|need(?:s)? (?:to be )?(?:run as )?root"
    r"|root privileges|run (?:\S+ )?(?:as|under the) root|superuser"
    r"|only (?:the )?root|authentication (?:is )?required|unless you are root"
    r"|non-root users (?:cannot|can't|may not)|you are not root|eDSPermissionError",
    re.IGNORECASE,
)
# All that is said of what was refused: its path is where the command was run.
_BARE_REFUSAL = re.compile(
    r"(?:[\w.-]+: )*(?:permission denied|operation not permitted)\.?", re.IGNORECASE
)
_REFUSES_ROOT = Wording(
    r"cannot (?:perform|run|be run|do)[^\n]* as root|not (?:be )?run [^\n]*as root"
    r"|(?:don't|do not|refus\w+ to) run [^\n]*as root|as root is (?:not|extremely)",
    re.IGNORECASE,
)
_ABSOLUTE_PATH = re.compile(r"(?<![\w.])/[\w./-]*\w")
# For these "permission denied" comes from another machine or another account system.
_REMOTE_NAMES = """
    ssh scp sftp rsync git psql mysql mongo mongosh redis-cli kubectl gh aws az gcloud
    curl wget npm pnpm yarn pip pip3 gem docker
"""
_REMOTE_PROGRAMS = frozenset(_REMOTE_NAMES.split())


def explain_permission(failure: Failure) -> Iterable[Finding]:
    """Explain missing rights; propose root only for what lies outside $HOME."""
    yield from _refused_root(failure)
    evidence = next(
        itertools.chain(
            _DENIED.lines(failure.output, failure.output_lines),
            _NEEDS_ROOT.lines(failure.output, failure.output_lines),
        ),
        "",
    )
    command = failure.culprit
    if not evidence or command is None or not command.words:
        return
    if finding := _not_executable(failure, evidence):
        yield finding
        return
    if command.program in _REMOTE_PROGRAMS:
        return
    programs = {c.words[0] for c in failure.line.commands if c.words}
    named = (w for w in path_words(failure.line) if _names(w, evidence))
    word = next((w for w in named if w not in programs), None)
    printed = _ABSOLUTE_PATH.search(evidence)
    path = word.value if word else printed[0] if printed else ""
    subject = path or command.program
    place = path or (failure.cwd if _BARE_REFUSAL.fullmatch(evidence.strip()) else "")
    fixes = tuple(_as_root(failure, command, word, place))
    if fixes:
        why = _("It belongs to root. Only root may do this.")
    elif command.is_privileged or failure.surroundings.is_root:
        why = _(
            "Even root was refused: the file system may be read-only, the file"
            " immutable, or a security policy forbids it."
        )
    else:
        why = _(
            "Your user lacks the right. `ls -l` shows who owns it and who may use it."
        )
    yield Finding(
        "permission-denied",
        _("Permission denied for {subject}.").format(subject=subject),
        why,
        evidence,
        0.7,
        fixes,
    )


def _names(word: Word, line: str) -> bool:
    path = word.value
    return ("/" in path and path in line) or bool(
        path and re.search(rf"(?<![\w./-]){re.escape(path)}(?![\w./-])", line)
    )


def _refused_root(failure: Failure) -> Iterator[Finding]:
    match = _REFUSES_ROOT.search(failure.output)
    command = failure.culprit
    if not match or command is None or not command.is_privileged or not command.words:
        return
    line = failure.line.text
    without = line[: command.start] + line[command.words[0].start :]
    yield Finding(
        "refuses-root",
        _("{program} does not want to run as root.").format(program=command.program),
        _("Run it as yourself: it would leave files behind that only root can change."),
        failure.evidence(match[0]),
        0.9,
        (Fix(without, 0.9),),
    )


def _not_executable(failure: Failure, evidence: str) -> Finding | None:
    """A script without its x bit; a directory is not a script."""
    command = next((c for c in failure.line.commands if c.words), None)
    if command is None:
        return None
    word = command.words[0]
    bare = evidence.strip().lower() == "permission denied"
    is_script = "/" in word.value or "." in word.value
    if not is_script or not (bare or _names(word, evidence)):
        return None
    if word.value in (".", "source") or evidence.startswith("sudo"):
        return None
    line = failure.line
    fixes = []
    programs = failure.surroundings.programs
    for interpreter in interpreters(word.value, programs):
        text = line.replace(word.start, word.end, f"{interpreter} {word.text}")
        fixes.append(Fix(text, 0.8 if "/" in word.value else 0.95))
    if not word.value.startswith("/") or _is_home(word.value, failure):
        again = line.text.strip()
        if "/" not in word.value:
            again = line.replace(word.start, word.end, f"./{word.text}").strip()
        fixes.append(Fix(f"chmod +x {word.text} && {again}", 0.9))
    return Finding(
        "not-executable",
        _("{path} may not be executed.").format(path=word.value),
        _(
            "The file exists, but its execute bit is not set: set it, or hand the file"
            " to its interpreter."
        ),
        evidence,
        0.9,
        tuple(fixes),
    )


def _as_root(
    failure: Failure, command: SimpleCommand, word: Word | None, path: str
) -> Iterator[Fix]:
    if (
        command.is_privileged
        or failure.surroundings.is_root
        or not has_privilege_evidence(failure.output)
    ):
        return
    target = next((r.target for r in command.redirections if r.target is word), None)
    line = failure.line
    if target and word:
        if not _is_home(word.value, failure):
            yield Fix(f"sudo sh -c {quote(line.text.strip())}", 0.85)
        return
    explicit = bool(_NEEDS_ROOT.search(failure.output))
    if not explicit and (not path or _is_home(path, failure)):
        return
    at = command.words[0].start
    confidence = 0.85 if explicit else 0.75
    yield Fix(line.replace(at, at, "sudo "), confidence)


def _is_home(path: str, failure: Failure) -> bool:
    """Return True for a path under $HOME, and for one whose place is unknown."""
    home = failure.surroundings.home.rstrip("/")
    if path.startswith("~"):
        return True
    whole = path if path.startswith("/") else f"{failure.cwd.rstrip('/')}/{path}"
    if not whole.startswith("/") or (not path.startswith("/") and not failure.cwd):
        return True
    return bool(home) and (whole + "/").startswith(home + "/")
