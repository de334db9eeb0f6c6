"""Settings: layers, strictness, the sample file, and our directories."""

import os
import re
import stat
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from terminal_ai.config import (
    Resolved,
    Settings,
    config_directory,
    list_settings,
    load_settings,
    private_directory,
    runtime_directory,
    state_directory,
)
from terminal_ai.config.settings import (
    PRESET_KEY,
    default_values,
    flatten,
    leaf_types,
    presets,
    section_keys,
)
from terminal_ai.config.sources import (
    FILE_LIMIT_BYTES,
    variable_name,
)
from terminal_ai.errors import ConfigError

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "config.yaml"


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def load(
    tmp_path: Path,
    text: str | None = None,
    *,
    environ: dict[str, str] | None = None,
    preset: str | None = None,
    flags: dict[str, object] | None = None,
) -> Resolved:
    file = None if text is None else write(tmp_path, text)
    return load_settings(file=file, environ=environ or {}, preset=preset, flags=flags)


def refusal(
    tmp_path: Path, text: str | None = None, environ: dict[str, str] | None = None
) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, environ=environ)
    return caught.value


# --- layers


def test_without_any_source_everything_is_default(tmp_path: Path) -> None:
    resolved = load(tmp_path)
    assert resolved.settings == Settings()
    assert set(resolved.origins.values()) == {"default"}
    assert resolved.file is None


LAYERS = ("file", "environment", "preset", "flag")


@given(present=st.sets(st.sampled_from(LAYERS)))
@settings(
    max_examples=16,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_latest_layer_present_wins(tmp_path: Path, present: set[str]) -> None:
    key = "performance.answer_cache_entries"
    values = {"file": 1, "environment": 2, "preset": 0, "flag": 4}
    resolved = load(
        tmp_path,
        "performance: {answer_cache_entries: 1}" if "file" in present else None,
        environ={variable_name(key): "2"} if "environment" in present else {},
        preset="base" if "preset" in present else None,
        flags={key: 4} if "flag" in present else {},
    )
    latest = next((each for each in reversed(LAYERS) if each in present), None)
    expected = values[latest] if latest else Settings().performance.answer_cache_entries
    assert resolved.settings.performance.answer_cache_entries == expected


def test_each_value_names_its_origin(tmp_path: Path) -> None:
    resolved = load(
        tmp_path,
        "ai:\n  model: tiny\n  temperature: 1\n",
        environ={"TERMINAL_AI_AI_TEMPERATURE": "0.5"},
        preset="optimized",
        flags={"shell.command": "/bin/sh"},
    )
    assert resolved.origins["ai.model"] == f"{resolved.file}:2"
    assert resolved.origins["ai.temperature"] == "TERMINAL_AI_AI_TEMPERATURE"
    assert resolved.origins["performance.gc_freeze"] == "preset optimized"
    assert resolved.origins["shell.command"] == "flag"
    assert resolved.origins["ai.keep_alive"] == "default"


def test_preset_in_the_file_stands_below_the_files_own_values(tmp_path: Path) -> None:
    text = "performance: {answer_cache_entries: 7, preset: optimized}"
    performance = load(tmp_path, text).settings.performance
    assert (performance.answer_cache_entries, performance.gc_freeze) == (7, True)
    typed = load(tmp_path, text, preset="optimized").settings.performance
    assert (
        typed.answer_cache_entries
        == presets()["optimized"]["performance.answer_cache_entries"]
    )


def test_typed_base_preset_undoes_what_the_file_optimizes(tmp_path: Path) -> None:
    text = "performance: {preset: optimized, answer_cache_entries: 9}"
    values = flatten(load(tmp_path, text, preset="base").settings)
    base = presets()["base"]
    assert values == {**flatten(Settings()), **base, PRESET_KEY: "base"}


def test_presets_set_the_same_keys_and_differ_in_each() -> None:
    base, optimized = presets()["base"], presets()["optimized"]
    assert base.keys() == optimized.keys()
    assert all(base[key] != optimized[key] for key in base)


def test_default_file_is_read_only_where_none_is_named(tmp_path: Path) -> None:
    assert config_directory() == tmp_path / "config" / "terminal-ai"
    config_directory().mkdir(parents=True)
    (config_directory() / "config.yaml").write_text("ai: {model: own}")
    assert load(tmp_path).settings.ai.model == "own"
    assert load(tmp_path, "").settings.ai.model == Settings().ai.model


# --- environment


def test_a_home_that_cannot_be_searched_has_no_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "is_file", refuse)
    assert load_settings(environ={}).file is None


