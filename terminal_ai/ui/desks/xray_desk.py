"""Opens the context X-ray for what may be asked next."""

from textual.app import App

from terminal_ai.assistant.inquiry import Inquiry
from terminal_ai.assistant.providers.address import parse_address
from terminal_ai.config import AiSettings
from terminal_ai.errors import ProviderError
from terminal_ai.messages import gettext as _
from terminal_ai.records import CommandRecord
from terminal_ai.session import Session
from terminal_ai.ui.needs import Answerer, Records
from terminal_ai.ui.screens.main import MainScreen
from terminal_ai.ui.screens.xray import XrayQuestion, XrayScreen
from utils.async_optimizer import run_in_thread


class XrayDesk:
    """Knows what the next key would ask: about the last failure, or what is typed."""

    def __init__(
        self,
        app: App[None],
        main: MainScreen,
        answerer: Answerer,
        history: Records,
        settings: AiSettings,
    ) -> None:
        self._app = app
        self._main = main
        self._answerer = answerer
        self._history = history
        self._settings = settings

    async def open(self, session: Session | None) -> None:
        """Show what would be sent, and what was."""
        recent = await run_in_thread(
            self._history.records, self._settings.context_records
        )
        told = sorted(
            (record for record in recent if not record.is_private),
            key=lambda record: record.started_at,
        )
        failure = session.last_failure if session is not None else None
        question = self._main.assistant.next_question(
            tuple(recent), directory=session.cwd if session is not None else ""
        )
        inquiries = [(_("a question"), question)]
        if failure is not None and not failure.is_private:
            about = self._main.assistant.next_explanation(failure)
            inquiries.insert(0, (_("the last failure"), about))
        questions = [
            self._question(label, inquiry, told) for label, inquiry in inquiries
        ]
        self._app.push_screen(
            XrayScreen(self._answerer, questions, place=place_of(self._settings))
        )

    def _question(
        self, label: str, inquiry: Inquiry, told: list[CommandRecord]
    ) -> XrayQuestion:
        known = {record.id: record for record in (*inquiry.history, *told)}
        about = inquiry.record.id if inquiry.record is not None else ""
        offered = sorted(
            (record for record in known.values() if record.id != about),
            key=lambda record: record.started_at,
        )
        return XrayQuestion(
            label, inquiry, tuple(offered), self._answerer.model_name(inquiry.role)
        )


def place_of(settings: AiSettings) -> str:
    """Name the machine that questions go to."""
    try:
        address = parse_address(settings.host)
    except ProviderError:
        return settings.host
    return _("this machine") if address.is_loopback else address.machine
