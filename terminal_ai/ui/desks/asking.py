"""Asks the assistant: about a failure, about any command, or what the user asks."""

from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord, PrefetchState
from terminal_ai.safety.sanitize import ELLIPSIS, single_line
from terminal_ai.session import Session
from terminal_ai.ui.keymap import Action
from terminal_ai.ui.layout import Panel
from terminal_ai.ui.needs import Records
from terminal_ai.ui.panels.assistant_panel import AssistantPanel
from terminal_ai.ui.screens.main import ANSWER_ACTIONS, MainScreen
from terminal_ai.ui.texts import COMMAND_LIMIT
from utils.async_optimizer import run_in_thread


class Asking:
    """A failed command gets its card; about anything else a question is asked."""

    def __init__(
        self, main: MainScreen, history: Records, *, context_records: int
    ) -> None:
        self._main = main
        self._history = history
        self._context_records = context_records
        self._session: Session | None = None

    def attach(self, session: Session) -> None:
        """Ask about the commands of this session from now on."""
        self._session = session

    async def about(self, record: CommandRecord) -> None:
        """Ask, unless the command is private: then nothing of it is sent."""
        main = self._main
        if record.is_private:
            main.tell(_("This command is private: no model is told of it."))
            return
        main.show_panel(Panel.ASSISTANT)
        if record.has_failed:
            await main.assistant.explain(record)
        else:
            command = _in_whole_words(single_line(record.command_line, COMMAND_LIMIT))
            question = _("Explain this command and what it printed: {command}")
            await main.assistant.ask(question.format(command=command), [record])
        main.assistant.focus_cards()

    async def about_failure(self) -> None:
        """Ask about the command that failed last."""
        record = self._session.last_failure if self._session is not None else None
        if record is None:
            self._main.tell(_("No command has failed yet."))
            return
        self._main.status.show_answer_ready(False)
        self._main.show_panel(Panel.ASSISTANT)
        await self._main.assistant.explain(record)
        self._main.assistant.focus_cards()

    async def question(self, message: AssistantPanel.QuestionAsked) -> None:
        """Ask what the user has typed, with the newest commands."""
        recent = await run_in_thread(self._history.records, self._context_records)
        await self._main.assistant.ask(
            message.question,
            recent,
            message.kind,
            directory=self._session.cwd if self._session is not None else "",
        )

    async def about_answer(self, action: Action) -> None:
        """Do with the newest answer what a key asks for."""
        if action is not Action.COPY_ANSWER:
            self._main.show_panel(Panel.ASSISTANT)
        if not await self._main.assistant.act(ANSWER_ACTIONS[action]):
            self._main.tell(_("There is no answer yet."))

    async def show_prefetch(self, record_id: str, state: PrefetchState) -> None:
        """Say that an answer waits, as long as its failure is the newest."""
        record = self._session.last_failure if self._session is not None else None
        if record is None or record.id != record_id:
            return
        is_ready = await self._main.assistant.show_prefetch(record, state)
        self._main.status.show_answer_ready(is_ready)


def _in_whole_words(line: str) -> str:
    """Drop a word that was cut: what is left of a secret does not look like one."""
    if not line.endswith(ELLIPSIS):
        return line
    return f"{line.rpartition(' ')[0]} {ELLIPSIS}"