def test_every_setting_has_one_variable() -> None:
    names = [variable_name(key) for key in leaf_types()]
    assert len(set(names)) == len(names)
    assert variable_name("interface.keys.ask") == "TERMINAL_AI_INTERFACE_KEYS_ASK"


def test_a_shell_of_ours_inside_our_shell_is_no_typing_slip(tmp_path: Path) -> None:
    environ = {"TERMINAL_AI_USER_ZDOTDIR": "/home/me", "TERMINAL_AI_USER_ENV": "x"}
    assert load(tmp_path, environ=environ).settings == Settings()


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("ai.enabled", "No", False),
        ("ai.enabled", "1", True),
        ("terminal.scrollback_rows", "12", 12),
        ("ai.temperature", "1", 1.0),
        ("ai.model", "12", "12"),
        ("interface.language", "ko", "ko"),
        ("ai.model", "", Settings().ai.model),
    ],
)
def test_variables_are_read_as_their_type(
    tmp_path: Path, key: str, text: str, value: object
) -> None:
    resolved = load(tmp_path, environ={variable_name(key): text})
    assert flatten(resolved.settings)[key] == value


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("ai.enabled", "maybe"),
        ("terminal.scrollback_rows", "1e3"),
        ("terminal.scrollback_rows", "9" * 5_000),
        ("ai.temperature", "nan"),
        ("ai.temperature", "warm"),
        ("interface.theme", "drak"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, key: str, text: str) -> None:
    error = refusal(tmp_path, environ={variable_name(key): text})
    assert error.message.startswith(f"{variable_name(key)}: {key}: expected ")


def test_unknown_variable_is_refused_with_the_nearest(tmp_path: Path) -> None:
    error = refusal(tmp_path, environ={"TERMINAL_AI_AI_MODLE": "x"})
    assert "TERMINAL_AI_AI_MODLE" in error.message
    assert error.hint == "did you mean TERMINAL_AI_AI_MODEL?"


def test_our_own_host_variable_beats_ollamas(tmp_path: Path) -> None:
    environ = {"TERMINAL_AI_AI_HOST": "http://a:1", "OLLAMA_HOST": ' "b"'}
    assert load(tmp_path, environ=environ).settings.ai.host == "http://a:1"
    del environ["TERMINAL_AI_AI_HOST"]
    resolved = load(tmp_path, environ=environ)
    assert resolved.settings.ai.host == "b"
    assert resolved.origins["ai.host"] == "OLLAMA_HOST"


def test_the_teams_secret_is_no_setting(tmp_path: Path) -> None:
    secret = "a secret of the team"
    resolved = load(tmp_path, environ={"TERMINAL_AI_TEAM_KEY": secret})
    assert resolved.settings == Settings()
    assert secret not in list_settings(resolved)


@pytest.mark.parametrize(
    "url",
    [
        "rediss://:hunter2@cache.example.com:6379/0",
        "rediss://ada:hunter2/hunter2@cache.example.com",
        "unix://:hunter2@/run/redis.sock",
    ],
)
def test_a_listing_tells_no_password(tmp_path: Path, url: str) -> None:
    environ = {"TERMINAL_AI_TEAM_CACHE_URL": url}
    listed = list_settings(load(tmp_path, environ=environ))
    assert "hunter2" not in listed
    assert url.rpartition("@")[2] in listed


