"""A profile for people: short paths, where the time went, and files to keep."""

import enum
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

from terminal_ai.errors import ExportError
from terminal_ai.export.files import DIRECTORY_MODE, write_new
from terminal_ai.messages import gettext as _
from terminal_ai.ui.texts import short_path, short_time
from utils.stack_profile import HotSpot, StackProfile, short_file

TOP = 10
"""So many lines are reported."""
PROFILE_NAME = "terminal-ai"


class ProfileForm(enum.StrEnum):
    """What a profile is written as."""

    SPEEDSCOPE = "speedscope"
    FOLDED = "folded"
    MARKDOWN = "markdown"

    @property
    def suffix(self) -> str:
        """How such a file's name ends."""
        return {
            ProfileForm.SPEEDSCOPE: ".speedscope.json",
            ProfileForm.FOLDED: ".folded",
            ProfileForm.MARKDOWN: ".md",
        }[self]


@dataclass(frozen=True, slots=True)
class HotLine:
    """A line where time was spent; the shares are of all busy time, 0 to 100."""

    place: str
    function: str
    self_percent: float
    percent: float
    seconds: float


def with_short_paths(profile: StackProfile, home: str) -> StackProfile:
    """Return the profile with files named from where Python imports, or from ``~``."""
    known: dict[str, str] = {}

    def short(file: str) -> str:
        if file not in known:
            known[file] = short_path(short_file(file), home)
        return known[file]

    return replace(
        profile,
        stacks=tuple(
            replace(
                stack,
                frames=tuple(
                    frame._replace(file=short(frame.file)) for frame in stack.frames
                ),
            )
            for stack in profile.stacks
        ),
    )


def hottest(profile: StackProfile, top: int = TOP) -> list[HotLine]:
    """Return the lines that took most time themselves, the hottest first."""
    busy = profile.busy_seconds
    spots = profile.hot_lines(top)
    return [_hot_line(spot, busy) for spot in spots if spot.self_seconds]


def _hot_line(spot: HotSpot, busy: float) -> HotLine:
    share = 100 / busy if busy else 0.0
    return HotLine(
        place=spot.place,
        function=spot.function,
        self_percent=spot.self_seconds * share,
        percent=spot.seconds * share,
        seconds=spot.self_seconds,
    )


def summary(profile: StackProfile) -> str:
    """Return in one line what was looked at, and how busy it was."""
    busy = profile.busy_seconds / profile.seconds * 100 if profile.seconds else 0.0
    return _("{seconds:.1f} s · busy {percent:.0f} % · {samples} samples").format(
        seconds=profile.seconds, percent=busy, samples=profile.samples
    )


def as_markdown(profile: StackProfile) -> str:
    """Return the report: the summary, and a table of the hottest lines."""
    rows = [
        f"| {number} | {_cell(hot.place)} | {_cell(hot.function)} "
        f"| {hot.self_percent:.1f} % | {hot.percent:.1f} % "
        f"| {short_time(hot.seconds)} |"
        for number, hot in enumerate(hottest(profile), 1)
    ]
    heads = ("#", _("place"), _("function"), _("self"), _("with calls"), _("time"))
    lines = [
        f"# {_('Profile of terminal-ai')}",
        "",
        summary(profile),
        "",
        f"| {' | '.join(heads)} |",
        "|--:|---|---|--:|--:|--:|",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Return a text as code in a Markdown table."""
    shown = text.replace("`", "'").replace("|", "\\|").replace("\n", " ")
    return f"`{shown}`" if shown else ""


def as_text(profile: StackProfile, form: ProfileForm) -> str:
    """Return what the file of a profile holds."""
    match form:
        case ProfileForm.SPEEDSCOPE:
            return profile.speedscope(PROFILE_NAME)
        case ProfileForm.FOLDED:
            return profile.folded()
        case ProfileForm.MARKDOWN:
            return as_markdown(profile)


def default_path(directory: Path, form: ProfileForm, now: float) -> Path:
    """Return a name that tells when the profile was taken."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    return directory / f"profile-{stamp}{form.suffix}"


def write_profile(profile: StackProfile, form: ProfileForm, path: Path) -> None:
    """Write a new file that its user alone may read; raises ExportError.

    A file that is there is never replaced.
    """
    if path.is_dir():
        raise ExportError(
            _("{path} is a directory").format(path=path), hint=_("name a file in it")
        )
    if os.path.lexists(path):
        raise ExportError(
            _("{path} exists").format(path=path), hint=_("name another file")
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=DIRECTORY_MODE)
    except OSError as error:
        raise ExportError(
            _("{path} cannot be made: {reason}").format(
                path=path.parent, reason=error.strerror or error
            )
        ) from error
    write_new(path, as_text(profile, form))
