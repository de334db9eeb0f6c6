"""Rows of the emulator painted as Textual strips."""

from collections.abc import Callable, Iterator
from functools import lru_cache

from rich.cells import cell_len, split_graphemes
from rich.color import Color
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.strip import Strip

from terminal_ai.terminal.colors import NO_CHANGES, ColorChanges
from terminal_ai.terminal.grid.rows import Row
from terminal_ai.terminal.style import Style, Underline
from terminal_ai.ui.theme import Palette, changed_palette
from terminal_ai.ui.view.cursor import CursorLook

STYLE_CACHE_ENTRIES = 8_192
PALETTE_COLORS = 16

_REVERSED = RichStyle(reverse=True)
_UPRIGHT = RichStyle(reverse=False)
_UNDERLINED = RichStyle(underline=True)
_OUTLINED = RichStyle(underline=True, overline=True)
_BAR = "▏"
_HOLLOW = "▯"

CellChange = Callable[[str, RichStyle], tuple[str, RichStyle]]


def paint_row(
    row: Row,
    palette: Palette,
    base: RichStyle,
    width: int = 0,
    changes: ColorChanges = NO_CHANGES,
) -> Strip:
    """Return the row as a strip, one segment a run, blank up to ``width`` cells.

    ``base`` has the colours of cells without any, ``changes`` the palette's. Strips are
    not kept: finding one again takes nearly as long, and no frame was faster for it.
    """
    palette = changed_palette(palette, changes)
    pieces = [
        Segment(text, rich_style(style, base, palette)) for text, style in row.runs
    ]
    length = len(row)
    if length < width:
        pieces.append(Segment(" " * (width - length), base))
        length = width
    # The emulator measures text as Rich does: measuring it again tells nothing new.
    return Strip(pieces, length)


def changed_base(base: RichStyle, changes: ColorChanges) -> RichStyle:
    """Return the style of cells without colours where a program has set them."""
    if changes.foreground is changes.background is None:
        return base
    return base + RichStyle(color=changes.foreground, bgcolor=changes.background)


def with_block_cursor(strip: Strip, column: int) -> Strip:
    """Return the strip with the cell at ``column`` in reverse."""
    return _with_changed_cells(strip, column, column + 1, _reverse)


def with_underline_cursor(strip: Strip, column: int) -> Strip:
    """Return the strip with the cell at ``column`` underlined."""
    return _with_changed_cells(strip, column, column + 1, _underline)


def with_bar_cursor(strip: Strip, column: int) -> Strip:
    """Return the strip with a bar in an empty cell, or the cell underlined."""

    def change(text: str, style: RichStyle) -> tuple[str, RichStyle]:
        return (_BAR, style) if text == " " else _underline(text, style)

    return _with_changed_cells(strip, column, column + 1, change)


def with_hollow_cursor(strip: Strip, column: int) -> Strip:
    """Return the strip with an empty cell framed, or the cell's text outlined."""

    def change(text: str, style: RichStyle) -> tuple[str, RichStyle]:
        return (_HOLLOW, style) if text == " " else (text, style + _OUTLINED)

    return _with_changed_cells(strip, column, column + 1, change)


_DRAWN = {
    CursorLook.BLOCK: with_block_cursor,
    CursorLook.UNDERLINE: with_underline_cursor,
    CursorLook.BAR: with_bar_cursor,
    CursorLook.HOLLOW: with_hollow_cursor,
}


def with_cursor(
    strip: Strip, column: int, look: CursorLook, color: str | None = None
) -> Strip:
    """Return the strip with the cursor, in its own colour if it has one."""
    if look is CursorLook.NOTHING:
        return strip
    strip = _DRAWN[look](strip, column)
    if color is None:
        return strip
    is_block = look is CursorLook.BLOCK
    style = RichStyle(color=color, reverse=is_block or None)
    return with_style(strip, column, column + 1, style)


