"""Keys: a table of what an xterm sends, and the way through Textual's own parser."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.events import Key

from terminal_ai.terminal.input.keys import encode_key, encode_paste
from terminal_ai.terminal.modes import Modes

PLAIN = Modes()
APPLICATION = Modes(application_cursor=True, application_keypad=True)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("enter", b"\r"),
        ("tab", b"\t"),
        ("shift+tab", b"\x1b[Z"),
        ("escape", b"\x1b"),
        ("backspace", b"\x7f"),
        ("alt+backspace", b"\x1b\x7f"),
        ("ctrl+backspace", b"\b"),
        ("ctrl+h", b"\b"),
        ("ctrl+j", b"\n"),
        ("space", b" "),
        ("ctrl+space", b"\0"),
        ("ctrl+at", b"\0"),
        ("alt+enter", b"\x1b\r"),
        ("shift+enter", b"\r"),
        ("ctrl+backslash", b"\x1c"),
        ("ctrl+right_square_bracket", b"\x1d"),
        ("ctrl+circumflex_accent", b"\x1e"),
        ("ctrl+underscore", b"\x1f"),
        ("ctrl+slash", b"\x1f"),
        ("ctrl+minus", b"\x1f"),
        ("ctrl+shift+a", b"\x01"),
        ("alt+ctrl+a", b"\x1b\x01"),
        ("alt+full_stop", b"\x1b."),
        ("alt+b", b"\x1bb"),
        ("alt+less_than_sign", b"\x1b<"),
        ("left_square_bracket", b"["),
        ("full_stop", b"."),
        ("plus", b"+"),
        ("alt+plus", b"\x1b+"),
        ("up", b"\x1b[A"),
        ("shift+up", b"\x1b[1;2A"),
        ("alt+left", b"\x1b[1;3D"),
        ("ctrl+right", b"\x1b[1;5C"),
        ("ctrl+shift+end", b"\x1b[1;6F"),
        ("home", b"\x1b[H"),
        ("insert", b"\x1b[2~"),
        ("delete", b"\x1b[3~"),
        ("ctrl+delete", b"\x1b[3;5~"),
        ("pageup", b"\x1b[5~"),
        ("shift+pagedown", b"\x1b[6;2~"),
        ("f1", b"\x1bOP"),
        ("f4", b"\x1bOS"),
        ("shift+f1", b"\x1b[1;2P"),
        ("f5", b"\x1b[15~"),
        ("ctrl+f12", b"\x1b[24;5~"),
        ("f13", b"\x1b[1;2P"),
        ("f24", b"\x1b[24;2~"),
        ("f25", b"\x1b[1;5P"),
        ("left_shift", b""),
        ("right_alt", b""),
        ("caps_lock", b""),
        ("ctrl+1", b""),
        ("divide", b"/"),
    ],
)
def test_a_key_name_becomes_what_an_xterm_sends(name: str, expected: bytes) -> None:
    assert encode_key(name, None, PLAIN) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("up", b"\x1bOA"),
        ("down", b"\x1bOB"),
        ("home", b"\x1bOH"),
        ("end", b"\x1bOF"),
        ("ctrl+up", b"\x1b[1;5A"),
        ("delete", b"\x1b[3~"),
        ("add", b"\x1bOk"),
    ],
)
def test_application_modes_change_cursor_and_keypad_keys(
    name: str, expected: bytes
) -> None:
    assert encode_key(name, None, APPLICATION) == expected


@pytest.mark.parametrize("letter", string.ascii_lowercase)
def test_control_and_alt_with_every_letter(letter: str) -> None:
    code = bytes([ord(letter) & 0x1F])
    assert encode_key(f"ctrl+{letter}", None, PLAIN) == code
    assert encode_key(f"alt+{letter}", None, PLAIN) == b"\x1b" + letter.encode()
    assert encode_key(f"alt+ctrl+{letter}", None, PLAIN) == b"\x1b" + code
    upper = letter.upper()
    assert encode_key(upper, upper, PLAIN) == upper.encode()
    assert encode_key(f"alt+{upper}", None, PLAIN) == b"\x1b" + upper.encode()


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        ("enter", b"\x1b\r", b"\x1b\r"),
        ("backspace", b"\x08", b"\x08"),
        ("ctrl+j", b"\n", b"\n"),
        ("ctrl+w", b"\x1b\x7f", b"\x1b\x7f"),
        ("full_stop", b"\x1b.", b"\x1b."),
        ("한", "한".encode(), "한".encode()),
        ("", b"\x1b[25~", b"\x1b[1;2P"),
        ("a", b"\x1b[97;;97u", b"a"),
        ("ctrl+i", b"\x1b[105;5u", b"\t"),
        ("left_shift", b"\x1b[57441;2u", b""),
        ("ctrl+f5", b"\x1b[15^", b"\x1b[15;5~"),
    ],
)
def test_the_bytes_of_the_host_win_only_where_they_are_legacy(
    name: str, raw: bytes, expected: bytes
) -> None:
    assert encode_key(name, None, PLAIN, raw=raw) == expected


def test_cursor_keys_of_the_host_are_encoded_for_the_program() -> None:
    assert encode_key("up", None, APPLICATION, raw=b"\x1b[A") == b"\x1bOA"
    assert encode_key("up", None, PLAIN, raw=b"\x1bOA") == b"\x1b[A"


def test_enter_sends_both_line_ends_in_newline_mode() -> None:
    modes = Modes(newline=True)
    assert encode_key("enter", "\r", modes) == b"\r\n"
    assert encode_key("enter", "\r", modes, raw=b"\r") == b"\r\n"


def parse(data: str) -> list[Key]:
    parser = XTermParser()
    events = [*parser.feed(data), *parser.feed("")]
    return [event for event in events if isinstance(event, Key)]


ROUND_TRIP = [
    *(chr(code) for code in range(0x20, 0x7F)),
    *(chr(code) for code in range(0x01, 0x1B) if code != 0x08),
    *"\x00\x1c\x1d\x1e\x1f\x7f",
    *("\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F"),
    *("\x1b[1;2A", "\x1b[1;3B", "\x1b[1;5C", "\x1b[1;6D", "\x1b[1;5H"),
    *("\x1b[2~", "\x1b[3~", "\x1b[5~", "\x1b[6~", "\x1b[3;5~", "\x1b[5;2~"),
    *("\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[15~", "\x1b[17~", "\x1b[24~"),
    *("\x1b[15;2~", "\x1b[24;5~", "\x1b[1;2P", "\x1b[Z"),
    *("é", "ß", "한", "世", "→", "€"),
]


@pytest.mark.parametrize("sent", ROUND_TRIP)
def test_what_textual_parsed_is_encoded_back_to_the_same_bytes(sent: str) -> None:
    keys = parse(sent)
    encoded = b"".join(encode_key(key.key, key.character, PLAIN) for key in keys)
    assert encoded == sent.encode()


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("\x1b[97;5u", b"\x01"),
        ("\x1b[97;;97u", b"a"),
        ("\x1b[97;2;65u", b"A"),
        ("\x1b[13;2u", b"\r"),
        ("\x1b[105;5u", b"\t"),
        ("\x1b[46;3u", b"\x1b."),
        ("\x1b[97;7u", b"\x1b\x01"),
        ("\x1b[127u", b"\x7f"),
        ("\x1b[27u", b"\x1b"),
        ("\x1b[57441;2u", b""),
        ("\x1b[32;5u", b"\0"),
    ],
)
def test_a_modern_host_is_translated_for_a_legacy_program(
    sent: str, expected: bytes
) -> None:
    keys = parse(sent)
    encoded = [
        encode_key(key.key, key.character, PLAIN, raw=sent.encode()) for key in keys
    ]
    assert b"".join(encoded) == expected


@given(st.text(max_size=20), st.text(max_size=5), st.binary(max_size=8))
def test_no_key_ever_raises(name: str, character: str, raw: bytes) -> None:
    for modes in (PLAIN, APPLICATION):
        assert isinstance(encode_key(name, character, modes), bytes)
        assert isinstance(encode_key(name, None, modes, raw=raw), bytes)


@given(st.text())
@example("x\x1b[201~\rid\r")
@example("a\x03b\x9b201~c\r\nd\ne\tf\x7f")
@example("\x1b\x1b[2\x0001~")
@example("\ud800")
def test_a_paste_can_neither_end_its_bracket_nor_carry_controls(text: str) -> None:
    bracketed = encode_paste(text, Modes(bracketed_paste=True))
    assert bracketed.startswith(b"\x1b[200~")
    assert bracketed.endswith(b"\x1b[201~")
    inner = bracketed[6:-6].decode()
    assert not any(
        ord(character) < 32 or 0x7F <= ord(character) < 0xA0
        for character in inner
        if character not in "\t\r"
    )
    assert encode_paste(text, PLAIN) == bracketed[6:-6]


def test_line_ends_of_a_paste_become_enter() -> None:
    assert encode_paste("a\r\nb\nc\rd\te", PLAIN) == b"a\rb\rc\rd\te"
