"""What the status bar is made of, and what the keys do in the modes that take them."""

from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from terminal_ai.messages import gettext as _
from terminal_ai.safety.sanitize import single_line
from terminal_ai.ui.texts import MUTED

ALWAYS = 1_000
"""The weight of what no lack of room may take away."""
WHOLE_BANNER_COLUMNS = 100
"""From this width on the banner is a sentence."""
HOST_CELLS, HOST_SHORT_CELLS = 40, 24
HOST_LIMIT_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the bar; the one with the lowest ``weight`` goes first for room."""

    content: Content
    weight: int


def hint(key: str, label: str, weight: int) -> Part:
    """Return a key with what it does."""
    shown = Content.assemble((key, "bold $text-accent"), (f" {label}", MUTED))
    return Part(shown, weight)


def lit_hint(key: str, label: str, weight: int) -> Part:
    """Return a key with what waits for it."""
    shown = Content.assemble((key, "bold $text-accent"), (f" {label}", "$text-success"))
    return Part(shown, weight)


def copy_mode_keys() -> list[Part]:
    """What the keys do in copy mode; moving is what everybody guesses."""
    return [
        hint("v", _("select"), 7),
        hint("V", _("lines"), 3),
        hint("Ctrl+V", _("block"), 2),
        hint("w b 0 $ g G", _("move"), 1),
        hint("y", _("copy"), 8),
        hint("q", _("leave"), 8),
    ]


def command_mode_keys() -> list[Part]:
    """What the keys do with the chosen command."""
    return [
        hint("↑↓", _("go"), 4),
        hint("[ ]", _("failed"), 5),
        hint("Enter", _("place"), 7),
        hint("c", _("command"), 3),
        hint("o", _("output"), 6),
        hint("m", _("both"), 6),
        hint("s", _("select"), 2),
        hint("z", _("fold"), 6),
        hint("Z", _("fold all"), 1),
        hint("e", _("export"), 2),
        hint("a", _("ask"), 3),
        hint("q", _("leave"), 8),
    ]


def leaving_banner(host: str, columns: int) -> Content:
    """Say in few cells where questions leave this machine for, nothing if they stay.

    Of a long name the end is kept: it tells whose machine it is.
    """
    if not host:
        return Content("")
    is_wide = columns >= WHOLE_BANNER_COLUMNS
    shown = single_line(host, HOST_LIMIT_CHARACTERS)
    cells = HOST_CELLS if is_wide else HOST_SHORT_CELLS
    if cell_len(shown) > cells:
        shown = "…" + set_cell_size(shown[::-1], cells - 1)[::-1].lstrip()
    text = _("⇄ questions go to {host}") if is_wide else "⇄ {host}"
    return Content.styled(text.format(host=shown), "bold $text-warning")
