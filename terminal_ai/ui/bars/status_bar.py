"""The one row at the bottom: where we are, what runs, what the keys do."""

import time

from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.records import (
    CommandRecord,
    ModelState,
    ModelStatus,
    PrefetchState,
    RunningCommand,
)
from terminal_ai.session import IntegrationState
from terminal_ai.shell.blocks import Block
from terminal_ai.ui.bars.parts import (
    ALWAYS,
    Part,
    command_mode_keys,
    copy_mode_keys,
    hint,
    leaving_banner,
    lit_hint,
)
from terminal_ai.ui.keymap import LEADER_KEYS, Action, Keymap, action_label, key_label
from terminal_ai.ui.texts import MUTED, elapsed, line, model_label, short_path
from terminal_ai.ui.view.copy_mode import CopyMode, copy_mode_label

NOTICE_SECONDS = 6.0
BELL_SECONDS = 2.0
CWD_LIMIT = 32
COMMAND_LIMIT = 30
SHELL_LIMIT = 12
READY_WEIGHT = 8
"""More than all other hints: that an answer waits is news."""
INSIDE_LIMIT = 60
ELAPSED_INTERVAL_SECONDS = 1.0
_GAP = Content("  ")
_HINTED = (
    Action.HELP,
    Action.ASSISTANT,
    Action.PROFILER,
    Action.HISTORY,
    Action.ASK,
    Action.PLACE,
)


