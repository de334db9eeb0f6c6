"""What Textual keeps for too long, or makes twice, mended until it is mended there."""

from functools import lru_cache

from textual._styles_cache import StylesCache
from textual.color import Color
from textual.css.stylesheet import Stylesheet
from textual.style import Style

BACKGROUNDS_LIMIT = 256
"""A theme has a few dozen colors, and a widget at rest has two of them."""


def release_removed_widgets() -> None:
    """Have the styles of a widget's background found without the widget.

    Textual's own cache of them has a widget's drawn lines for a part of its key, so it
    keeps those of a thousand widgets, most of them long removed.
    """
    setattr(StylesCache, "get_inner_outer", staticmethod(_inner_and_outer))  # noqa: B010


@lru_cache(maxsize=BACKGROUNDS_LIMIT)
def _inner_and_outer(base_background: Color, background: Color) -> tuple[Style, Style]:
    return (
        Style(background=base_background + background),
        Style(background=base_background),
    )


class SteadyStylesheet(Stylesheet):
    """Parses again what it has parsed only if a color has changed.

    Textual parses all of it with its own colors, and once more when the first theme is
    said to have changed to the one that is on: some of the time to the first prompt.
    """

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._has_other_variables = False

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take other colors."""
        if variables != self._variables:
            super().set_variables(variables)
            self._has_other_variables = True

    def reparse(self) -> None:
        """Parse everything with other colors, or what is new with the same."""
        if self._has_other_variables:
            super().reparse()
            self._has_other_variables = False
        elif self._require_parse:
            self.parse()
