"""What a program may do beyond its screen; everything is refused unless permitted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Permissions:
    """The user's word on what programs may do; reading the clipboard never is."""

    reports_title: bool = False
    """Answer with the title: a program could have typed it to be run."""
    writes_clipboard: bool = False
    """Obey OSC 52 with text to copy."""
    resizes_window: bool = False
    """Obey XTWINOPS that change the size of the terminal."""


NOTHING_PERMITTED = Permissions()
