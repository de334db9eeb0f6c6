"""What is sent in the newer keyboard protocols, read back by a decoder of its own."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal_ai.terminal.events import Event, Reply
from terminal_ai.terminal.input.keys import encode_key
from terminal_ai.terminal.kitty_flags import STACK_LIMIT, SUPPORTED, KittyFlags
from terminal_ai.terminal.modes import Modes
from terminal_ai.terminal.terminal import Terminal

MODIFIERS = ("shift", "alt", "ctrl")
CHARACTERS = string.ascii_lowercase + string.digits + "[];',./`\\-="
TEXTUAL_NAMES = {
    "[": "left_square_bracket", "]": "right_square_bracket", ";": "semicolon",
    "'": "apostrophe", ",": "comma", ".": "full_stop", "/": "slash",
    "`": "grave_accent", "\\": "backslash", "-": "minus", "=": "equals_sign",
}  # fmt: skip
NAMED = {
    "enter": (13, "u"), "tab": (9, "u"), "escape": (27, "u"), "backspace": (127, "u"),
    "space": (32, "u"), "insert": (2, "~"), "delete": (3, "~"), "pageup": (5, "~"),
    "pagedown": (6, "~"), "up": (1, "A"), "down": (1, "B"), "right": (1, "C"),
    "left": (1, "D"), "end": (1, "F"), "home": (1, "H"), "f1": (1, "P"),
    "f2": (1, "Q"), "f3": (13, "~"), "f4": (1, "S"), "f5": (15, "~"), "f6": (17, "~"),
    "f10": (21, "~"), "f11": (23, "~"), "f12": (24, "~"), "f13": (57376, "u"),
    "f35": (57398, "u"), "kp_5": (57404, "u"), "kp_enter": (57414, "u"),
}  # fmt: skip

keys = st.sampled_from([*CHARACTERS, *NAMED])
modifier_sets = st.frozensets(st.sampled_from(MODIFIERS))


def decode_kitty(data: bytes) -> tuple[str, frozenset[str], str]:
    """Return key, modifiers and text of one sequence, as the protocol defines it."""
    match = re.fullmatch(rb"\x1b\[([\d:]*)(?:;(\d*)(?:;([\d:]+))?)?([ -~])", data)
    assert match, data
    code = int(match[1].split(b":")[0] or 1)
    bits = int(match[2] or 1) - 1
    final = match[4].decode()
    names = {pair: name for name, pair in NAMED.items()}
    key = names.get((code, final)) or chr(code)
    text = "".join(chr(int(part)) for part in (match[3] or b"").split(b":") if part)
    held = frozenset(name for at, name in enumerate(MODIFIERS) if bits >> at & 1)
    return key, held, text


def press(key: str, held: frozenset[str], modes: Modes) -> bytes:
    return encode_key(
        "+".join([*sorted(held), TEXTUAL_NAMES.get(key, key)]), None, modes
    )


def fed(data: bytes) -> Terminal:
    terminal = Terminal(20, 5)
    terminal.feed(data)
    return terminal


def replies(events: tuple[Event, ...]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, Reply))


@given(keys, modifier_sets, st.booleans())
def test_all_keys_as_sequences_decode_to_the_same_key(
    key: str, held: frozenset[str], has_text: bool
) -> None:
    flags = KittyFlags.ALL_KEYS | (KittyFlags.TEXT if has_text else KittyFlags.NONE)
    sent = press(key, held, Modes(kitty_flags=flags))
    decoded, modifiers, text = decode_kitty(sent)
    assert (decoded, modifiers) == (key, held)
    is_typed = not held - {"shift"} and key in (*CHARACTERS, "space")
    if key != "kp_5":
        assert bool(text) == (has_text and is_typed)


@given(keys, modifier_sets)
def test_what_is_no_text_decodes_in_the_disambiguating_form(
    key: str, held: frozenset[str]
) -> None:
    sent = press(key, held, Modes(kitty_flags=KittyFlags.DISAMBIGUATE))
    if sent.startswith(b"\x1b"):
        assert decode_kitty(sent)[:2] == (key, held)
    else:
        plain = {"enter": b"\r", "tab": b"\t", "backspace": b"\x7f", "space": b" "}
        assert not held - {"shift"}
        character = key.upper() if held else key
        assert sent == plain.get(key, character[-1:].encode())


@given(
    st.sampled_from([*CHARACTERS, "enter", "tab", "escape"]),
    modifier_sets,
    st.booleans(),
)
def test_modified_other_keys_decode_to_the_same_key(
    key: str, held: frozenset[str], is_csi_u: bool
) -> None:
    modes = Modes(modify_other_keys=2, format_other_keys=is_csi_u)
    sent = press(key, held, modes)
    pattern = rb"\x1b\[(\d+);(\d+)u" if is_csi_u else rb"\x1b\[27;(\d+);(\d+)~"
    match = re.fullmatch(pattern, sent)
    if not held - {"shift"} and (not held or key in CHARACTERS or key == "tab"):
        assert match is None
        return
    assert match, sent
    first, second = int(match[1]), int(match[2])
    code, parameter = (first, second) if is_csi_u else (second, first)
    expected = {"enter": 13, "tab": 9, "escape": 27}.get(key)
    if expected is None:
        expected = ord(key.upper() if "shift" in held else key)
    assert code == expected
    assert {
        name for at, name in enumerate(MODIFIERS) if parameter - 1 >> at & 1
    } == held


@pytest.mark.parametrize(
    ("name", "level", "expected"),
    [
        ("ctrl+i", 1, b"\t"),
        ("ctrl+a", 1, b"\x01"),
        ("alt+a", 1, b"\x1ba"),
        ("ctrl+tab", 1, b"\x1b[27;5;9~"),
        ("shift+enter", 1, b"\x1b[27;2;13~"),
        ("ctrl+1", 1, b"\x1b[27;5;49~"),
        ("ctrl+shift+a", 1, b"\x1b[27;6;65~"),
        ("shift+tab", 2, b"\x1b[Z"),
        ("ctrl+i", 2, b"\x1b[27;5;105~"),
        ("alt+a", 2, b"\x1b[27;3;97~"),
        ("A", 2, b"A"),
        ("shift+space", 2, b"\x1b[27;2;32~"),
        ("ctrl+backspace", 2, b"\b"),
        ("shift+backspace", 2, b"\x1b[27;2;127~"),
        ("ctrl+up", 2, b"\x1b[1;5A"),
        ("enter", 2, b"\r"),
    ],
)
def test_modify_other_keys_spares_what_has_a_form(
    name: str, level: int, expected: bytes
) -> None:
    assert encode_key(name, None, Modes(modify_other_keys=level)) == expected


def test_a_program_sets_asks_and_resets_modify_other_keys() -> None:
    terminal = Terminal(20, 5)
    assert replies(terminal.feed(b"\x1b[>4;2m\x1b[?4m")) == b"\x1b[>4;2m"
    assert replies(terminal.feed(b"\x1b[>4;1f\x1b[?4g")) == b"\x1b[>4;1f"
    assert encode_key("ctrl+i", None, terminal.modes) == b"\x1b[105;5u"
    assert replies(terminal.feed(b"\x1b[>4m\x1b[?4m")) == b"\x1b[>4;0m"
    terminal.feed(b"\x1b[>4;1m\x1b[>4n\x1b[>4f")
    assert terminal.modes == Modes()
    before = terminal.ignored_sequences
    terminal.feed(b"\x1b[>1;2m\x1b[?1m")
    assert terminal.ignored_sequences == before + 2
    assert terminal.modes == Modes()


@pytest.mark.parametrize(
    ("raw", "flags", "expected"),
    [
        (b"\x1b[1089::99;5u", 0, b"\x03"),
        (b"\x1b[1089::99;5u", 5, b"\x1b[1089::99;5u"),
        (b"\x1b[49:33;2;33u", 5, b"!"),
        (b"\x1b[49:33;2;33u", 13, b"\x1b[49:33;2u"),
        (b"\x1b[49:33;2;33u", 29, b"\x1b[49:33;2;33u"),
        (b"\x1b[97;2;65u", 0, b"A"),
        (b"\x1b[97;65;65u", 0, b"A"),
        (b"\x1b[97;65;65u", 24, b"\x1b[97;65;65u"),
        (b"\x1b[97;5:3u", 1, b""),
        (b"\x1b[97;5:2u", 1, b"\x1b[97;5u"),
        (
            b"\x1b[0;;54620:44544u",
            0,
            chr(54620).encode() + chr(44544).encode(),
        ),
        (b"\x1b[57404;129;53u", 0, b"5"),
        (b"\x1b[57404u", 0, b"5"),
        (b"\x1b[57376u", 0, b"\x1b[1;2P"),
        (b"\x1b[57376u", 1, b"\x1b[57376u"),
        (b"\x1b[57421;5u", 0, b"\x1b[5;5~"),
        (b"\x1b[57441u", 0, b""),
        (b"\x1b[1;5R", 1, b"\x1b[13;5~"),
        (b"\x1b[99;9u", 0, b""),
        (b"\t", 1, b"\t"),
        (b"\t", 8, b"\x1b[9u"),
        (b"\x1b", 1, b"\x1b[27u"),
        (b"\x1b.", 1, b"\x1b[46;3u"),
        (b"A", 8, b"\x1b[97;2u"),
        (b"!", 24, b"\x1b[33;;33u"),
        (b"\x1bOA", 1, b"\x1b[A"),
        (b"\x1b\x1b[Z", 1, b"\x1b[9;4u"),
    ],
)
def test_the_host_s_bytes_are_written_for_the_program_s_mode(
    raw: bytes, flags: int, expected: bytes
) -> None:
    modes = Modes(kitty_flags=KittyFlags(flags))
    assert encode_key("unnamed", None, modes, raw=raw) == expected


@given(st.binary(max_size=12), st.integers(0, 31))
def test_no_bytes_of_a_host_raise(raw: bytes, flags: int) -> None:
    for start in (b"", b"\x1b[", b"\x1b[97;", b"\x1b[97:"):
        for end in (b"", b"u", b"~"):
            modes = Modes(kitty_flags=KittyFlags(flags) & SUPPORTED)
            encode_key("unnamed", None, modes, raw=start + raw + end)


@pytest.mark.parametrize("code", [*range(0x80), *map(ord, "éß한世→€")])
@pytest.mark.parametrize("prefix", [b"", b"\x1b"])
def test_a_legacy_program_gets_what_a_legacy_host_sent(
    code: int, prefix: bytes
) -> None:
    raw = prefix + chr(code).encode()
    assert encode_key("unnamed", None, Modes(), raw=raw) == raw


@given(st.lists(st.integers(0, 31), max_size=60), st.integers(1, 99))
def test_the_stack_gives_back_what_it_was_given(pushed: list[int], count: int) -> None:
    terminal = Terminal(20, 5)
    terminal.feed(b"".join(b"\x1b[>%du" % flags for flags in pushed))
    in_force = [0, *(flags & SUPPORTED for flags in pushed)]
    kept = in_force[-STACK_LIMIT - 1 :]
    assert terminal.modes.kitty_flags == kept[-1]
    assert replies(terminal.feed(b"\x1b[?u")) == b"\x1b[?%du" % kept[-1]
    terminal.feed(b"\x1b[<%du" % count)
    assert terminal.modes.kitty_flags == (kept[-1 - count] if count < len(kept) else 0)


def test_the_stack_is_bounded() -> None:
    terminal = fed(b"\x1b[>1u" * 5000)
    assert len(terminal._screen._keyboard) == STACK_LIMIT


def test_each_screen_has_a_keyboard_of_its_own() -> None:
    terminal = fed(b"\x1b[>1u\x1b[?1049h")
    assert terminal.modes.kitty_flags == 0
    terminal.feed(b"\x1b[>8u\x1b[?1049l")
    assert terminal.modes.kitty_flags == 1
    terminal.feed(b"\x1b[?47h")
    assert terminal.modes.kitty_flags == 8
    terminal.feed(b"\x1bc")
    assert terminal.modes.kitty_flags == 0
    assert fed(b"\x1b[>1u\x1b[?1049h\x1bc\x1b[?47h").modes.kitty_flags == 0


def test_flags_are_set_added_and_removed() -> None:
    terminal = Terminal(20, 5)
    for sequence, expected in (
        (b"\x1b[=5u", 5),
        (b"\x1b[=8;2u", 13),
        (b"\x1b[=4;3u", 9),
        (b"\x1b[=1;1u", 1),
        (b"\x1b[=31u", int(SUPPORTED)),
        (b"\x1b[=1;9u", int(SUPPORTED)),
    ):
        terminal.feed(sequence)
        assert terminal.modes.kitty_flags == expected


def test_backspace_and_control_h_follow_the_backarrow_mode() -> None:
    modes = fed(b"\x1b[?67h").modes
    assert encode_key("backspace", None, modes) == b"\b"
    assert encode_key("ctrl+backspace", None, modes) == b"\x7f"
    assert encode_key("ctrl+h", None, modes, raw=b"\x08") == b"\b"
    assert encode_key("backspace", None, modes, raw=b"\x7f") == b"\b"
