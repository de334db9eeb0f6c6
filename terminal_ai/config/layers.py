"""The layers of settings, joined: the later layer wins, and each value says whence.

default < file < environment < preset < typed flag
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from terminal_ai.config.directories import default_config_file
from terminal_ai.config.settings import (
    PRESET_KEY,
    Settings,
    build,
    default_values,
    leaf_types,
    presets,
)
from terminal_ai.config.sources import read_environment, read_file
from terminal_ai.config.values import Value, check_value, unknown_setting
from terminal_ai.errors import ConfigError
from terminal_ai.messages import gettext as _

DEFAULT_ORIGIN = "default"
FLAG_ORIGIN = "flag"
KEYMAP_PREFIX = "interface.keys."


@dataclass(frozen=True, slots=True)
class Resolved:
    """Settings ready for use, the origin of each value, and the file that was read."""

    settings: Settings
    origins: Mapping[str, str]
    file: Path | None = None


def load_settings(
    *,
    file: Path | None = None,
    environ: Mapping[str, str],
    preset: str | None = None,
    flags: Mapping[str, object] | None = None,
) -> Resolved:
    """Resolve the settings; without ``file`` the user's own is read if it exists.

    ``flags`` has dotted keys. A preset chosen in the file or the environment stands
    just below that layer's own values; ``preset`` stands below the flags only.
    """
    chosen = file
    if chosen is None:
        chosen = _own_file()
    layers = [
        read_file(chosen) if chosen is not None else {},
        read_environment(environ),
        _flag_values(preset, flags or {}),
    ]
    values = {
        key: Value(value, DEFAULT_ORIGIN) for key, value in default_values().items()
    }
    for layer in layers:
        if (choice := layer.get(PRESET_KEY)) is not None:
            values.update(_preset_values(str(choice.value)))
        values.update(layer)
    _check_together(values)
    return Resolved(
        settings=build({key: each.value for key, each in values.items()}),
        origins={key: each.origin for key, each in values.items()},
        file=chosen,
    )


def _own_file() -> Path | None:
    """Return the user's own file; None too where nobody may look for it."""
    path = default_config_file()
    try:
        return path if path.is_file() else None
    except OSError:
        return None


def _flag_values(preset: str | None, flags: Mapping[str, object]) -> dict[str, Value]:
    given = dict(flags) if preset is None else {PRESET_KEY: preset, **flags}
    values = {}
    for key, value in given.items():
        if key not in leaf_types():
            raise unknown_setting(key, leaf_types(), where=FLAG_ORIGIN)
        checked = check_value(key, value, where=FLAG_ORIGIN)
        values[key] = Value(checked, FLAG_ORIGIN)
    return values


def _preset_values(name: str) -> dict[str, Value]:
    origin = f"preset {name}"
    return {key: Value(value, origin) for key, value in presets()[name].items()}


def _check_together(values: Mapping[str, Value]) -> None:
    """Refuse values that are each right and together wrong."""
    taken: dict[object, str] = {}
    keymap = [entry for entry in values.items() if entry[0].startswith(KEYMAP_PREFIX)]
    # Defaults first, so that the blame falls on what the user gave.
    for key, each in sorted(
        keymap, key=lambda entry: entry[1].origin != DEFAULT_ORIGIN
    ):
        if (other := taken.get(each.value)) is not None:
            raise ConfigError(
                _("{where}: {key}: {value} is taken by {other}").format(
                    where=each.origin, key=key, value=each.value, other=other
                ),
                hint=_("give each action a key of its own"),
            )
        taken[each.value] = key
    answer, context = values["ai.answer_tokens"], values["ai.context_tokens"]
    if int(str(answer.value)) >= int(str(context.value)):
        raise ConfigError(
            _("{where}: ai.answer_tokens: must be below ai.context_tokens").format(
                where=answer.origin
            ),
            hint=_("the answer is a part of the model's window"),
        )
