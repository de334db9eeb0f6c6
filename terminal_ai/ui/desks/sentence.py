"""From a sentence to a command at the prompt: placed, never run."""

from textual import events
from textual.widgets import Input

from terminal_ai.messages import gettext as _
from terminal_ai.records import Risk, Suggestion
from terminal_ai.safety.labels import risk_label
from terminal_ai.session import Session
from terminal_ai.ui.desks.placing import Placing
from terminal_ai.ui.keymap import Action, Keymap
from terminal_ai.ui.screens.main import MainScreen
from terminal_ai.ui.texts import prose


class SentenceDesk:
    """Takes the key at an empty prompt only; gives it back when it was meant."""

    def __init__(
        self, main: MainScreen, placing: Placing, keymap: Keymap, *, is_enabled: bool
    ) -> None:
        self._main = main
        self._placing = placing
        self._key = keymap.sentence_key if is_enabled else ""
        self._place_key = keymap.key_of(Action.PLACE)
        self._session: Session | None = None
        self._given: events.Event | None = None

    def attach(self, session: Session) -> None:
        """Look at the prompt of this session from now on."""
        self._session = session

    def give(self, event: events.Event) -> None:
        """Remember what is on its way to the terminal."""
        self._given = event

    def begins_with(self, event: events.Key) -> bool:
        """Tell whether this key, pressed in the terminal, begins a sentence.

        Never where something may stand at the prompt: a command is not guessed at.
        """
        return (
            bool(self._key)
            and event.character == self._key
            and self._main.view.takes_input
            and self._main.view.last_input is self._given
            and self._session is not None
            and self._session.is_line_empty
        )

    def open(self) -> None:
        """Let the user type the sentence."""
        self._main.go_to_sentence()

    def leave(self, *, is_literal: bool) -> None:
        """Go back to the shell, with the key itself if that was meant."""
        self._main.leave_panels()
        if is_literal and self._session is not None:
            self._session.press(self._key.encode())

    def place(self, suggestion: Suggestion | None) -> None:
        """Place the command if nothing has come in between and it is not dangerous."""
        if suggestion is None:
            self._main.tell(_("The sentence has become no single command."))
        elif suggestion.risk is Risk.DANGER:
            told = _("Dangerous, so it is not placed by itself. {key} places it.")
            self._main.tell(told.format(key=self._place_key))
        elif self._is_busy or self._session is None or not self._session.is_line_empty:
            told = _("Not placed: the prompt is no longer empty. {key} places it.")
            self._main.tell(told.format(key=self._place_key))
        else:
            said = " · ".join(
                filter(None, (risk_label(suggestion.risk), prose(suggestion.why).plain))
            )
            self._placing.suggestion(suggestion, said=said)

    @property
    def _is_busy(self) -> bool:
        """True while the user types or looks elsewhere."""
        app = self._main.app
        focused = app.focused
        is_typing = isinstance(focused, Input) and bool(focused.value)
        return is_typing or app.screen is not self._main