class StatusBar(Widget):
    """Draws its state; nothing here decides anything."""

    def __init__(self, keymap: Keymap, *, home: str, id: str) -> None:
        super().__init__(id=id)
        self._keymap = keymap
        self._home = home
        self._cwd = ""
        self._shell = ""
        self._integration: IntegrationState | None = None
        self._is_capture_wanted = True
        self._inside = ""
        self._command: RunningCommand | None = None
        self._last: CommandRecord | None = None
        self._model: ModelStatus | None = None
        self._remote_host = ""
        self._notice = Content("")
        self._notice_timer: Timer | None = None
        self._elapsed_timer: Timer | None = None
        self._rows_up = 0
        self._bell_timer: Timer | None = None
        self._is_leader_pending = False
        self._is_full_screen = False
        self._is_answer_ready = False
        self._copy_mode = ""
        self._chosen: Block | None = None
        self._asked_about = ""
        self._profiled_seconds: int | None = None

    def show_prompt(self, cwd: str, shell: str) -> None:
        """Show the directory and the shell."""
        self._cwd, self._shell = cwd, shell
        self.refresh()

    def show_integration(self, state: IntegrationState, *, is_wanted: bool) -> None:
        """Show how exactly commands are captured, or that the user wants none of it."""
        self._integration = state
        self._is_capture_wanted = is_wanted
        self.refresh()

    def show_inside(self, name: str) -> None:
        """Show which program takes the commands instead of the shell."""
        self._inside = name
        self.refresh()

    def show_running(self, command: RunningCommand | None) -> None:
        """Show the running command, or that none runs."""
        self._command = command
        if command is not None:
            self._is_answer_ready = False
            self._asked_about = ""
        if self._elapsed_timer is not None:
            self._elapsed_timer.stop()
            self._elapsed_timer = None
        if command is not None:
            self._elapsed_timer = self.set_interval(
                ELAPSED_INTERVAL_SECONDS, self.refresh
            )
        self.refresh()

    def show_finished(self, record: CommandRecord) -> None:
        """Show how the last command ended."""
        self._last = record
        self.show_running(None)

    def show_answer_ready(self, is_ready: bool) -> None:
        """Let the key that asks say that an answer about the last failure waits."""
        self._is_answer_ready = is_ready
        self.refresh()

    def show_model(self, status: ModelStatus) -> None:
        """Show what the model can do now."""
        self._model = status
        self.refresh()

    def show_prefetch(self, record_id: str, state: PrefetchState) -> None:
        """Show that the model is asked about a failure, or no longer."""
        if state is PrefetchState.ASKING and self._is_model_ready:
            self._asked_about = record_id
        elif record_id == self._asked_about:
            self._asked_about = ""
        self.refresh()

    def show_profiling(self, seconds_left: int | None) -> None:
        """Show how long the app is still profiled; None when it is not."""
        if seconds_left != self._profiled_seconds:
            self._profiled_seconds = seconds_left
            self.refresh()

    def show_leaving(self, remote_host: str) -> None:
        """Show, whatever else is shown, where questions leave this machine for."""
        self._remote_host = remote_host
        self.refresh()

    def show_scroll(self, rows_up: int) -> None:
        """Show how far above the bottom the view stands."""
        self._rows_up = rows_up
        self.refresh()

    def show_leader(self, is_pending: bool) -> None:
        """Show the keys that may follow the leader, or the usual bar again.

        Asked at every key: a repaint for nothing would make the key's echo wait for
        the frame after it.
        """
        if is_pending != self._is_leader_pending:
            self._is_leader_pending = is_pending
            self.refresh()

    def show_full_screen(self, is_full_screen: bool) -> None:
        """Show only the leader while a program has all other keys."""
        self._is_full_screen = is_full_screen
        self.refresh()

    def show_copy_mode(self, mode: CopyMode | None) -> None:
        """Show that the keys select, and what; None shows the usual bar again."""
        name = "" if mode is None else copy_mode_label(mode)
        if name != self._copy_mode:
            self._copy_mode = name
            self.refresh()

    def show_command_mode(self, block: Block | None) -> None:
        """Show that the keys act on a command; None shows the usual bar again."""
        self._chosen = block
        self.refresh()

    def notify_user(self, text: Content) -> None:
        """Show a line for a few seconds."""
        self._notice = text
        if self._notice_timer is not None:
            self._notice_timer.stop()
        self._notice_timer = self.set_timer(NOTICE_SECONDS, self.clear_notice)
        self.refresh()

    def clear_notice(self) -> None:
        """Take the notice away before its time."""
        self._notice = Content("")
        self.refresh()

    def show_bell(self) -> None:
        """Show for a moment that the program rang."""
        if self._bell_timer is not None:
            self._bell_timer.stop()
        self._bell_timer = self.set_timer(BELL_SECONDS, self._end_bell)
        self.refresh()

    def _end_bell(self) -> None:
        self._bell_timer = None
        self.refresh()

    def render(self) -> Content:
        """Return the row, as much as the width allows."""
        width = self.content_size.width
        banner = leaving_banner(self._remote_host, width)
        if self._is_leader_pending:
            return self._leader_hints(width, banner)
        if self._copy_mode:
            left, right = self._selecting(), copy_mode_keys()
        elif self._chosen is not None:
            left, right = self._choosing(), command_mode_keys()
        elif self._notice:
            left, right = [Part(self._notice, 9)], self._keys()
        else:
            left, right = self._left(), self._keys()
        if self._profiled_seconds is not None:
            left = [*left, Part(self._profiling(), 10)]
        if banner:
            right = [*right, Part(banner, ALWAYS)]
        return self._joined(left, right, width)

    def _left(self) -> list[Part]:
        parts = [Part(line(short_path(self._cwd, self._home, CWD_LIMIT), "bold"), 8)]
        parts.append(Part(self._last_command(), 9))
        if self._bell_timer is not None:
            parts.append(Part(Content.styled(_("♪ bell"), "bold $text-warning"), 8))
        parts.append(Part(self._rows_below(), 7))
        parts.append(Part(self._inside_state(), 9))
        parts.append(Part(self._shell_state(), 7 if self._is_lost else 3))
        parts.append(Part(self._model_state(), 4))
        return [part for part in parts if part.content]

    def _rows_below(self) -> Content:
        if not self._rows_up:
            return Content("")
        below = ngettext("↓ {rows} row below", "↓ {rows} rows below", self._rows_up)
        return Content(below.format(rows=self._rows_up))

    def _selecting(self) -> list[Part]:
        parts = [Part(line(self._copy_mode, "bold $text-accent"), 9)]
        parts.append(Part(self._notice or self._rows_below(), 4))
        return [part for part in parts if part.content]

    def _choosing(self) -> list[Part]:
        parts = [Part(Content.styled(_("command mode"), "bold $text-accent"), 5)]
        parts.append(Part(self._notice or self._rows_below(), 9))
        return [part for part in parts if part.content]

    def _profiling(self) -> Content:
        told = _("profiling {seconds} s").format(seconds=self._profiled_seconds)
        return Content.assemble(("● ", "$text-accent"), told)

    def _last_command(self) -> Content:
        if self._command is not None:
            ran = elapsed(time.time() - self._command.started_at)
            command = line(self._command.command_line, limit=COMMAND_LIMIT)
            return Content.assemble(("▶ ", "$text-accent"), command, f" {ran}")
        if self._last is None or self._last.exit_code is None:
            return Content("")
        if self._last.has_failed:
            return Content.styled(f"✗ {self._last.exit_code}", "bold $text-error")
        return Content.styled("✓ 0", "$text-success")

    @property
    def _is_lost(self) -> bool:
        return self._integration is IntegrationState.LOST

    def _inside_state(self) -> Content:
        if not self._inside:
            return Content("")
        # One whole sentence, for languages with another order of words.
        text = _("inside {program}: commands are not separated")
        return line(text.format(program=self._inside), "$text-warning", INSIDE_LIMIT)

    def _shell_state(self) -> Content:
        shell = line(self._shell, MUTED, limit=SHELL_LIMIT)
        if self._integration is None or self._integration is IntegrationState.ACTIVE:
            return shell
        state = {
            IntegrationState.WAITING: _("starting"),
            IntegrationState.LIMITED: _("limited capture"),
            IntegrationState.LOST: _("no capture"),
        }[self._integration]
        if self._is_lost and self._is_capture_wanted:
            key = key_label(self._keymap.leader)
            state = _("degraded capture: {leader} r restarts").format(leader=key)
        return Content.assemble(shell, (f" {state}", "$text-warning"))

    def _model_state(self) -> Content:
        if self._asked_about:
            return Content.assemble(
                ("● ", "$text-accent"), (_("asking the model…"), MUTED)
            )
        style = MUTED if self._is_model_ready else "$text-warning"
        if self._model is not None and self._model.state is ModelState.DISABLED:
            style = MUTED
        label = model_label(self._model)
        return Content.styled(label, style) if label else Content("")

    @property
    def _is_model_ready(self) -> bool:
        return self._model is not None and self._model.state is ModelState.READY

    def _keys(self) -> list[Part]:
        """The hints, in the order in which they appear; help stays longest."""
        if self._is_full_screen:
            return [hint(key_label(self._keymap.leader), _("keys"), 6)]
        weights = {
            Action.HELP: 6,
            Action.ASK: 5,
            Action.PLACE: 5,
            Action.ASSISTANT: 4,
            Action.HISTORY: 2,
        }
        hints = {
            action: hint(
                self._keymap.key_of(action),
                action_label(action),
                weights.get(action, 1),
            )
            for action in _HINTED
        }
        if self._is_answer_ready:
            key = self._keymap.key_of(Action.ASK)
            hints[Action.ASK] = lit_hint(key, _("answer ready"), READY_WEIGHT)
        return list(hints.values())

    def _leader_hints(self, width: int, banner: Content) -> Content:
        """As many of the keys as fit, the most useful first."""
        room = width - banner.cell_length - len(_GAP) if banner else width
        hints = [
            (key_label(key), action_label(action))
            for key, action in LEADER_KEYS.items()
        ]
        hints.append((key_label(self._keymap.leader), _("send it")))
        shown = Content("")
        for key, label in hints:
            hint = Content.assemble((key, "bold $text-accent"), f" {label}")
            longer = _GAP.join([shown, hint]) if shown else hint
            if longer.cell_length > room:
                break
            shown = longer
        if not banner:
            return shown
        gap = max(0, width - shown.cell_length - banner.cell_length)
        return Content.assemble(shown, " " * gap, banner)

    @staticmethod
    def _joined(left: list[Part], right: list[Part], width: int) -> Content:
        """Leave out the least important parts until the rest fits."""

        def length(parts: list[Part]) -> int:
            return sum(part.content.cell_length + len(_GAP) for part in parts)

        left, right = list(left), list(right)
        while length(left) + length(right) > width and len(left) + len(right) > 1:
            least = min([*right, *left], key=lambda part: part.weight)
            (right if least in right else left).remove(least)
        shown = _GAP.join(part.content for part in left)
        hints = _GAP.join(part.content for part in right)
        room = width - hints.cell_length
        shown = shown.truncate(max(0, room - 1 if hints else room), ellipsis=True)
        return Content.assemble(shown, " " * max(0, room - shown.cell_length), hints)
