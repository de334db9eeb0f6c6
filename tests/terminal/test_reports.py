"""What the terminal answers about itself, and what it lets programs change."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from terminal_ai.terminal.events import Reply, SizeRequested
from terminal_ai.terminal.modes import (
    ANSI_MODES,
    FIXED_MODES,
    MOUSE_ENCODINGS,
    MOUSE_MODES,
    PRIVATE_MODES,
    REMEMBERED_MODES,
)
from terminal_ai.terminal.permissions import Permissions
from terminal_ai.terminal.terminal import Terminal
from tests.terminal.streams import byte_streams

SETTINGS = ["m", "r", "s", " q", '"q', "*x"]

graphics = st.lists(
    st.sampled_from(
        [
            *map(str, (0, 1, 2, 3, 4, 5, 7, 8, 9, 21, 22, 24, 31, 39, 44, 53, 95, 103)),
            *("4:3", "4:4", "4:5", "38:5:200", "48:2::1:2:3", "58:5:9", "38;2;9;8;7"),
        ]
    ),
    max_size=6,
).map(lambda codes: f"\x1b[{';'.join(codes)}m")
states = st.lists(
    st.one_of(
        graphics,
        st.builds("\x1b[{};{}r".format, st.integers(0, 6), st.integers(0, 6)),
        st.builds("\x1b[{};{}s".format, st.integers(0, 20), st.integers(0, 20)),
        st.integers(0, 6).map("\x1b[{} q".format),
        st.integers(0, 2).map('\x1b[{}"q'.format),
        st.integers(0, 2).map("\x1b[{}*x".format),
    ),
    max_size=6,
).map("".join)


def answer(terminal: Terminal, query: bytes) -> bytes:
    return b"".join(e.data for e in terminal.feed(query) if isinstance(e, Reply))


def setting(terminal: Terminal, what: str) -> bytes:
    reply = answer(terminal, b"\x1bP$q" + what.encode() + b"\x1b\\")
    assert reply.startswith(b"\x1bP1$r")
    assert reply.endswith(what.encode() + b"\x1b\\")
    return reply[5:-2]


@settings(max_examples=150)
@given(states)
@example("\x1b[1;31m\x1b[3 q")
def test_a_reported_setting_can_be_sent_back(state: str) -> None:
    first, second = Terminal(20, 6), Terminal(20, 6)
    for terminal in (first, second):
        terminal.feed(b"\x1b[?69h")
    first.feed(state.encode())
    for what in SETTINGS:
        second.feed(b"\x1b[" + setting(first, what))
    for what in SETTINGS:
        assert setting(second, what) == setting(first, what)
    for terminal in (first, second):
        terminal.feed(b"\x1b[H" + b"x" * 25)
    assert [second.line(row).runs for row in range(6)] == [
        first.line(row).runs for row in range(6)
    ]


@pytest.mark.parametrize(
    ("state", "what", "expected"),
    [
        (b"", "m", b"0m"),
        (b"\x1b[1;31m", "m", b"0;1;31m"),
        (b"\x1b[4:3;58:5:9m", "m", b"0;4:3;58:5:9m"),
        (b"", "t", b"6t"),
        (b"", "*|", b"6*|"),
        (b"", "$|", b"20$|"),
        (b"", "$}", b"0$}"),
        (b"", "$~", b"0$~"),
        (b"", '"p', b'64;1"p'),
        (b'\x1b[62"p', '"p', b'62;1"p'),
        (b'\x1b[65"p', '"p', b'64;1"p'),
    ],
)
def test_settings(state: bytes, what: str, expected: bytes) -> None:
    terminal = Terminal(20, 6)
    terminal.feed(state)
    assert setting(terminal, what) == expected


_private = sorted({*PRIVATE_MODES, *MOUSE_MODES, *MOUSE_ENCODINGS, 69})
MODES = [
    *(f"?{number}" for number in _private),
    *map(str, ANSI_MODES),
    *sorted(REMEMBERED_MODES),
]


def mode_state(terminal: Terminal, mode: str) -> int:
    reply = answer(terminal, f"\x1b[{mode}$p".encode())
    assert reply.startswith(f"\x1b[{mode};".encode())
    return int(reply.removesuffix(b"$y").rpartition(b";")[2])


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_says_how_it_is(mode: str) -> None:
    terminal = Terminal(20, 6)
    for final, state in (b"h", 1), (b"l", 2), (b"h", 1):
        terminal.feed(b"\x1b[" + mode.encode() + final)
        assert mode_state(terminal, mode) == state


@pytest.mark.parametrize("mode", FIXED_MODES)
def test_a_fixed_mode_cannot_be_changed(mode: str) -> None:
    terminal = Terminal(20, 6)
    expected = 3 if FIXED_MODES[mode] else 4
    for final in (b"h", b"l"):
        terminal.feed(b"\x1b[" + mode.encode() + final)
        assert mode_state(terminal, mode) == expected


def test_an_unknown_mode_is_reported_so_and_old_terminals_report_none() -> None:
    terminal = Terminal(20, 6)
    assert mode_state(terminal, "?9999") == 0
    assert mode_state(terminal, "9999") == 0
    assert answer(terminal, b'\x1b[62"p\x1b[4$p') == b""


@given(
    st.lists(st.sampled_from([mode for mode in MODES if mode[0] == "?"]), max_size=5),
    st.lists(st.tuples(st.sampled_from(MODES), st.sampled_from("hl")), max_size=8),
)
def test_saved_modes_come_back(
    saved: list[str], changes: list[tuple[str, str]]
) -> None:
    numbers = ";".join(mode[1:] for mode in dict.fromkeys(saved)) or "9999"
    terminal = Terminal(20, 6)
    # One tracking and one encoding exclude another: each is saved alone.
    exclusive = MOUSE_MODES | MOUSE_ENCODINGS
    kept = [mode for mode in saved if int(mode[1:]) not in exclusive]
    before = {mode: mode_state(terminal, mode) for mode in kept}
    terminal.feed(f"\x1b[?{numbers}s".encode())
    for mode, final in changes:
        terminal.feed(f"\x1b[{mode}{final}".encode())
    terminal.feed(f"\x1b[?{numbers}r".encode())
    assert {mode: mode_state(terminal, mode) for mode in kept} == before


@settings(max_examples=100)
@given(byte_streams)
def test_a_hard_reset_leaves_nothing_behind(stream: bytes) -> None:
    used, fresh = Terminal(12, 5), Terminal(12, 5)
    used.feed(stream + b"\x18")
    used.feed(b"\x1bc")
    probe = b"x\tq\x1b[99b\r\n\x1b[K\x0eq\x1b8\x1b[6n\x1b[2$w\x1b[1$w\x1b[20t"
    assert answer(used, probe) == answer(fresh, probe)
    assert [used.line(row).runs for row in range(5)] == [
        fresh.line(row).runs for row in range(5)
    ]
    assert used.scrollback_length == fresh.scrollback_length
    assert used.cursor == fresh.cursor
    for mode in MODES:
        assert mode_state(used, mode) == mode_state(fresh, mode)
    for what in SETTINGS:
        assert setting(used, what) == setting(fresh, what)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"\x1b[?15n", b"\x1b[?13n"),
        (b"\x1b[?25n", b"\x1b[?20n"),
        (b"\x1b[?26n", b"\x1b[?27;1;0;0n"),
        (b"\x1b[?55n", b"\x1b[?50n"),
        (b"\x1b[?56n", b"\x1b[?57;0n"),
        (b"\x1b[?62n", b"\x1b[0*{"),
        (b"\x1b[?63;123n", b"\x1bP123!~0000\x1b\\"),
        (b"\x1b[?75n", b"\x1b[?70n"),
        (b"\x1b[?85n", b"\x1b[?83n"),
        (b"\x1b[?9999n", b""),
        (b"\x1bZ", b"\x1b[?64;1;6;9;15;17;21;22;28c"),
        (b"\x1b[>q", b"\x1bP>|terminal_ai\x1b\\"),
        (b"\x1b[>1c", b""),
        (b"\x1bP+q436F\x1b\\", b"\x1bP1+r436F=323536\x1b\\"),
        (b"\x1bP+q544e;00\x1b\\", b"\x1bP1+r544E=787465726D2D323536636F6C6F72\x1b\\"
         b"\x1bP0+r\x1b\\"),
        (b"\x1b[2$w", b"\x1bP2$u9/17\x1b\\"),
        (b"\x1b[2;3H\x1b[1;4m\x1b[1$w", b"\x1bP1$u2;3;1;C;@;@;0;2;@;BBBB\x1b\\"),
        (b"\x1b[11t", b"\x1b[1t"),
        (b"\x1b[13t", b"\x1b[3;0;0t"),
        (b"\x1b[14t", b"\x1b[4;96;160t"),
        (b"\x1b[16t", b"\x1b[6;16;8t"),
        (b"\x1b[18t", b"\x1b[8;6;20t"),
        (b"\x1b[19t", b"\x1b[9;67;240t"),
    ],
)  # fmt: skip
def test_answers(query: bytes, expected: bytes) -> None:
    assert answer(Terminal(20, 6), query) == expected


RESIZES = [
    (b"\x1b[8;10;30t", (30, 10)),
    (b"\x1b[8;10t", (20, 10)),
    (b"\x1b[8;;30t", (30, 6)),
    (b"\x1b[8;0;0t", (240, 67)),
    (b"\x1b[4;160;240t", (30, 10)),
    (b"\x1b[30t", (20, 30)),
    (b"\x1b[9;1t", (240, 67)),
    (b"\x1b[9;2t", (20, 67)),
    (b"\x1b[9;3t", (240, 6)),
    (b"\x1b[9;1t\x1b[9;0t", (20, 6)),
    (b"\x1b[10;2t", (240, 67)),
    (b"\x1b[10;2t\x1b[10;2t", (20, 6)),
    (b"\x1b[9*|", (20, 9)),
    (b"\x1b[132$|", (132, 6)),
    (b"\x1b[$|", (80, 6)),
]


@pytest.mark.parametrize(("data", "size"), RESIZES)
def test_a_permitted_program_chooses_the_size(
    data: bytes, size: tuple[int, int]
) -> None:
    terminal = Terminal(20, 6, permissions=Permissions(resizes_window=True))
    events = terminal.feed(data)
    requests = [event for event in events if isinstance(event, SizeRequested)]
    assert requests[-1] == SizeRequested(*size)
    assert (terminal.columns, terminal.rows) == size


@pytest.mark.parametrize(("data", "size"), RESIZES)
def test_other_programs_do_not(data: bytes, size: tuple[int, int]) -> None:
    terminal = Terminal(20, 6)
    events = terminal.feed(data)
    assert not any(isinstance(event, SizeRequested) for event in events)
    assert (terminal.columns, terminal.rows) == (20, 6), size
    assert terminal.ignored_sequences


def test_the_column_mode_erases_and_keeps_the_width() -> None:
    terminal = Terminal(20, 6, permissions=Permissions(resizes_window=True))
    terminal.feed(b"text\x1b[2;4r\x1b[?40h\x1b[?3h")
    assert terminal.text().strip() == ""
    assert (terminal.cursor.row, terminal.cursor.column) == (0, 0)
    assert terminal.columns == 20
    assert mode_state(terminal, "?3") == 1
    assert setting(terminal, "r") == b"1;6r"
