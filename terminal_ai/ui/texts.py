"""Words and numbers of the interface, formatted the same everywhere."""

import math
import re
import time

from rich.cells import cell_len
from textual.content import Content

from terminal_ai.messages import gettext as _
from terminal_ai.quantities import duration as duration
from terminal_ai.quantities import elapsed as elapsed
from terminal_ai.quantities import short_time as short_time
from terminal_ai.quantities import size as size
from terminal_ai.records import (
    AnswerOrigin,
    AnswerPhase,
    CommandRecord,
    ModelState,
    ModelStatus,
    Risk,
)
from terminal_ai.safety.sanitize import sanitize_text, single_line

PREPARED_LIMIT_SECONDS = 60.0
"""Later than that, its reader has done something else meanwhile."""
COMMAND_LIMIT = 400
PATH_LIMIT = 400
_SECONDS_A_MINUTE, _SECONDS_AN_HOUR, _SECONDS_A_DAY = 60, 3_600, 86_400
_AGES = (
    (_SECONDS_A_MINUTE, "m", _SECONDS_AN_HOUR),
    (_SECONDS_AN_HOUR, "h", _SECONDS_A_DAY),
    (_SECONDS_A_DAY, "d", 7 * _SECONDS_A_DAY),
)

MUTED = "dim"
_MARKED = re.compile(
    r"(?P<ticks>`{1,2})(?P<code>[^`]+)(?P=ticks)"
    r"|(?<![\w*])\*\*(?P<strong>\w(?:[^*]*[^\s*])?)\*\*(?![\w*])"
)
"""The two signs of Markdown that sentences have: `code` and **strong**."""
LEAST_CPU_SECONDS = 0.05
"""Below it the kernel's steps of 10 ms say little: 3 ms could show as CPU 10 ms."""

RISK_STYLES = {
    Risk.SAFE: "$text-success",
    Risk.CAUTION: "$text-warning",
    Risk.DANGER: "bold $text-error",
}


def literal(text: str, style: str = "") -> Content:
    """Return foreign text as content that can neither control nor mark up anything."""
    return Content.styled(sanitize_text(text), style)


def line(text: str, style: str = "", limit: int = COMMAND_LIMIT) -> Content:
    """Return foreign text as one bounded, literal line."""
    return Content.styled(single_line(text, limit), style)


def prose(text: str, style: str = "", limit: int | None = None) -> Content:
    """Return a sentence of the advisor or the model, its code and stresses in bold.

    All else in it is literal; with a limit it is one bounded line.
    """
    shown = sanitize_text(text) if limit is None else single_line(text, limit)
    parts: list[Content] = []
    end = 0
    for found in _MARKED.finditer(shown):
        parts.append(Content.styled(shown[end : found.start()], style))
        marked = found["code"] or found["strong"]
        parts.append(Content.styled(marked, f"{style} bold".strip()))
        end = found.end()
    parts.append(Content.styled(shown[end:], style))
    return Content("").join(parts)


def phase_label(phase: AnswerPhase) -> str:
    """Return where an answer stands, for the reader."""
    return {
        AnswerPhase.WAITING: _("waiting for another answer"),
        AnswerPhase.CONNECTING: _("connecting"),
        AnswerPhase.LOADING: _("loading the model"),
        AnswerPhase.READING: _("reading"),
        AnswerPhase.THINKING: _("thinking"),
        AnswerPhase.WRITING: _("writing"),
        AnswerPhase.DONE: _("done"),
    }[phase]


def age_label(
    origin: AnswerOrigin, age_seconds: float, *, is_prepared: bool = False
) -> str:
    """Return how old a kept answer is, and who has kept it.

    Of one that was asked for ahead, and just now, that is nothing the reader did.
    """
    if is_prepared and age_seconds < PREPARED_LIMIT_SECONDS:
        return _("prepared while you read")
    told = {
        AnswerOrigin.DISK: _("cached {age} ago, on disk"),
        AnswerOrigin.TEAM: _("cached {age} ago, by the team"),
    }.get(origin, _("cached {age} ago, in memory"))
    return told.format(age=age(age_seconds))


