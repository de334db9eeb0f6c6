"""Looks at the shell from outside: is it still ours, and who takes the commands?

The prompt marks say all about a shell that prints them. These looks are for the rest:
another shell after ``exec``, hooks that were removed, a shell inside the shell. The
kernel is asked in a thread, and only while no prompt of ours is in front.
"""

import asyncio
import enum
from collections.abc import Callable
from dataclasses import dataclass

from terminal_ai.shell.delayed import DelayedWork
from terminal_ai.shell.foreground import Foreground, Observer, observe
from terminal_ai.shell.inside import SHELLS

# The first look sees what lasts; most commands have ended before it.
FIRST_LOOK_SECONDS = 0.3
LOOK_SECONDS = 1.0
# This many looks in a row at a shell that waits for a line and does not say so.
LOOKS_TO_BE_SURE = 3
# Lines entered at a shell without a line editor, in front of which nothing runs: a
# question of a script is answered sooner.
LINES_TO_BE_SURE = 3
# A shell that reads its startup files sleeps now and then as well.
STARTUP_SECONDS = 4.0


class Phase(enum.Enum):
    """What the prompt marks have said last."""

    STARTING = enum.auto()
    PROMPT = enum.auto()
    RUNNING = enum.auto()
    BACK = enum.auto()
    """A prompt has come though no end of the command was told."""
    ENDED = enum.auto()


class Loss(enum.Enum):
    """How a shell stopped telling us its commands."""

    REPLACED = enum.auto()
    """Another shell runs in its process."""
    SILENT = enum.auto()
    """It waits for a command, and no mark has said so."""
    ENDLESS = enum.auto()
    """It still announces prompts and commands, but not how they ended."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look: what the terminal knows at once, and what the kernel was asked for.

    ``is_editing`` tells that the shell is in front, in the middle of its line editor.
    """

    is_editing: bool
    foreground: Foreground


class LossDetector:
    """Judges a row of looks at one shell."""

    def __init__(self, image: str | None) -> None:
        self._image = image
        self._waits = 0
        self._idles = 0
        self._aways = 0
        self._lines = 0

    def trust(self, image: str | None) -> None:
        """A genuine mark has come from the process as it is now."""
        self._image = image
        self.forget()

    def forget(self) -> None:
        """A mark has come, or a command was started: looks before it say nothing."""
        self._waits = self._idles = self._aways = self._lines = 0

    def count_line(self) -> None:
        """The user has pressed Enter."""
        self._lines += 1

    def is_replaced(self, foreground: Foreground) -> bool:
        """Tell whether the process executes something else than what had marks."""
        return None not in (self._image, foreground.image) and (
            foreground.image != self._image
        )

    def inside(self, foreground: Foreground) -> str:
        """Return who takes the commands instead of the shell that we know."""
        own = foreground.own if self.is_replaced(foreground) else ""
        return foreground.inside or ("" if own in SHELLS else own)

    def judge(
        self, look: Look, phase: Phase, *, age_seconds: float, is_sure: bool
    ) -> Loss | None:
        """Return how the shell was lost, if it was.

        ``age_seconds`` are since its start; ``is_sure`` says that it was lost before,
        and nothing has come since to doubt that.
        """
        foreground = look.foreground
        has_begun = phase is not Phase.STARTING
        if has_begun and foreground.own in SHELLS and self.is_replaced(foreground):
            return Loss.REPLACED
        self._waits = self._waits + 1 if look.is_editing else 0
        is_away = not look.is_editing and not foreground.is_idle
        self._aways = self._aways + 1 if is_away and self._lines else 0
        self._idles = self._idles + 1 if foreground.is_idle else 0
        looks = 1 if is_sure else LOOKS_TO_BE_SURE
        is_waiting = self._waits >= looks
        is_idle = self._idles >= looks
        match phase:
            case Phase.PROMPT:
                # A line was entered, and something runs: nobody has announced it.
                is_waiting = self._aways >= LOOKS_TO_BE_SURE
            case Phase.BACK:
                return Loss.ENDLESS if is_waiting or is_idle else None
            case Phase.STARTING:
                is_hopeless = is_idle or self.is_replaced(foreground)
                is_waiting |= is_hopeless and age_seconds >= STARTUP_SECONDS
            case Phase.RUNNING:
                is_waiting |= is_idle and self._lines >= LINES_TO_BE_SURE
            case Phase.ENDED:
                is_waiting |= is_idle
        return Loss.SILENT if is_waiting else None


class ShellWatch:
    """Looks at one shell again and again, until told that it need not."""

    def __init__(
        self,
        shell_pid: int,
        *,
        foreground_group: Callable[[], int | None],
        is_raw: Callable[[], bool],
        on_look: Callable[[Look], None],
        observer: Observer = observe,
    ) -> None:
        self._shell_pid = shell_pid
        self._foreground_group = foreground_group
        self._is_raw = is_raw
        self._on_look = on_look
        self._observer = observer
        self._interval_seconds = LOOK_SECONDS
        self._looking = DelayedWork(self._look_until_stopped)

    @property
    def is_editing(self) -> bool:
        """True while the shell itself is in front and reads keys one by one."""
        return self._foreground_group() == self._shell_pid and self._is_raw()

    @property
    def is_looking(self) -> bool:
        """True between ``start`` and ``stop``."""
        return self._looking.is_going_on

    def start(
        self,
        delay_seconds: float = FIRST_LOOK_SECONDS,
        interval_seconds: float = LOOK_SECONDS,
    ) -> None:
        """Look after a while, and then regularly; again begins anew."""
        self._interval_seconds = interval_seconds
        self._looking.start(delay_seconds)

    def stop(self) -> None:
        """Look no more."""
        self._looking.stop()

    async def _look_until_stopped(self) -> None:
        while True:
            foreground = await asyncio.to_thread(
                self._observer, self._shell_pid, self._foreground_group()
            )
            if foreground is not None:
                self._on_look(Look(self.is_editing, foreground))
            await asyncio.sleep(self._interval_seconds)