def test_no_color_counts_when_not_empty(tmp_path: Path) -> None:
    assert load(tmp_path, environ={"NO_COLOR": ""}).settings.interface.color
    assert not load(tmp_path, environ={"NO_COLOR": "1"}).settings.interface.color


# --- refusals of a file


@pytest.mark.parametrize(
    ("text", "line", "key", "hint"),
    [
        ("ai:\n  modle: x\n", 2, "ai.modle", "did you mean ai.model?"),
        ("modle: x\n", 1, "modle", "known here: "),
        ("model: x\n", 1, "model", "did you mean ai.model?"),
        ("ai: {scrollback_rows: 1}\n", 1, "ai.scrollback_rows", "did you mean term"),
        ("agent: {}\n", 1, "agent", "known here: "),
        ("interfase: {}\n", 1, "interfase", "did you mean interface?"),
        ("ai: {model: a}\nai: {}\n", 2, "ai", "delete one of the two"),
        ("ai:\n  model: a\n  model: b\n", 3, "ai.model", "delete one of the two"),
        ("ai: 5\n", 1, "ai", "known here: "),
        ("ai:\n  model: 5\n", 2, "ai.model", "put it in quotes"),
        ("ai:\n  model: no\n", 2, "ai.model", "put it in quotes"),
        ("ai:\n  model:\n", 2, "ai.model", "put it in quotes"),
        ("ai:\n  model: [a]\n", 2, "ai.model", ""),
        ("interface:\n  theme: drak\n", 2, "interface.theme", "did you mean dark?"),
        (
            "terminal:\n  scrollback_rows: '5'\n",
            2,
            "terminal.scrollback_rows",
            "write it without quotes or units",
        ),
        ("terminal:\n  scrollback_rows: -1\n", 2, "terminal.scrollback_rows", ""),
        ("terminal:\n  scrollback_rows: true\n", 2, "terminal.scrollback_rows", ""),
        ("ai:\n  temperature: .nan\n", 2, "ai.temperature", ""),
        ("interface: {keys: {ask: f4}}", 1, "interface.keys.ask", "give each action"),
        ("interface: {keys: {ask: f6}}", 1, "interface.keys.ask", "give each action"),
        ("ai: {answer_tokens: 5000}", 1, "ai.answer_tokens", "the answer is a part"),
        ("? [a]\n: 1\n", 1, "?", "known here: "),
    ],
)
def test_refusal_names_file_line_key_and_help(
    tmp_path: Path, text: str, line: int, key: str, hint: str
) -> None:
    error = refusal(tmp_path, text)
    assert error.message.startswith(f"{tmp_path / 'settings.yaml'}:{line}: {key}: ")
    assert error.hint.startswith(hint)


def test_expected_range_is_told(tmp_path: Path) -> None:
    error = refusal(tmp_path, "interface: {panel_columns: 5}")
    assert "expected a whole number from 24 to 200, found 5" in error.message


@pytest.mark.parametrize(
    "text",
    [
        "ai: {",
        "a\tb: [",
        "--- {}\n--- {}\n",
        "!!python/object/apply:os.system [id]",
        "ai: {model: !!python/object/apply:os.system [id]}",
        "terminal: {scrollback_rows: " + "9" * 5_000 + "}",
        "ai: {model: \x07}",
        "- a\n- b\n",
        "just text",
        "ai: &a {model: x}\nadvisor: *a\n",
        "[" * 60_000,
        "{a: " * 20_000,
        "- " * 60_000,
    ],
)
def test_hostile_files_are_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    error = refusal(tmp_path, text)
    assert error.message.startswith(str(tmp_path / "settings.yaml"))
    assert "\n" not in error.message
    assert len(error.message) < 400