def with_selection(strip: Strip, start: int, end: int, style: RichStyle) -> Strip:
    """Return the strip with the cells from ``start`` up to ``end`` highlighted.

    A style that only reverses, as without colours, turns reversed cells upright.
    """

    def change(text: str, old: RichStyle) -> tuple[str, RichStyle]:
        if style.reverse and old.reverse:
            return text, old + style + _UPRIGHT
        return text, old + _UPRIGHT + style

    return _with_changed_cells(strip, start, end, change)


def with_style(strip: Strip, start: int, end: int, style: RichStyle) -> Strip:
    """Return the strip with a style added to the cells from ``start`` to ``end``."""

    def change(text: str, old: RichStyle) -> tuple[str, RichStyle]:
        return text, old + style

    return _with_changed_cells(strip, start, end, change)


def reversed_strip(strip: Strip) -> Strip:
    """Return the strip with foreground and background exchanged (DECSCNM)."""
    return _with_changed_cells(strip, 0, strip.cell_length, _reverse)


@lru_cache(maxsize=STYLE_CACHE_ENTRIES)
def rich_style(style: Style, base: RichStyle, palette: Palette) -> RichStyle:
    """Return the Rich style that shows the emulator's style."""
    # Rich makes a style of colours alone ten times faster than any other.
    colors = RichStyle.from_color(
        _color(style.foreground, palette), _color(style.background, palette)
    )
    attributes = _attributes(
        style.bold,
        style.dim,
        style.italic,
        style.underline,
        style.blink,
        style.reverse,
        style.hidden,
        style.strike,
        style.overline,
    )
    return base + colors + attributes if attributes else base + colors


@lru_cache(maxsize=STYLE_CACHE_ENTRIES)
def _attributes(
    bold: bool,
    dim: bool,
    italic: bool,
    underline: Underline,
    blink: bool,
    reverse: bool,
    hidden: bool,
    strike: bool,
    overline: bool,
) -> RichStyle:
    return RichStyle(
        bold=bold or None,
        dim=dim or None,
        italic=italic or None,
        underline=underline not in (Underline.NONE, Underline.DOUBLE) or None,
        underline2=(underline is Underline.DOUBLE) or None,
        blink=blink or None,
        reverse=reverse or None,
        conceal=hidden or None,
        strike=strike or None,
        overline=overline or None,
    )


@lru_cache(maxsize=STYLE_CACHE_ENTRIES)
def _color(color: int | str | None, palette: Palette) -> Color | None:
    if color is None:
        return None
    if isinstance(color, str):
        return Color.parse(color)
    if change := palette.changes.get(color):
        return Color.parse(change)
    if not palette.colors:
        return Color.from_ansi(color)
    if color < PALETTE_COLORS:
        return Color.parse(palette.colors[color])
    # Textual would do the same, for every style anew.
    return Color.from_triplet(Color.from_ansi(color).get_truecolor())


def _reverse(text: str, style: RichStyle) -> tuple[str, RichStyle]:
    return text, style + (_UPRIGHT if style.reverse else _REVERSED)


def _underline(text: str, style: RichStyle) -> tuple[str, RichStyle]:
    return text, style + _UNDERLINED


def _with_changed_cells(
    strip: Strip, start: int, end: int, change: CellChange
) -> Strip:
    """Change the cells that ``start`` to ``end`` touches, wide ones as a whole."""
    segments: list[Segment] = []
    column = 0
    for text, style, _control in strip:
        width = cell_len(text)
        if column + width <= start or column >= end:
            segments.append(Segment(text, style))
        else:
            look = style or RichStyle.null()
            for piece, is_touched in _split(text, start - column, end - column):
                segments.append(
                    Segment(*(change(piece, look) if is_touched else (piece, look)))
                )
        column += width
    return Strip(segments, strip.cell_length)


def _split(text: str, start: int, end: int) -> Iterator[tuple[str, bool]]:
    """Yield the text before, in and after the cells, with whether it lies in them."""
    first, last = len(text), 0
    column = 0
    for begin, stop, width in split_graphemes(text)[0]:
        if column + width > start and column < end:
            first, last = min(first, begin), stop
        column += width
    for piece, is_touched in (
        (text[:first], False),
        (text[first:last], True),
        (text[max(first, last) :], False),
    ):
        if piece:
            yield piece, is_touched
