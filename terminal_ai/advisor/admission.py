"""What may be shown: the last gate of every suggestion, whatever rule made it."""

import re
from collections.abc import Iterable

from terminal_ai.advisor.evidence.failure import Failure
from terminal_ai.advisor.evidence.finding import Fix
from terminal_ai.advisor.reading.wording import Wording
from terminal_ai.messages import gettext as _
from terminal_ai.records import Risk, Suggestion
from terminal_ai.safety.risk import assess_risk

SUGGESTIONS_LIMIT = 3
CONFIDENCE_FLOOR = 0.3
COMMAND_LENGTH_LIMIT = 2_000

# Repairs that replace one problem by a worse one. Only what the user typed themselves
# may still stand in a suggestion.
_NEVER = tuple(
    re.compile(pattern)
    for pattern in (
        r"\brm\s+(?:-\w*[rR]\w*f|-\w*f\w*[rR]|-[rR]\s+-f|-f\s+-[rR])",
        r"\brm\s.*--recursive\b.*\s-\w*f|\brm\s.*-\w*f\w*\s.*--recursive\b",
        r"\bchmod\s+(?:-R\s+)?(?:0?777|0?666|(?:a|ugo)[+=]rwx?)\b",
        r"--no-verify\b|\bgit\s+commit\b.*\s-n\b",
        r"--force(?![\w-])|--force-yes\b",
        r"\bgit\s+push\b.*\s(?:-\w*f\w*\b|\+\w)",
        r"\b(?:npm|pnpm|yarn)\b.*\s-f\b",
        r"\bcurl\b.*\s(?:-[a-jl-zA-Z]*k[a-zA-Z]*\b|--insecure\b)",
        r"--no-check-certificate\b|--insecure(?![\w-])|--trusted-host\b",
        r"--allow-unauthenticated\b|--no-gpg-checks?\b|--nogpgcheck\b",
        r"(?i)\bsslverify[ =]+(?:false|0)\b|\bstrict-ssl[ =]+(?:false|0)\b",
        r"\bNODE_TLS_REJECT_UNAUTHORIZED=0|\bGIT_SSL_NO_VERIFY=|\bPYTHONHTTPSVERIFY=0",
        r"--break-system-packages\b",
        r"\b(?:kill|pkill|killall)\b.*\s(?:-9|-(?:SIG)?KILL|-s\s*(?:9|(?:SIG)?KILL))\b",
        r"--no-preserve-root\b",
        r"\bStrictHostKeyChecking\s*=?\s*no\b",
        r"\bsetenforce\s+0\b|--privileged\b",
        r"\bmkfs|\bdd\s.*\bof=",
        r":\(\)\s*\{",
        # Options and settings that run a program of somebody's choice.
        r"--(?:upload|receive)-pack\b|(?i:ProxyCommand)|\bext::",
        r"(?i)\bcore\.(?:sshcommand|fsmonitor|hookspath|gitproxy)\b",
        r"\balias\.\w+[ =]+['\"]?!",
    )
)
# Not the invisible kinds of space: those may be what was wrong with the line.
_SPACES = re.compile(r"[ \t\r\n]+")
_PRIVILEGE = re.compile(r"(?:^|[;&|]\s*)(?:\w+=\S*\s+)*(?:sudo|doas|pkexec|run0|su)\b")
# Rights that were missing for some file; only a file outside of $HOME wants root.
_REFUSED = Wording(
    r"permission denied|operation not permitted|\bEACCES\b|\bEPERM\b|access denied",
    re.IGNORECASE,
)
_NEEDS_ROOT = Wording(
    r"\b(?:as|be|need|needs|are you|requires?|not) (?:the )?(?:root|superuser)\b"
    r"|superuser|root (?:permissions|access|user)|privileges|unless you are root"
    r"|not in the sudoers|interactive authentication required"
    r"|authentication is required to|must be run (?:as|with)"
    r"|insufficient permissions|privileged to|under the root user"
    r"|non-root users|only (?:the )?root|eDSPermissionError",
    re.IGNORECASE,
)
_ABSOLUTE_PATH = re.compile(r"(?<![\w.~])(?:~|/[\w.@+-]+)(?:/[\w.@+-]*)*")
_FOREIGN_LETTER = re.compile(r"[\u0370-\u058f\uff00-\uffef]")
_LATIN_LETTER = re.compile(r"[A-Za-z]")


def has_privilege_evidence(output: str) -> bool:
    """Return True if the output says that rights were missing."""
    return bool(_REFUSED.search(output) or _NEEDS_ROOT.search(output))


def _wants_root(failure: Failure) -> bool:
    """Return True if the rights were missing for what is not the user's own."""
    if _NEEDS_ROOT.search(failure.output):
        return True
    home = failure.surroundings.home.rstrip("/") or "~"
    for line in _REFUSED.lines(failure.output, failure.output_lines):
        paths = [match[0] for match in _ABSOLUTE_PATH.finditer(line)]
        is_own = [f"{path}/".startswith((f"{home}/", "~/")) for path in paths]
        if not all(is_own) or not paths:
            return True
    return False


def _mixes_scripts(command: str, failed: str) -> bool:
    """Return True for a word whose letters only look like those that are typed."""
    return any(
        _FOREIGN_LETTER.search(word) and _LATIN_LETTER.search(word)
        for word in command.split()
        if word not in failed
    )


def admit(fixes: Iterable[tuple[Fix, str]], failure: Failure) -> tuple[Suggestion, ...]:
    """Return at most three suggestions from (fix, fallback why), best first.

    What is proven stands before all guesses, whatever confidence they have. A dangerous
    one never stands before one that is not.
    """
    best: dict[str, Suggestion] = {}
    for fix, why in sorted(
        fixes, key=lambda pair: (not pair[0].is_proven, -pair[0].confidence)
    ):
        command = fix.command.strip()
        key = _SPACES.sub(" ", command)
        if fix.confidence < CONFIDENCE_FLOOR or key in best:
            continue
        if not why_unfit(fix, failure):
            best[key] = Suggestion(
                command,
                assess_risk(command),
                fix.why or why,
                round(min(fix.confidence, 1.0), 3),
            )
    ordered = sorted(best.values(), key=lambda kept: kept.risk is Risk.DANGER)
    return tuple(ordered[:SUGGESTIONS_LIMIT])


def why_unfit(fix: Fix, failure: Failure) -> str:
    """Say why a command must not be shown; nothing if it may be."""
    command, failed = fix.command.strip(), failure.line.text
    if not command or len(command) > COMMAND_LENGTH_LIMIT:
        return _("it is empty or too long")
    if not command.isprintable():
        return _("it has characters that cannot be seen")
    if _SPACES.sub(" ", command) == _SPACES.sub(" ", failed.strip()):
        return _("it is the command that failed")
    if _mixes_scripts(command, failed):
        return _("it has letters that only look like those that are typed")
    if any(never.search(command) and not never.search(failed) for never in _NEVER):
        return _("it could replace one problem by a worse one")
    # The user has asked for this very program, or has run it before.
    is_wanted = fix.is_spelling or fix.is_proven
    if is_wanted or _PRIVILEGE.search(failed) or not _PRIVILEGE.search(command):
        return ""
    if failure.surroundings.is_root:
        return _("you are root already")
    if not _wants_root(failure):
        return _("nothing in the output says that rights are missing")
    return ""