@given(data=st.binary(max_size=200))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_bytes_give_settings_or_our_error(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(data)
    try:
        message = str(load_settings(file=path, environ={}).file)
    except ConfigError as error:
        message = error.message
    assert str(path) in message


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.yaml", tmp_path):
        with pytest.raises(ConfigError, match="cannot read"):
            load_settings(file=path, environ={})
    large = write(tmp_path, "#" * (FILE_LIMIT_BYTES + 1))
    with pytest.raises(ConfigError, match="larger than"):
        load_settings(file=large, environ={})
    large.write_bytes(b"ai: {model: \xff}")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_settings(file=large, environ={})


@pytest.mark.parametrize("text", ["", "# only\n", "ai:\n", "{}", "---\n", "\ufeffai:"])
def test_an_empty_file_or_section_changes_nothing(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text).settings == Settings()


def test_unknown_flag_is_our_mistake_and_refused() -> None:
    with pytest.raises(ConfigError, match="unknown setting"):
        load_settings(environ={}, flags={"ai.modle": "x"})


# --- the listing and the sample


def test_listing_reads_back_to_the_same_settings(tmp_path: Path) -> None:
    first = load(
        tmp_path,
        "ai: {model: 'a: #b \"c\" 한글', keep_alive: '5'}",
        preset="optimized",
        flags={"shell.command": "x\ny\x1b[31m" + "long " * 60},
    )
    again = load(tmp_path, list_settings(first))
    assert again.settings == first.settings


def test_listing_has_one_line_and_origin_a_value(tmp_path: Path) -> None:
    hostile = tmp_path / "a\nai: {}"
    hostile.write_text("ai: {model: x}")
    text = list_settings(load_settings(file=hostile, environ={}))
    values = [line for line in text.splitlines() if not line.endswith(":")]
    assert len(values) == len(leaf_types())
    assert all("  # " in line or " # " in line for line in values)
    assert load(tmp_path, text).settings.ai.model == "x"


def test_sample_equals_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, SAMPLE.read_text()).settings == Settings()


def test_sample_has_every_key_with_a_comment() -> None:
    given_keys = _keys_of(yaml.safe_load(SAMPLE.read_text()), "")
    assert given_keys == list(leaf_types())
    previous = ""
    for line in SAMPLE.read_text().splitlines():
        if re.match(r"\s*[a-z_]+:", line):
            assert previous.lstrip().startswith("#"), f"no comment above: {line}"
        previous = line


def _keys_of(tree: dict[str, object], prefix: str) -> list[str]:
    keys = []
    for name, value in tree.items():
        if isinstance(value, dict):
            keys += _keys_of(value, f"{prefix}{name}.")
        else:
            keys.append(f"{prefix}{name}")
    return keys


def test_defaults_pass_their_own_checks() -> None:
    for key, value in default_values().items():
        assert msgspec.convert(value, leaf_types()[key]) == value
    assert not section_keys() & leaf_types().keys()


# --- directories


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("place", [state_directory, runtime_directory])
def test_directories_are_ours_alone_whatever_the_umask(place: object) -> None:
    assert callable(place)
    previous = os.umask(0)
    try:
        path = place()
    finally:
        os.umask(previous)
    assert mode(path) == 0o700
    path.chmod(0o777)
    assert mode(place()) == 0o700


def test_symbolic_link_and_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(ConfigError, match="symbolic link"):
        private_directory(tmp_path / "link")
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot create"):
        private_directory(tmp_path / "file")


def test_runtime_directory_falls_back_to_one_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "tmp"))
    assert runtime_directory() == tmp_path / "tmp" / f"terminal_ai-{os.getuid()}"
    assert mode(runtime_directory()) == 0o700


@pytest.mark.parametrize("written", ["off", "Off", "OFF", '"off"'])
def test_off_needs_no_quotes_where_it_is_a_choice(tmp_path: Path, written: str) -> None:
    text = f"telemetry:\n  traces: {written}\nprofiler: {{exit_report: {written}}}\n"
    loaded = load(tmp_path, text).settings
    assert (loaded.telemetry.traces, loaded.profiler.exit_report) == ("off", "off")


def test_other_truth_values_are_no_choice(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected one of off, jsonl, otlp, found"):
        load(tmp_path, "telemetry:\n  traces: no\n")
