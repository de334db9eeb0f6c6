"""What Textual keeps for longer than it needs, mended until it is mended there."""

from functools import lru_cache

from textual._styles_cache import StylesCache
from textual.color import Color
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
