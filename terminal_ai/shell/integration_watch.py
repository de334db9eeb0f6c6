"""Whether the shell still tells its commands; and what is done when it does not.

A shell without marks is followed from outside, and its records are labelled so: a line
is entered where the user pressed the first key while the line editor waited, its output
ends when the editor waits again. The exit code stays unknown.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from terminal_ai.records import RunningCommand
from terminal_ai.shell.facts import Fact, PromptReady
from terminal_ai.shell.foreground import Observer, image_of, observe
from terminal_ai.shell.inside import taker_of_line
from terminal_ai.shell.shown import shown_from
from terminal_ai.shell.states import IntegrationState
from terminal_ai.shell.tracker import CommandTracker
from terminal_ai.shell.watch import (
    FIRST_LOOK_SECONDS,
    Look,
    Loss,
    LossDetector,
    Phase,
    ShellWatch,
)
from terminal_ai.terminal.grid.anchors import Anchor
from terminal_ai.terminal.terminal import Terminal

# A shell that has printed something and no mark for this long has no integration.
FIRST_MARK_TIMEOUT_SECONDS = 5.0
# A shell followed from outside is looked at more often: nothing else tells its ends.
UNMARKED_LOOK_SECONDS = 0.25
UNMARKED_FIRST_LOOK_SECONDS = 0.1

_LINE_ENDS = frozenset(b"\r\n")
_ABANDONS_LINE = frozenset(b"\x03\x04")
_PASTE_START = b"\x1b[200~"


class Master(Protocol):
    """What is asked of the pty's master."""

    @property
    def pid(self) -> int:
        """The shell's process id."""

    @property
    def foreground_group(self) -> int | None:
        """The process group that reads from the terminal now."""

    @property
    def is_raw(self) -> bool:
        """True while keys are read one by one, not line by line."""


class Listener(Protocol):
    """Who is told."""

    def integration_changed(self, state: IntegrationState) -> None:
        """Commands are captured differently from now on."""

    def inside_changed(self, name: str) -> None:
        """Another program takes the user's commands now; "" for the shell again."""


@dataclass(slots=True)
class _Input:
    """Where the user began to type a line that no mark announced."""

    start: Anchor
    is_private: bool


