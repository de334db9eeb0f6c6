"""A profile for people: short paths, where the time went, and files to keep."""

import enum
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from terminal_ai.errors import ExportError
from terminal_ai.export.files import DIRECTORY_MODE, write_new
from terminal_ai.messages import gettext as _
from terminal_ai.ui.texts import short_path, short_time
from utils.stack_profile import StackProfile, short_file
from utils.stopwatch import FunctionTiming

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
    """A line worth looking at; ``score`` is from 0 to 100, by ``utils.bottlenecks``."""

    place: str
    function: str
    score: float
    self_percent: float
    """Its part of all busy time, without what it called."""
    seconds: float
    longest_seconds: float
    """The longest measured call since the program started, 0.0 if none was."""


@dataclass(frozen=True, slots=True)
class TakenProfile:
    """A profile with short paths, and the lines to look at first."""

    stacks: StackProfile
    hottest: tuple[HotLine, ...]


def taken(
    profile: StackProfile, timings: Sequence[FunctionTiming], home: str
) -> TakenProfile:
    """Return what is shown of a profile; takes some ten milliseconds."""
    from utils.bottlenecks import BottleneckDetector  # tracemalloc and ast with it

    detector = BottleneckDetector()
    detector.add_samples(profile)
    detector.add_timings(timings)
    busy = profile.busy_seconds
    hottest = tuple(
        HotLine(
            place=f"{_short(each.file, home)}:{each.line}",
            function=each.function.removeprefix("block."),
            score=each.score,
            self_percent=each.own_seconds / busy * 100 if busy else 0.0,
            seconds=each.own_seconds,
            longest_seconds=each.longest_seconds,
        )
        for each in detector.get_bottlenecks(TOP)
        if each.score
    )
    return TakenProfile(with_short_paths(profile, home), hottest)


def with_short_paths(profile: StackProfile, home: str) -> StackProfile:
    """Return the profile with files named from where Python imports, or from ``~``."""
    known: dict[str, str] = {}

    def short(file: str) -> str:
        if file not in known:
            known[file] = _short(file, home)
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


def _short(file: str, home: str) -> str:
    return short_path(short_file(file), home)


def summary(profile: StackProfile) -> str:
    """Return in one line what was looked at, and how busy it was."""
    busy = profile.busy_seconds / profile.seconds * 100 if profile.seconds else 0.0
    return _("{seconds:.1f} s · busy {percent:.0f} % · {samples} samples").format(
        seconds=profile.seconds, percent=busy, samples=profile.samples
    )


def as_markdown(profile: TakenProfile) -> str:
    """Return the report: the summary, and a table of the hottest lines."""
    rows = [
        f"| {number} | {_cell(hot.place)} | {_cell(hot.function)} "
        f"| {hot.score:.0f} | {hot.self_percent:.1f} % | {short_time(hot.seconds)} "
        f"| {short_time(hot.longest_seconds)} |"
        for number, hot in enumerate(profile.hottest, 1)
    ]
    heads = (
        "#",
        _("place"),
        _("function"),
        _("score"),
        _("self"),
        _("time"),
        _("longest call"),
    )
    lines = [
        f"# {_('Profile of terminal-ai')}",
        "",
        summary(profile.stacks),
        "",
        f"| {' | '.join(heads)} |",
        "|--:|---|---|--:|--:|--:|--:|",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Return a text as code in a Markdown table."""
    shown = text.replace("`", "'").replace("|", "\\|").replace("\n", " ")
    return f"`{shown}`" if shown else ""


def as_text(profile: TakenProfile, form: ProfileForm) -> str:
    """Return what the file of a profile holds."""
    match form:
        case ProfileForm.SPEEDSCOPE:
            return profile.stacks.speedscope(PROFILE_NAME)
        case ProfileForm.FOLDED:
            return profile.stacks.folded()
        case ProfileForm.MARKDOWN:
            return as_markdown(profile)


def default_path(directory: Path, form: ProfileForm, now: float) -> Path:
    """Return a name that tells when the profile was taken."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
    return directory / f"profile-{stamp}{form.suffix}"


def write_profile(profile: TakenProfile, form: ProfileForm, path: Path) -> None:
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
