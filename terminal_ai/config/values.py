"""One value of one setting: checked against its type, refused with help."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from terminal_ai.config.settings import leaf_types
from terminal_ai.errors import ConfigError
from terminal_ai.messages import gettext as _

_TRUE_WORDS = frozenset({"true", "yes", "on", "1"})
_FALSE_WORDS = frozenset({"false", "no", "off", "0"})
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Value:
    """A checked value and where it came from."""

    value: object
    origin: str


def check_value(key: str, value: object, *, where: str) -> object:
    """Return ``value`` if it fits the setting ``key``; nothing is converted.

    Only a whole number where a fractional one is wanted is accepted as one.
    """
    wanted = leaf_types()[key]
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError:
        raise _wrong_value(key, value, wanted, where) from None


def check_text(key: str, text: str, *, where: str) -> object:
    """Return the value that ``text``, from the environment, stands for."""
    wanted = leaf_types()[key]
    word = text.strip().lower()
    if wanted is bool and word in _TRUE_WORDS | _FALSE_WORDS:
        return word in _TRUE_WORDS
    value: object = text
    if _base_type(wanted) is int and _WHOLE_NUMBER.fullmatch(word):
        value = int(word)
    elif _base_type(wanted) is float:
        try:
            value = float(word)
        except ValueError:
            value = text
    return check_value(key, value, where=where)


def choices_of(key: str) -> list[str]:
    """Return the words that the setting ``key`` takes; none where it takes others."""
    return _choices(leaf_types()[key])


def unknown_setting(name: str, known: Iterable[str], *, where: str) -> ConfigError:
    """Return the error for a setting that does not exist, with the nearest name."""
    import difflib  # needed only to refuse

    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if not near:
        tail = f".{name.rpartition('.')[2]}"
        near = [key for key in leaf_types() if key.endswith(tail)][:1]
    hint = (
        _("did you mean {name}?").format(name=near[0])
        if near
        else _("known here: {names}").format(names=", ".join(names))
    )
    return ConfigError(
        _("{where}: {name}: unknown setting").format(where=where, name=name), hint=hint
    )


def _base_type(wanted: object) -> object:
    return getattr(wanted, "__origin__", wanted)


def _wrong_value(key: str, value: object, wanted: object, where: str) -> ConfigError:
    expected = _describe_type(wanted)
    return ConfigError(
        _("{where}: {key}: expected {expected}, found {found}").format(
            where=where, key=key, expected=expected, found=_describe_value(value)
        ),
        hint=_hint_for(value, wanted),
    )


def _hint_for(value: object, wanted: object) -> str:
    if _base_type(wanted) is str and not isinstance(value, str | list | dict):
        return _("put it in quotes")
    choices = _choices(wanted)
    if isinstance(value, str) and choices:
        import difflib

        near = difflib.get_close_matches(value, choices, n=1)
        return _("did you mean {name}?").format(name=near[0]) if near else ""
    if isinstance(value, str) and _base_type(wanted) in (int, float):
        return _("write it without quotes or units")
    return ""


def _choices(wanted: object) -> list[str]:
    values = getattr(wanted, "__args__", ()) if not _is_annotated(wanted) else ()
    return [value for value in values if isinstance(value, str)]


def _is_annotated(wanted: object) -> bool:
    return hasattr(wanted, "__metadata__")


def _describe_type(wanted: object) -> str:
    if choices := _choices(wanted):
        return _("one of {choices}").format(choices=", ".join(choices))
    base = _base_type(wanted)
    if base is bool:
        return _("true or false")
    if base is str:
        return _("text")
    noun = _("a whole number") if base is int else _("a number")
    for meta in getattr(wanted, "__metadata__", ()):
        low = meta.ge if meta.ge is not None else meta.gt
        if low is not None and meta.le is not None:
            template = (
                _("{noun} from {low} to {high}")
                if meta.ge is not None
                else _("{noun} above {low}, at most {high}")
            )
            return template.format(noun=noun, low=low, high=meta.le)
    return noun


FOUND_LIMIT_CHARACTERS = 40


def _describe_value(value: object) -> str:
    match value:
        case None:
            return _("nothing")
        case bool():
            return "true" if value else "false"
        case dict():
            return _("a section")
        case list():
            return _("a list")
        case str() if len(value) > FOUND_LIMIT_CHARACTERS:
            return f'"{value[:FOUND_LIMIT_CHARACTERS]}…"'
        case str():
            return f'"{value}"'
        case _:
            return str(value)[:FOUND_LIMIT_CHARACTERS]