class IntegrationWatch:
    """Follows one shell; asks the kernel only while no prompt of ours is in front."""

    def __init__(
        self,
        master: Master,
        tracker: CommandTracker,
        terminal: Terminal,
        listener: Listener,
        *,
        is_integrated: bool,
        is_limited: bool,
        is_wanted: bool,
        take_facts: Callable[[Sequence[Fact]], None],
        observer: Observer = observe,
    ) -> None:
        self.state = (
            IntegrationState.WAITING if is_integrated else IntegrationState.LOST
        )
        self.inside = ""
        self._master = master
        self._tracker = tracker
        self._terminal = terminal
        self._listener = listener
        self._is_limited = is_limited
        self._is_wanted = is_wanted
        self._take_facts = take_facts
        self._detector = LossDetector(image_of(master.pid))
        self._watch = ShellWatch(
            master.pid,
            foreground_group=lambda: master.foreground_group,
            is_raw=lambda: master.is_raw,
            on_look=self._take_look,
            observer=observer,
        )
        self._started_at = time.monotonic()
        self._marks = 0
        self._mark_timer: asyncio.TimerHandle | None = None
        self._input: _Input | None = None
        self._is_idle = False
        if is_wanted:
            self._watch.start()

    @property
    def is_told(self) -> bool:
        """True while the shell tells us its commands, in whole or in part."""
        return self.state in (IntegrationState.ACTIVE, IntegrationState.LIMITED)

    def stop(self) -> None:
        """The shell has ended, or is being closed."""
        self._cancel_mark_timer()
        self._watch.stop()
        self._set_inside("")

    # What the session sees

    def follow(self, facts: Sequence[Fact]) -> None:
        """The shell has printed something; the tracker has taken it."""
        tracker = self._tracker
        if self.state is IntegrationState.WAITING and self._mark_timer is None:
            self._mark_timer = asyncio.get_running_loop().call_later(
                FIRST_MARK_TIMEOUT_SECONDS, self._lose
            )
        if is_marked := tracker.boundary_marks != self._marks:
            self._take_mark()
        if not self._is_wanted:
            return
        if any(isinstance(fact, RunningCommand) for fact in facts):
            self._detector.forget()
            self._watch.start(*self._pace(FIRST_LOOK_SECONDS))
        elif is_marked and tracker.phase is Phase.PROMPT:
            self._watch.stop()
            self._set_inside("")
        elif is_marked and not self._watch.is_looking:
            self._watch.start()

    def _take_mark(self) -> None:
        tracker = self._tracker
        self._marks = tracker.boundary_marks
        self._input = None
        self._cancel_mark_timer()
        if self.is_told:
            self._detector.forget()
        else:
            self._detector.trust(image_of(self._master.pid))
        is_exact = tracker.is_complete and not self._is_limited
        self._set_state(
            IntegrationState.ACTIVE if is_exact else IntegrationState.LIMITED
        )

    def take_keys(self, data: bytes) -> None:
        """The user presses keys: before they reach the shell."""
        if not self._is_wanted:
            return
        is_entered = not _LINE_ENDS.isdisjoint(data)
        if self.state is IntegrationState.LOST:
            self._take_unmarked_keys(data, is_entered=is_entered)
        elif is_entered:
            self._detector.count_line()
            if self._tracker.phase is Phase.PROMPT:
                # A mark will stop it, unless none comes.
                self._watch.start()

    # What the looks have found

    def _take_look(self, look: Look) -> None:
        tracker, foreground = self._tracker, look.foreground
        self._is_idle = foreground.is_idle
        is_waiting = look.is_editing or foreground.is_idle
        inside = self._detector.inside(foreground)
        if not foreground.is_visible and tracker.running:
            inside = taker_of_line(tracker.running.command_line)
        self._set_inside("" if tracker.phase is Phase.PROMPT else inside)
        if self.state is IntegrationState.LOST:
            if is_waiting:
                if tracker.phase is Phase.BACK and not tracker.is_end_suspected:
                    self._take_facts(tracker.lose(time.time()))
                self._end_unmarked(foreground.cwd)
                self._watch.stop()
            return
        if tracker.phase is Phase.PROMPT and is_waiting:
            # The line goes on, or the editor has taken the key for something else.
            self._watch.stop()
        loss = self._detector.judge(
            look,
            tracker.phase,
            age_seconds=time.monotonic() - self._started_at,
            is_sure=self._is_told_in_part,
        )
        match loss:
            case Loss.REPLACED:
                self._take_facts(tracker.lose(time.time(), prompt=self._prompt()))
                self._detector.trust(foreground.image)
                self._lose()
            case Loss.SILENT if self._is_told_in_part:
                self._take_facts(tracker.lose(time.time(), prompt=self._prompt()))
            case Loss.SILENT:
                tracker.suspect_end(time.time(), prompt=self._prompt())
                self._lose()
            case Loss.ENDLESS:
                self._take_facts(tracker.confirm_end(time.time()))
                if not tracker.is_complete:
                    self._set_state(IntegrationState.LIMITED)
            case None:
                pass

    @property
    def _is_told_in_part(self) -> bool:
        """True for a shell that announces commands, but no longer how they end."""
        return self.is_told and not self._tracker.is_complete

    def _lose(self) -> None:
        self._cancel_mark_timer()
        self._detector.forget()
        self._input = None
        self._set_state(IntegrationState.LOST)

    def _pace(self, delay_seconds: float) -> tuple[float, ...]:
        """Return when to look first; and how often, of a shell that tells nothing."""
        return (
            (delay_seconds,) if self.is_told else (delay_seconds, UNMARKED_LOOK_SECONDS)
        )

    # A shell without marks

    def _take_unmarked_keys(self, data: bytes, *, is_entered: bool) -> None:
        is_editing = self._watch.is_editing
        if not (is_editing or self._is_idle) or self._terminal.is_alternate:
            return
        if self._tracker.running:
            # It has ended since the last look.
            self._end_unmarked(None)
        if self._input is None and (start := self._terminal.anchor()):
            typed = data.removeprefix(_PASTE_START)
            self._input = _Input(start, is_private=typed.startswith(b" "))
        if is_entered and self._input:
            entered, self._input = self._input, None
            self._take_facts(
                self._tracker.expect_line(lambda: self._read_line(entered), time.time())
            )
            self._is_idle = False
            self._watch.start(UNMARKED_FIRST_LOOK_SECONDS, UNMARKED_LOOK_SECONDS)
        elif not _ABANDONS_LINE.isdisjoint(data):
            self._input = None

    def _read_line(self, entered: _Input) -> str:
        """Return what the screen shows of an entered line, "" if it is gone."""
        text = shown_from(self._terminal, entered.start)
        if text is None:
            return ""
        # The first key says it for sure, wherever the prompt has ended.
        if entered.is_private and text.strip() and not text.startswith(" "):
            text = f" {text}"
        return text

    def _end_unmarked(self, cwd: str | None) -> None:
        """The shell waits again."""
        tracker = self._tracker
        if not tracker.is_unmarked:
            return
        if cwd:
            tracker.cwd = cwd
        facts = tracker.lose(time.time(), prompt=self._prompt())
        self._take_facts((*facts, PromptReady(tracker.cwd)))
        self._set_inside("")

    def _prompt(self) -> str:
        """Return what stands before the cursor, most likely the prompt's last line."""
        cursor = self._terminal.cursor
        row = self._terminal.line(cursor.row)
        return "".join(row.cell(column)[0] for column in range(cursor.column))

    # Telling

    def _set_state(self, state: IntegrationState) -> None:
        if state is not self.state:
            self.state = state
            self._listener.integration_changed(state)

    def _set_inside(self, name: str) -> None:
        if name != self.inside:
            self.inside = name
            self._listener.inside_changed(name)

    def _cancel_mark_timer(self) -> None:
        if self._mark_timer:
            self._mark_timer.cancel()
            self._mark_timer = None
