import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.config import KeymapSettings
from terminal_ai.errors import ConfigError
from terminal_ai.ui.keymap import (
    LEADER_KEYS,
    Action,
    Keymap,
    KeyRouter,
    Verdict,
    action_description,
    action_label,
    key_label,
)

DEFAULT = Keymap.from_settings(KeymapSettings())
LEADER = "ctrl+backslash"
OURS = [LEADER, "f1", "f2", "f3", "f4", "f5", "f6"]
KEYS = st.sampled_from([*OURS, *LEADER_KEYS, "a", "escape", "enter", "ctrl+c", "f7"])


def test_the_defaults_are_the_documented_keys() -> None:
    assert DEFAULT.leader == LEADER
    assert DEFAULT.direct == {
        "f1": Action.HELP,
        "f2": Action.ASSISTANT,
        "f3": Action.PROFILER,
        "f4": Action.HISTORY,
        "f5": Action.ASK,
        "f6": Action.PLACE,
    }


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("f99", "did you mean f9?"),
        ("ctlr+b", "did you mean ctrl?"),
        ("ctrl+backslsh", "did you mean backslash?"),
        ("", "write keys like"),
        ("ctrl+", "write keys like"),
        ("a", "function key"),
        ("shift+a", "function key"),
        ("question_mark", "function key"),
        ("enter", "function key"),
        ("ctrl+c", "function key"),
        ("tab", "function key"),
    ],
)
def test_a_bad_key_is_refused_with_a_hint(key: str, hint: str) -> None:
    with pytest.raises(ConfigError) as error:
        Keymap.from_settings(KeymapSettings(ask=key))
    assert error.value.message.startswith("interface.keys.ask:")
    assert hint in error.value.hint


@pytest.mark.parametrize("name", ["help", "leader"])
def test_a_key_serves_one_action_only(name: str) -> None:
    settings = msgspec.structs.replace(KeymapSettings(), **{name: "f5"})
    with pytest.raises(ConfigError, match="f5 is already taken"):
        Keymap.from_settings(settings)


@pytest.mark.parametrize("key", ["f12", "ctrl+b", "alt+h", "ctrl+shift+f5", "ctrl+at"])
def test_usual_keys_are_accepted(key: str) -> None:
    assert Keymap.from_settings(KeymapSettings(ask=key)).direct[key] is Action.ASK


@given(st.lists(KEYS, max_size=12))
def test_on_the_alternate_screen_only_the_leader_is_ours(keys: list[str]) -> None:
    router = KeyRouter(DEFAULT)
    for key in keys:
        was_pending = router.is_leader_pending
        verdict = router.route(key, leader_only=True)
        if not was_pending:
            expected = Verdict.SWALLOW if key == LEADER else Verdict.FORWARD
            assert verdict is expected


@given(st.lists(KEYS, max_size=12), st.booleans())
def test_the_leader_waits_for_exactly_one_key(
    keys: list[str], leader_only: bool
) -> None:
    router = KeyRouter(DEFAULT)
    for key in keys:
        was_pending = router.is_leader_pending
        verdict = router.route(key, leader_only=leader_only)
        assert router.is_leader_pending == (not was_pending and key == LEADER)
        if was_pending and key == LEADER:
            assert verdict is Verdict.FORWARD
        elif was_pending:
            assert verdict is LEADER_KEYS.get(key, Verdict.SWALLOW)


def test_every_action_is_named_and_reachable() -> None:
    reachable = {*DEFAULT.direct.values(), *LEADER_KEYS.values()}
    for action in Action:
        assert action_label(action)
        assert action_description(action)
        assert action in reachable


@pytest.mark.parametrize(
    ("key", "label"),
    [("f1", "F1"), ("ctrl+backslash", "Ctrl+\\"), ("alt+h", "Alt+H")],
)
def test_keys_are_written_for_people(key: str, label: str) -> None:
    assert key_label(key) == label
