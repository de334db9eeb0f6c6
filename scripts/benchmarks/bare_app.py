"""The least a Textual app can be: a title, a line to type in, and the known prompt."""

import sys

from textual.app import App, ComposeResult
from textual.widgets import Footer, Input, Static


class BareApp(App[None]):
    """Shows its first argument as a prompt."""

    def compose(self) -> ComposeResult:
        """Return the widgets."""
        yield Static(sys.argv[1])
        yield Input()
        yield Footer()


if __name__ == "__main__":
    BareApp().run()
