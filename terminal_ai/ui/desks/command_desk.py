"""What is done with a command that was chosen in the terminal."""

import time
from collections.abc import Callable

from textual.app import App

from terminal_ai.errors import ExportError
from terminal_ai.export import (
    ExportForm,
    export_records,
    exports_directory,
    markdown,
)
from terminal_ai.messages import gettext as _
from terminal_ai.messages import ngettext
from terminal_ai.records import CommandRecord
from terminal_ai.session import Session
from terminal_ai.shell.blocks import Block, BlockState
from terminal_ai.ui.desks.asking import Asking
from terminal_ai.ui.desks.copy_desk import Copy
from terminal_ai.ui.desks.placing import Placing
from terminal_ai.ui.needs import Records
from terminal_ai.ui.screens.main import MainScreen
from terminal_ai.ui.texts import short_path
from terminal_ai.ui.view.command_mode import CommandAction
from utils.async_optimizer import run_in_thread

NOTICE_PATH_CELLS = 66
"""Holds an export in the usual state directory, and fits a row of 80 columns."""


class CommandDesk:
    """Copies, places, folds, exports and asks; says why where it cannot."""

    def __init__(
        self,
        app: App[None],
        main: MainScreen,
        history: Records,
        *,
        placing: Placing,
        asking: Asking,
        copy: Copy,
        redact: Callable[[str], str],
        fold_rows: int,
        home: str,
    ) -> None:
        self._app = app
        self._main = main
        self._history = history
        self._placing = placing
        self._asking = asking
        self._copy = copy
        self._redact = redact
        self._fold_rows = fold_rows
        self._home = home
        self._session: Session | None = None

    def attach(self, session: Session) -> None:
        """Act on the commands of this session from now on."""
        self._session = session

    def perform(self, action: CommandAction, block: Block) -> None:
        """Do it; what needs the record is done as soon as that was found."""
        match action:
            case CommandAction.PLACE:
                self._placing.command(block.command_line)
            case CommandAction.COPY_COMMAND:
                self._copy(block.command_line)
            case CommandAction.FOLD:
                self._fold(block)
            case CommandAction.FOLD_ALL:
                self._fold_all(block)
            case _:
                self._app.run_worker(
                    self._use(action, block),
                    group="command",
                    exclusive=True,
                    exit_on_error=False,
                )

    # -- with the record -------------------------------------------------------------

    async def _use(self, action: CommandAction, block: Block) -> None:
        is_running = block.state is BlockState.RUNNING
        if is_running and action in (CommandAction.EXPORT, CommandAction.ASK):
            self._main.tell(_("The command still runs."))
            return
        if is_running:
            record = self._unfinished(block)
        else:
            record = await run_in_thread(self._history.record, block.record_id)
        if record is None:
            self._main.tell(_("This command is no longer recorded."))
            return
        match action:
            case CommandAction.COPY_OUTPUT:
                self._copy_output(record, is_running=is_running)
            case CommandAction.COPY_BOTH:
                self._copy(markdown([record]), _so_far(is_running=is_running))
            case CommandAction.EXPORT:
                await self._export(record)
            case CommandAction.ASK:
                await self._asking.about(record)
            case _:
                pass

    def _unfinished(self, block: Block) -> CommandRecord | None:
        """Return what is known of a command that runs, if it is still the one."""
        session = self._session
        running = session.running if session is not None else None
        output = session.output_so_far if session is not None else None
        if session is None or running is None or output is None:
            return None
        return CommandRecord(
            id=block.record_id,
            command_line=running.command_line,
            cwd=running.cwd,
            exit_code=None,
            started_at=running.started_at,
            duration_seconds=max(0.0, time.time() - running.started_at),
            output=output,
            shell=session.shell_name,
        )

    def _copy_output(self, record: CommandRecord, *, is_running: bool) -> None:
        text = record.output.text
        if text:
            self._copy(text, _so_far(is_running=is_running))
        elif is_running:
            self._main.tell(_("It has printed nothing yet."))
        else:
            self._main.tell(_("It printed nothing."))

    async def _export(self, record: CommandRecord) -> None:
        if record.is_private:
            self._main.tell(_("This command is private: it is not exported."))
            return
        try:
            path = await run_in_thread(
                lambda: export_records(
                    [record],
                    ExportForm.MARKDOWN,
                    exports_directory(),
                    redact=self._redact,
                )
            )
        except ExportError as error:
            self._main.tell_error(error)
            return
        shown = short_path(str(path), self._home, NOTICE_PATH_CELLS)
        self._main.tell(_("Exported to {path}").format(path=shown))

    # -- folding ---------------------------------------------------------------------

    def _fold(self, block: Block) -> None:
        view = self._main.view
        if view.unfold(block) or view.fold(block):
            return
        if block.state is BlockState.RUNNING:
            self._main.tell(_("The command still runs."))
        else:
            self._main.tell(_("There is too little output to fold."))

    def _fold_all(self, block: Block) -> None:
        if self._session is None:
            return
        count = self._main.view.fold_long(
            self._session.blocks, self._fold_rows, around=block
        )
        if count is None:
            self._main.tell(_("All outputs are unfolded."))
        elif count:
            told = ngettext("{count} output folded.", "{count} outputs folded.", count)
            self._main.tell(told.format(count=count))
        else:
            told = ngettext(
                "No output has more than {count} row.",
                "No output has more than {count} rows.",
                self._fold_rows,
            )
            self._main.tell(told.format(count=self._fold_rows))


def _so_far(*, is_running: bool) -> str:
    """Return what to say instead of how much was copied, if anything."""
    return _("Copied what it has printed so far.") if is_running else ""