def age(seconds: float) -> str:
    """Return how long ago something was, in the largest whole unit."""
    whole = max(0, int(seconds))
    for unit_seconds, unit in (
        (_SECONDS_A_DAY, "d"),
        (_SECONDS_AN_HOUR, "h"),
        (_SECONDS_A_MINUTE, "min"),
    ):
        if whole >= unit_seconds:
            return f"{whole // unit_seconds} {unit}"
    return f"{whole} s"


def model_label(status: ModelStatus | None) -> str:
    """Return the model's state in a few words."""
    if status is None:
        return ""
    model = single_line(status.model, 40)
    return {
        ModelState.DISABLED: _("offline mode"),
        ModelState.UNAVAILABLE: _("no Ollama"),
        ModelState.MODEL_MISSING: _("{model} is missing").format(model=model),
        ModelState.READY: f"{model}{_readiness(status)}",
    }[status.state]


def _readiness(status: ModelStatus) -> str:
    """Return whether the model is loaded, and how many minutes more."""
    if not status.is_loaded:
        return " · " + _("cold")
    if status.expires_at is None or math.isinf(status.expires_at):
        return ""
    minutes = max(status.expires_at - time.time(), 0.0) / _SECONDS_A_MINUTE
    return f" · {math.ceil(minutes)}m"


def figures(record: CommandRecord) -> str:
    """Return how long a command took, and what is known of what it used."""
    used = record.resources
    shown = [duration(record.duration_seconds)]
    if (
        used.cpu_seconds is not None
        and max(record.duration_seconds, used.cpu_seconds) >= LEAST_CPU_SECONDS
    ):
        shown.append(_("CPU {time}").format(time=duration(used.cpu_seconds)))
    if used.peak_rss_bytes is not None:
        shown.append(size(used.peak_rss_bytes))
    return " · ".join(shown)


def clock(at: float, now: float) -> str:
    """Return when something was, seen from now, in at most seven cells.

    Both are seconds since the epoch: minutes, hours or days ago, else a date.
    """
    ago = now - at
    if abs(ago) < _SECONDS_A_MINUTE:
        return _("now")
    for seconds, unit, limit in _AGES:
        if 0 < ago < limit:
            return f"{ago // seconds:.0f}{unit}"
    then, today = _local(at), _local(now)
    if then is None or today is None:
        return "?"
    is_same_year = then.tm_year == today.tm_year
    return time.strftime("%m-%d" if is_same_year else "%Y-%m", then)


def date_and_time(at: float) -> str:
    """Return seconds since the epoch as the local date and time."""
    then = _local(at)
    return "?" if then is None else time.strftime("%Y-%m-%d %H:%M:%S", then)


def _local(at: float) -> time.struct_time | None:
    """Return the local time; None for one that no calendar has."""
    try:
        return time.localtime(at)
    except (OverflowError, ValueError, OSError):
        return None


def short_path(path: str, home: str, limit: int = PATH_LIMIT) -> str:
    """Return a path with the home directory as ``~``, its start cut to fit ``limit``.

    The limit counts cells: a wide letter takes two.
    """
    if home and (path == home or path.startswith(home.rstrip("/") + "/")):
        path = "~" + path[len(home.rstrip("/")) :]
    shown = single_line(path, PATH_LIMIT)
    if cell_len(shown) <= limit:
        return shown
    end = shown[-(limit - 1) :]
    while cell_len(end) >= limit:
        end = end[1:]
    return "…" + end


def end_of(name: str, cells: int) -> str:
    """Return a name cut at its start: what it ends with tells it from others."""
    if cell_len(name) <= cells:
        return name
    kept = name[-cells:] if cells else ""
    while kept and cell_len(kept) > cells - 1:
        kept = kept[1:]
    return "…" + kept if cells else ""
