"""What stands under the terminal once its shell is gone."""

import signal

from textual.content import Content
from textual.widgets import Static

from terminal_ai.errors import ShellError
from terminal_ai.messages import gettext as _
from terminal_ai.session import ShellExit
from terminal_ai.ui.texts import MUTED, literal


class ExitLine(Static):
    """Says how the shell ended and which keys go on."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, markup=False)
        self.display = False

    @property
    def is_shown(self) -> bool:
        """True while there is no shell."""
        return self.display

    def show_exit(self, status: ShellExit) -> None:
        """Show how the shell ended."""
        if status.signal is not None:
            name = _signal_name(status.signal)
            ended = _("The shell was ended by {signal}").format(signal=name)
        else:
            ended = _("The shell exited with status {code}").format(
                code=status.exit_code
            )
        self._show(Content.styled(ended, "$text-warning"))

    def show_error(self, error: ShellError) -> None:
        """Show why the shell did not start."""
        hint = f"\n{error.hint}" if error.hint else ""
        self._show(
            Content.assemble(
                literal(error.message, "$text-error"), literal(hint, MUTED)
            )
        )

    def hide(self) -> None:
        """A shell runs again."""
        self.display = False

    def _show(self, text: Content) -> None:
        keys = _("Enter starts a new shell · Q or Ctrl+D quits")
        self.update(Content.assemble(text, ("\n" + keys, MUTED)))
        self.display = True


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return _("signal {number}").format(number=number)
