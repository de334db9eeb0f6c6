"""What the status bar is made of, and what the keys do in the modes that take them."""

from dataclasses import dataclass

from textual.content import Content

from terminal_ai.messages import gettext as _
from terminal_ai.ui.texts import MUTED


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the bar; the one with the lowest ``weight`` goes first for room."""

    content: Content
    weight: int


def hint(key: str, label: str, weight: int) -> Part:
    """Return a key with what it does."""
    shown = Content.assemble((key, "bold $text-accent"), (f" {label}", MUTED))
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
