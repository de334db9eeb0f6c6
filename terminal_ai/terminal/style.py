"""How a cell looks: styles that exist once, and the SGR sequence that changes them."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any
from weakref import WeakValueDictionary

Color = int | str | None
"""None is the default colour, 0 to 255 an index of the palette, "#rrggbb" direct."""

SGR_CACHE_ENTRIES = 16_384
"""SGR strings come from the program, so what is remembered of them is bounded."""


class Underline(enum.StrEnum):
    """The kind of line under the text; the empty string is none, so it is falsy."""

    NONE = ""
    SINGLE = "single"
    DOUBLE = "double"
    CURLY = "curly"
    DOTTED = "dotted"
    DASHED = "dashed"


class _Unique(type):
    """Makes the same look the same object, for as long as anything shows it."""

    def __call__(cls, *arguments: Any, **fields: Any) -> Any:
        made = super().__call__(*arguments, **fields)
        return _styles.setdefault(_look(made), made)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Style(metaclass=_Unique):
    """The look of a cell: equal looks are one object, so comparing is ``is``."""

    foreground: Color = None
    background: Color = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: Underline = Underline.NONE
    blink: bool = False
    reverse: bool = False
    hidden: bool = False
    strike: bool = False
    overline: bool = False
    underline_color: Color = None
    is_protected: bool = False
    """Set with DECSCA: selective erasure spares the cell. It has no look."""
    link: str | None = None
    """The http or https address that OSC 8 gave the cell."""


_styles: WeakValueDictionary[tuple[object, ...], Style] = WeakValueDictionary()
_look = attrgetter(*(item.name for item in fields(Style)))

DEFAULT_STYLE = Style()


@lru_cache(maxsize=1024)
def background_only(style: Style) -> Style:
    """What an erased cell looks like: background colour erase keeps nothing else."""
    return Style(background=style.background)


@lru_cache(maxsize=1024)
def protect(style: Style, is_protected: bool) -> Style:
    """Return ``style`` with the protection that DECSCA asks for."""
    return replace(style, is_protected=is_protected)


@lru_cache(maxsize=1024)
def linked(style: Style, link: str | None) -> Style:
    """Return ``style`` leading to a link, or to none."""
    return replace(style, link=link)


@lru_cache(maxsize=SGR_CACHE_ENTRIES)
def apply_sgr(style: Style, parameters: str) -> Style:
    """Return ``style`` after ``CSI parameters m``; ';' and ':' forms, junk ignored."""
    changes: dict[str, Any] = {}
    items = iter(parameters.split(";"))
    for item in items:
        code, colon, rest = item.partition(":")
        number = int(code or 0)
        if number == 0:
            changes = dict(_RESET)
        elif number in _COLOR_FIELDS:
            color = _sub_parameter_color(rest) if colon else _listed_color(items)
            if color is not None:
                changes[_COLOR_FIELDS[number]] = color
        elif number == 4 and colon:
            changes["underline"] = _UNDERLINES.get(rest, Underline.SINGLE)
        elif not colon:
            changes.update(_CODES.get(number, {}))
    return replace(style, **changes) if changes else style


_RESET = {
    item.name: item.default
    for item in fields(Style)
    if item.name not in ("is_protected", "link")
}
_COLOR_FIELDS = {38: "foreground", 48: "background", 58: "underline_color"}
_UNDERLINES = {str(number): kind for number, kind in enumerate(Underline)}
_CODES: dict[int, dict[str, Any]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": Underline.SINGLE},
    5: {"blink": True},
    6: {"blink": True},
    7: {"reverse": True},
    8: {"hidden": True},
    9: {"strike": True},
    21: {"underline": Underline.DOUBLE},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": Underline.NONE},
    25: {"blink": False},
    27: {"reverse": False},
    28: {"hidden": False},
    29: {"strike": False},
    39: {"foreground": None},
    49: {"background": None},
    53: {"overline": True},
    55: {"overline": False},
    59: {"underline_color": None},
    **{30 + index: {"foreground": index} for index in range(8)},
    **{40 + index: {"background": index} for index in range(8)},
    **{90 + index: {"foreground": 8 + index} for index in range(8)},
    **{100 + index: {"background": 8 + index} for index in range(8)},
}


_MISSING = "-"


def _listed_color(items: Iterator[str]) -> Color:
    """Read what follows 38, 48 or 58 in the ``;`` form, consuming its parameters."""
    kind = next(items, "")
    if kind == "5":
        return _color_from([next(items, _MISSING)])
    if kind == "2":
        return _color_from(
            [next(items, _MISSING), next(items, _MISSING), next(items, _MISSING)]
        )
    return None


def _sub_parameter_color(rest: str) -> Color:
    """Read ``5:n``, ``2:r:g:b`` or ``2:space:r:g:b``."""
    kind, *values = rest.split(":")
    if kind == "5" and values:
        return _color_from(values[:1])
    if kind == "2" and len(values) >= 3:
        return _color_from(values[1:4] if len(values) > 3 else values)
    return None


def _color_from(values: list[str]) -> Color:
    numbers = []
    for value in values:
        if not (value or "0").isdecimal():
            return None
        numbers.append(min(int(value or 0), 255))
    if len(numbers) == 1:
        return numbers[0]
    return "#{:02x}{:02x}{:02x}".format(*numbers)
