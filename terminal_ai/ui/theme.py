"""Themes: what the widgets look like, and the sixteen colours of the terminal."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from textual.theme import BUILTIN_THEMES, Theme

from terminal_ai.terminal.colors import (
    CHANGES_CACHE_ENTRIES,
    LIGHT_COLORS,
    ColorChanges,
    Colors,
)

DARK = "terminal-ai-dark"
LIGHT = "terminal-ai-light"
ANSI_DARK = "ansi-dark"
ANSI_LIGHT = "ansi-light"

_LIGHT_BACKGROUNDS = frozenset({"7", "9", "10", "11", "12", "13", "14", "15"})


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """The colours of indexes 0 to 15; empty leaves them to the host terminal.

    ``changes`` has those of all 256 that a program has set.
    """

    name: str
    colors: tuple[str, ...] = ()
    changes: Mapping[int, str] = field(default_factory=dict)


_DARK_PALETTE = Palette(
    DARK,
    (
        "#22262e", "#dc7c84", "#94c283", "#d9b36c",
        "#7ea6d8", "#b795d6", "#73bfc2", "#c6ccd6",
        "#626b7a", "#ec969d", "#aed6a0", "#ecca8b",
        "#9dc0ec", "#ceb0ea", "#92d7d9", "#f0f3f8",
    ),
)  # fmt: skip
_LIGHT_PALETTE = Palette(
    LIGHT,
    (
        "#2b2f36", "#b3373f", "#3d7a3a", "#8a5d00",
        "#2a62a6", "#7c4a9e", "#1f7a80", "#7c828c",
        "#5a606a", "#c94f57", "#4f9149", "#a37212",
        "#3d7bc4", "#9561b8", "#32949a", "#4a4f58",
    ),
)  # fmt: skip
_HOST_PALETTE = Palette("host")

PALETTES: Mapping[str, Palette] = {DARK: _DARK_PALETTE, LIGHT: _LIGHT_PALETTE}

THEMES = (
    Theme(
        name=DARK,
        primary="#7ea6d8",
        secondary="#8b95a6",
        accent="#73bfc2",
        success="#94c283",
        warning="#d9b36c",
        error="#dc7c84",
        foreground="#d5dae2",
        background="#15171c",
        surface="#1a1d23",
        panel="#23272f",
        variables={
            # Grey enough that a host of 256 colours shows greys, dimmed ones too.
            "border": "#3e424b",
            "border-blurred": "#2e3138",
            "footer-background": "#23272f",
            "screen-selection-background": "#3d5573",
            "screen-selection-foreground": "#f0f3f8",
        },
    ),
    Theme(
        name=LIGHT,
        primary="#2a62a6",
        secondary="#5f6670",
        accent="#1f7a80",
        success="#3d7a3a",
        warning="#8a5d00",
        error="#b3373f",
        foreground="#2b2f36",
        background="#fcfcfa",
        surface="#f4f4f1",
        panel="#e9e9e5",
        dark=False,
        variables={
            "border": "#b9bcc2",
            "border-blurred": "#d4d6da",
            "screen-selection-background": "#b4cbe6",
            "screen-selection-foreground": "#15181c",
        },
    ),
)


def choose_theme(setting: str, environ: Mapping[str, str]) -> str:
    """Return the theme's name for ``auto``, ``dark``, ``light`` or ``ansi``.

    ``auto`` follows COLORFGBG, and keeps to sixteen colours where the host has no more.
    """
    is_light = environ.get("COLORFGBG", "").rpartition(";")[2] in _LIGHT_BACKGROUNDS
    has_few_colors = setting == "auto" and _has_few_colors(environ)
    if setting == "ansi" or has_few_colors:
        return ANSI_LIGHT if is_light else ANSI_DARK
    if setting == "light" or (setting == "auto" and is_light):
        return LIGHT
    return DARK


def palette_of(theme_name: str) -> Palette:
    """Return the terminal's colours that go with a theme."""
    return PALETTES.get(theme_name, _HOST_PALETTE)


@lru_cache(maxsize=CHANGES_CACHE_ENTRIES)
def changed_palette(palette: Palette, changes: ColorChanges) -> Palette:
    """Return the palette with what programs have set; itself when that is nothing."""
    if not changes.palette:
        return palette
    return replace(palette, changes=changes.palette)


def colors_of(theme_name: str) -> Colors:
    """Return the colours that programs are told; a host's own can only be guessed."""
    theme = next((own for own in THEMES if own.name == theme_name), None)
    if theme is None:
        return LIGHT_COLORS if theme_name == ANSI_LIGHT else Colors()
    foreground, background = theme.foreground or "", theme.background or ""
    return Colors(
        foreground=foreground,
        background=background,
        cursor=foreground,
        palette=PALETTES[theme_name].colors,
        selection_background=theme.variables["screen-selection-background"],
        selection_foreground=theme.variables["screen-selection-foreground"],
    )


def is_native(theme_name: str) -> bool:
    """Return whether a theme leaves all colours to the host terminal."""
    theme = BUILTIN_THEMES.get(theme_name)
    return theme is not None and theme.ansi


def _has_few_colors(environ: Mapping[str, str]) -> bool:
    """Tell a host that promises no more than sixteen colours, tmux's included."""
    if environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        return False
    name = environ.get("TERM", "")
    return bool(name) and not any(
        part in name for part in ("256color", "direct", "kitty", "ghostty", "alacritty")
    )
