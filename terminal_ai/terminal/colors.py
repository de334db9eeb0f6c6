"""The colours that programs may ask for and change: a theme's, and what they set."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

PALETTE_COLORS = 256
CHANGES_CACHE_ENTRIES = 64
"""Programs that blink with a colour set the same few again and again."""

SPECIAL_COLORS = 5
"""Bold, underline, blink, reverse and italic text (OSC 5)."""

_XTERM_BASE = (
    "#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd",
    "#e5e5e5", "#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff",
    "#00ffff", "#ffffff",
)  # fmt: skip
_CUBE_LEVELS = (0, 95, 135, 175, 215, 255)
_GREY_STEPS = 24

_HASH = re.compile(r"#(?:[0-9A-Fa-f]{3}){1,4}")
_CHANNELS = re.compile(r"rgb:([0-9A-Fa-f]{1,4})/([0-9A-Fa-f]{1,4})/([0-9A-Fa-f]{1,4})")
_INTENSITIES = re.compile(
    r"rgbi:([01](?:\.\d{0,8})?)/([01](?:\.\d{0,8})?)/([01](?:\.\d{0,8})?)"
)
_DARKEST_LIGHT = 128_000
"""Luma, of 255,000, from which a background counts as light."""


@dataclass(frozen=True, slots=True)
class Colors:
    """A theme as programs see it, each colour as ``#rrggbb``."""

    foreground: str = "#e5e5e5"
    background: str = "#000000"
    cursor: str = "#e5e5e5"
    palette: tuple[str, ...] = _XTERM_BASE
    selection_background: str = "#e5e5e5"
    selection_foreground: str = "#000000"

    @property
    def is_dark(self) -> bool:
        """True when the background is darker than middle grey."""
        red, green, blue = bytes.fromhex(self.background[1:])
        return 299 * red + 587 * green + 114 * blue < _DARKEST_LIGHT


LIGHT_COLORS = Colors(
    foreground="#000000",
    background="#ffffff",
    cursor="#000000",
    selection_background="#000000",
    selection_foreground="#ffffff",
)


@dataclass(frozen=True, slots=True, eq=False)
class ColorChanges:
    """The colours that programs have set; the same ones are mostly the same object."""

    foreground: str | None = None
    background: str | None = None
    cursor: str | None = None
    palette: Mapping[int, str] = field(default_factory=dict)


NO_CHANGES = ColorChanges()


class ColorTable:
    """What OSC 4, 5 and 10 to 19 read and change; a reset brings the theme back."""

    def __init__(self) -> None:
        self.theme = Colors()
        self._palette: dict[int, str] = {}
        self._dynamic: dict[int, str] = {}
        self._changes: ColorChanges | None = NO_CHANGES

    @property
    def current(self) -> Colors:
        """The theme with what programs have changed."""
        theme = self.theme
        return Colors(
            foreground=self._dynamic.get(10, theme.foreground),
            background=self._dynamic.get(11, theme.background),
            cursor=self._dynamic.get(12, theme.cursor),
            palette=tuple(self.indexed(index) for index in range(PALETTE_COLORS)),
            selection_background=self._dynamic.get(17, theme.selection_background),
            selection_foreground=self._dynamic.get(19, theme.selection_foreground),
        )

    @property
    def changes(self) -> ColorChanges:
        """What is to be shown instead of the theme's colours."""
        if self._changes is None:
            self._changes = _changes(
                self._dynamic.get(10),
                self._dynamic.get(11),
                self._dynamic.get(12),
                tuple(
                    (index, color)
                    for index, color in sorted(self._palette.items())
                    if index < PALETTE_COLORS
                ),
            )
        return self._changes

    def indexed(self, index: int) -> str:
        """Return a colour of the palette, or a special one from 256 on."""
        if kept := self._palette.get(index):
            return kept
        if index < len(self.theme.palette):
            return self.theme.palette[index]
        return xterm_color(index) if index < PALETTE_COLORS else self.theme.foreground

    def set_indexed(self, index: int, color: str) -> None:
        """Change a colour of the palette, or a special one."""
        self._palette[index] = color
        self._changes = None

    def reset_indexed(self, indexes: range) -> None:
        """Let these colours be the theme's again."""
        for index in indexes:
            self._palette.pop(index, None)
        self._changes = None

    def dynamic(self, code: int) -> str:
        """Return the colour with an OSC number from 10 to 19."""
        theme = self.theme
        of_theme = {
            11: theme.background,
            12: theme.cursor,
            14: theme.background,
            16: theme.background,
            17: theme.selection_background,
            18: theme.cursor,
            19: theme.selection_foreground,
        }
        return self._dynamic.get(code) or of_theme.get(code, theme.foreground)

    def set_dynamic(self, code: int, color: str) -> None:
        """Change the colour with an OSC number from 10 to 19."""
        self._dynamic[code] = color
        self._changes = None

    def reset_dynamic(self, code: int) -> None:
        """Let the colour be the theme's again."""
        self._dynamic.pop(code, None)
        self._changes = None

    def reset(self) -> None:
        """Forget all that programs set."""
        self._palette.clear()
        self._dynamic.clear()
        self._changes = NO_CHANGES


@lru_cache(maxsize=CHANGES_CACHE_ENTRIES)
def _changes(
    foreground: str | None,
    background: str | None,
    cursor: str | None,
    palette: tuple[tuple[int, str], ...],
) -> ColorChanges:
    if palette or foreground or background or cursor:
        return ColorChanges(foreground, background, cursor, dict(palette))
    return NO_CHANGES


def xterm_color(index: int) -> str:
    """Return what an index of the 256-colour palette means everywhere."""
    if index < len(_XTERM_BASE):
        return _XTERM_BASE[index]
    index -= len(_XTERM_BASE)
    if index < len(_CUBE_LEVELS) ** 3:
        levels = (index // 36, index // 6 % 6, index % 6)
        return _hex(*(_CUBE_LEVELS[level] for level in levels))
    grey = 8 + 10 * min(index - len(_CUBE_LEVELS) ** 3, _GREY_STEPS - 1)
    return _hex(grey, grey, grey)


def parse_color(specification: str) -> str | None:
    """Return an X11 ``#…``, ``rgb:`` or ``rgbi:`` colour as ``#rrggbb``."""
    if _HASH.fullmatch(specification):
        digits = len(specification) // 3
        channels = [
            specification[1 + at * digits : 1 + (at + 1) * digits] for at in range(3)
        ]
        # A short channel gives the leading digits of a longer one.
        return _hex(*(int(f"{channel:0<2}"[:2], 16) for channel in channels))
    if match := _CHANNELS.fullmatch(specification):
        # Here a short channel is a fraction of its own largest value.
        return _hex(
            *(
                int(channel, 16) * 255 // (16 ** len(channel) - 1)
                for channel in match.groups()
            )
        )
    if match := _INTENSITIES.fullmatch(specification):
        return _hex(*(min(round(float(level) * 255), 255) for level in match.groups()))
    return None


def color_specification(color: str) -> bytes:
    """Return ``#rrggbb`` in the form of answers, each channel with four digits."""
    red, green, blue = (color[at : at + 2] for at in (1, 3, 5))
    return f"rgb:{red * 2}/{green * 2}/{blue * 2}".encode()


def _hex(red: int, green: int, blue: int) -> str:
    return f"#{red:02x}{green:02x}{blue:02x}"
