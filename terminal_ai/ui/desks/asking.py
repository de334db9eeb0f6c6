"""Asks the assistant about a finished command."""

from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord
from terminal_ai.safety.sanitize import single_line
from terminal_ai.ui.layout import Panel
from terminal_ai.ui.screens.main import MainScreen
from terminal_ai.ui.texts import COMMAND_LIMIT


class Asking:
    """A failed command gets its card; about any other a question is asked."""

    def __init__(self, main: MainScreen) -> None:
        self._main = main

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
            command = single_line(record.command_line, COMMAND_LIMIT)
            question = _("Explain this command and what it printed: {command}")
            await main.assistant.ask(question.format(command=command), [record])
        main.assistant.focus_cards()
