"""The two outside sources of settings: a YAML file and the environment."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from terminal_ai.config.settings import TEAM_KEY_VARIABLE, leaf_types, section_keys
from terminal_ai.config.values import (
    Value,
    check_text,
    check_value,
    choices_of,
    unknown_setting,
)
from terminal_ai.errors import ConfigError
from terminal_ai.messages import gettext as _

if TYPE_CHECKING:
    import yaml

FILE_LIMIT_BYTES = 262_144
NESTING_LIMIT = 8
ENVIRONMENT_PREFIX = "TERMINAL_AI_"
# The shell integration hands the user's own ENV and ZDOTDIR to the shell by these.
INTEGRATION_PREFIX = "TERMINAL_AI_USER_"
_YAML_NULL = "tag:yaml.org,2002:null"
_YAML_BOOL = "tag:yaml.org,2002:bool"


def read_file(path: Path) -> dict[str, Value]:
    """Return the settings a YAML file gives, checked, with their lines."""
    text = _read_text(path)
    values: dict[str, Value] = {}
    for key, line, raw in _parse(path, text):
        where = f"{path}:{line}"
        values[key] = Value(check_value(key, raw, where=where), where)
    return values


def read_environment(environ: Mapping[str, str]) -> dict[str, Value]:
    """Return the settings the environment gives; an empty variable gives none.

    ``ai.model`` is TERMINAL_AI_AI_MODEL. OLLAMA_HOST and NO_COLOR count where our own
    variable is absent.
    """
    values: dict[str, Value] = {}
    if host := environ.get("OLLAMA_HOST", "").strip(" \t\"'"):
        values["ai.host"] = Value(host, "OLLAMA_HOST")
    if environ.get("NO_COLOR", ""):
        values["interface.color"] = Value(False, "NO_COLOR")
    keys = {variable_name(key): key for key in leaf_types()}
    for name, text in environ.items():
        if (
            not name.startswith(ENVIRONMENT_PREFIX)
            or name.startswith(INTEGRATION_PREFIX)
            or name == TEAM_KEY_VARIABLE
        ):
            continue
        if name not in keys:
            raise unknown_setting(name, keys, where=_("environment"))
        if text:
            key = keys[name]
            values[key] = Value(check_text(key, text, where=name), name)
    return values


def variable_name(key: str) -> str:
    """Return the environment variable of the setting ``key``."""
    return ENVIRONMENT_PREFIX + key.upper().replace(".", "_")


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(FILE_LIMIT_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            _("cannot read {path}: {reason}").format(path=path, reason=error.strerror),
            hint=_("name an existing file with --config"),
        ) from error
    if len(data) > FILE_LIMIT_BYTES:
        raise ConfigError(
            _("{path}: larger than {limit} bytes").format(
                path=path, limit=FILE_LIMIT_BYTES
            ),
            hint=_("is this the right file?"),
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(
            _("{path}: not UTF-8 text").format(path=path),
            hint=_("is this the right file?"),
        ) from error


def _parse(path: Path, text: str) -> Iterator[tuple[str, int, object]]:
    import yaml  # a start without a settings file does not need it

    loader_class = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _refuse_deep_nesting(path, yaml.parse(text, Loader=loader_class))
        loader = loader_class(text)
        root = loader.get_single_node()
        if root is None or _is_empty(root):
            return
        if not isinstance(root, yaml.MappingNode):
            raise ConfigError(
                _("{path}: expected sections such as {example}").format(
                    path=path, example="ai:"
                ),
                hint=_("start from the sample config.yaml"),
            )
        yield from _leaves(path, loader, root, "")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{path}:{mark.line + 1}" if mark is not None else str(path)
        raise _not_yaml(where, error.problem or "") from error
    except (yaml.YAMLError, ValueError) as error:
        raise _not_yaml(str(path), str(error).partition("\n")[0]) from error


def _refuse_deep_nesting(path: Path, events: "Iterator[yaml.Event]") -> None:
    """Walk the flat events first: libyaml's own recursion would end the process."""
    import yaml

    depth = 0
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > NESTING_LIMIT or isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise ConfigError(
                _("{where}: nested too deeply, or an alias").format(
                    where=f"{path}:{line}"
                ),
                hint=_("settings are plain sections with values"),
            )


def _leaves(
    path: Path, loader: "yaml.SafeLoader", node: "yaml.MappingNode", prefix: str
) -> Iterator[tuple[str, int, object]]:
    import yaml

    seen: set[str] = set()
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        where = f"{path}:{line}"
        name = key_node.value if isinstance(key_node, yaml.ScalarNode) else "?"
        key = f"{prefix}{name}"
        if name in seen:
            raise ConfigError(
                _("{where}: {key}: given twice").format(where=where, key=key),
                hint=_("delete one of the two"),
            )
        seen.add(name)
        if key in leaf_types():
            yield key, line, _value_of(loader, key, value_node)
        elif key not in section_keys():
            siblings = _names_under(prefix)
            raise unknown_setting(key, siblings, where=where)
        elif isinstance(value_node, yaml.MappingNode):
            yield from _leaves(path, loader, value_node, f"{key}.")
        elif not _is_empty(value_node):
            raise ConfigError(
                _("{where}: {key}: expected a section, found one value").format(
                    where=where, key=key
                ),
                hint=_("known here: {names}").format(
                    names=", ".join(_names_under(f"{key}."))
                ),
            )


def _value_of(loader: "yaml.SafeLoader", key: str, node: "yaml.Node") -> object:
    """Return what was written: ``off`` is a word where the setting knows that word.

    YAML 1.1 takes ``on``, ``off``, ``yes`` and ``no`` for truth values.
    """
    if node.tag == _YAML_BOOL and (word := node.value.lower()) in choices_of(key):
        return word
    return loader.construct_object(node, deep=True)


def _names_under(prefix: str) -> list[str]:
    return [
        key
        for key in (*section_keys(), *leaf_types())
        if key.startswith(prefix) and "." not in key[len(prefix) :]
    ]


def _is_empty(node: "yaml.Node") -> bool:
    return bool(node.tag == _YAML_NULL)


def _not_yaml(where: str, problem: str) -> ConfigError:
    return ConfigError(
        _("{where}: not valid YAML: {problem}").format(where=where, problem=problem),
        hint=_("compare it with the sample config.yaml"),
    )
