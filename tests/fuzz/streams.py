"""Byte streams as programs and attackers write them, from a source of decisions.

The kinds of sequence come from the emulator's own tables, so that a new control
function is fuzzed from the day it is added.
"""

from collections.abc import Callable

from terminal_ai.terminal import modes
from terminal_ai.terminal.parsing import dispatch
from tests.fuzz.choices import Choices, one_of

TAINT = b"QXQ"
"""Stands in texts and payloads: no reply may ever hold it, nor its hexadecimal."""

FRAGMENTS_LIMIT = 12


CSI_KINDS = sorted(dispatch.SEQUENCES)
ESCAPES = sorted(dispatch.ESCAPES)
PRIVATE_MODES = sorted(
    {2, 4, 8, 40, 42, 45, 67, 69, 80, 95, 1005, 1015, 1016, 1034, 2027, 2031, 2048}
    | set(modes.PRIVATE_MODES)
    | modes.MOUSE_MODES
    | modes.ALTERNATE_SCREEN_MODES
    | {modes.SAVE_CURSOR_MODE, modes.COLUMNS_132_MODE}
)
ANSI_MODES = sorted({2, 12, *modes.ANSI_MODES})

_GENUINE = b"@ABCDEFGHIJKLMPSTXZ^`abcdefghilmnpqrstuvwxyz{|}~"
_ABSURD = ["0", "32767", "65535", "99999", "123456789", "4294967296", "9" * 40, "4:3"]
_SGR = (
    "", "0", "1", "2", "3", "4", "4:3", "4:5", "5", "7", "8", "9", "21", "22", "24",
    "27", "31", "42", "39", "49", "53", "55", "59", "91", "107", "38;5;200", "38;5",
    "38;2;1;2;3", "48;2;1;2", "38:2::9:8:7", "48:5:20", "58:5:3", "38:2", "48:5:",
)  # fmt: skip
_CLUSTERS: tuple[str, ...] = (
    *"é世한ｱ𓀀🇰🇷☝❤👍🏽\u200d\ufe0f\ufe0e\u0301\u0323\u1161\u11ab\u05c8\u0e33\u0915\u094d",
    "👩\u200d👩\u200d👧", "❤\ufe0f", "1\ufe0f\u20e3", "👍🏽", "\u1112\u1161\u11ab",
    "e" + "\u0301" * 12, "世界世界", "safe\u200dHIDDEN",
)  # fmt: skip
_INVISIBLE = "\u00ad\u200b\u200e\u202e\u2028\u2066\ufeff\U000e0041\u009b\u0085\u115f"
_BAD_UTF_8 = (
    b"\xff", b"\xc0\xaf", b"\xe4\xb8", b"\xed\xa0\x80", b"\xf0\x9f\x91", b"\x80",
    b"\xf4\x90\x80\x80", b"\xc3", b"\x9b31m", b"\x90q", b"\x9c", b"\xe4\x1b[m",
)  # fmt: skip
_CONTROLS = [bytes([code]) for code in (*range(0x20), 0x7F)] + [b"\r\n", b"\n"] * 6
_OSC_NUMBERS = (
    0, 1, 2, 4, 5, 7, 8, 9, 10, 11, 12, 17, 19, 22, 50, 52, 104, 105, 110, 112, 777,
)  # fmt: skip
_OSC_TEXTS = (
    "QXQ", "?", "1;?", "1;#102030", "c;?", "c;UVhR", "c;QXQ!", "notify;QXQ;text", ";",
    ";http://QXQ.example/", "id=a;https://example/QXQ", ";javascript:QXQ", "rgb:1/2/3",
    "file://host/QXQ", "4;1;25", "1;red;2;?;3;?", "QXQ\u202e\u009b31m",
)  # fmt: skip
_MARKS = (
    "133;A", "133;B;n=QXQ", "133;C;c=QXQ", "133;D;1", "633;E;QXQ", "133;", "633;Z",
)  # fmt: skip
_DCS_TEXTS = (
    "$qm", "$qr", "$q q", "$qs", '$q"p', "$q$}", "$qQXQ", "+q544e", "+q515851;", "+qZ",
    "q#0;2;0;0;0~-QXQ", "tmux;\x1bQXQ", "1$tQXQ", "0;1|17/QXQ", "QXQ", "=1s",
)  # fmt: skip
_WINDOW_OPERATIONS = (4, 8, 8, 11, 14, 18, 20, 21, 22, 22, 23, 23)
_LINES = (
    b"plain\r\n", b"a\tb\r\n", b"\x1b[31mred\x1b[m text\r\n", b"at the margin\r\n",
    b"\x1b[44mblue\r\n", b"\r\n", b"\xe4\xb8\x96\r\n", b"bare\n", b"\x1b[1;32mbold\r\n",
)  # fmt: skip
"""Lines whose repetition is bulk output."""

_OPENERS = (b"\x1b_", b"\x1b^", b"\x1bX", b"\x1bk", b"\x1bP", b"\x1b]")
_ENDS = (
    b"\x1b\\", b"\x1b\\", b"\x1b\\", b"\x07", b"\x07", b"\x07", b"\x18", b"\x1a",
    b"\x9c", b"", b"\x1b", b"\n",
)  # fmt: skip


def stream(choices: Choices) -> bytes:
    """Return a stream of at most ``FRAGMENTS_LIMIT`` fragments."""
    count = 1 + choices.below(FRAGMENTS_LIMIT)
    return b"".join([one_of(choices, FRAGMENTS)(choices) for _ in range(count)])


def text(choices: Choices) -> bytes:
    """Return plain text, at times longer than a row or than many screens."""
    if choices.below(30) == 0:
        lines = [one_of(choices, _LINES) for _ in range(1 + choices.below(3))]
        return b"".join(lines) * (40 + choices.below(400))
    words: tuple[bytes, ...] = (
        TAINT,
        b"a",
        b"ls -l ",
        b"hello",
        b" ",
        b"#xq~_",
        b"0123456789" * 3,
    )
    return one_of(choices, words)


def odd_text(choices: Choices) -> bytes:
    """Return clusters, invisible characters, any code point, or broken UTF-8."""
    kind = choices.below(8)
    if kind == 0:
        return one_of(choices, _INVISIBLE).encode()
    if kind == 1:
        return one_of(choices, _BAD_UTF_8)
    if kind == 2:
        character = chr(choices.below(0x110000))
        return character.encode("utf-8", "replace")
    return one_of(choices, _CLUSTERS).encode()


def control(choices: Choices) -> bytes:
    """Return a C0 control; line ends are the likeliest."""
    return one_of(choices, _CONTROLS)


def position(choices: Choices) -> bytes:
    """Return CUP to a place that may well be outside."""
    return f"\x1b[{choices.below(14)};{choices.below(26)}H".encode()


def known_sequence(choices: Choices) -> bytes:
    """Return a control sequence that the emulator has in its table."""
    kind = one_of(choices, CSI_KINDS)
    split = 1 if kind[0] in "?><=" else 0
    return f"\x1b[{kind[:split]}{_parameters(choices)}{kind[split:]}".encode()


def any_sequence(choices: Choices) -> bytes:
    """Return a control sequence of any form, at times malformed or endless."""
    prefix = one_of(choices, ["", "", "?", ">", "=", "<"])
    middle = one_of(choices, ["", "", "", "$", "!", '"', " ", "'", "*", "\n", "\x18"])
    final = chr(one_of(choices, _GENUINE))
    if choices.below(16) == 0:
        middle += one_of(choices, ["1;" * 70, "1" * 130, "\x1b", "é", "$" * 6, "?1"])
    return f"\x1b[{prefix}{_parameters(choices)}{middle}{final}".encode()


def _parameters(choices: Choices) -> str:
    count = choices.below(6)
    return ";".join([_number(choices) for _ in range(count)])


def _number(choices: Choices) -> str:
    kind = choices.below(12)
    if kind == 0:
        return one_of(choices, _ABSURD)
    if kind == 1:
        return ""
    return str(choices.below(14))


def mode(choices: Choices) -> bytes:
    """Return a mode set, reset, saved, restored or asked for."""
    if choices.below(8) == 0:
        return b"\x1b[?%d$p" % one_of(choices, PRIVATE_MODES)
    if choices.below(6) == 0:
        return b"\x1b[%d%c" % (one_of(choices, ANSI_MODES), one_of(choices, b"hl"))
    number, final = one_of(choices, PRIVATE_MODES), one_of(choices, b"hhhlllsr")
    return b"\x1b[?%d%c" % (number, final)


def window(choices: Choices) -> bytes:
    """Return XTWINOPS, small sizes only: a large screen is slow to compare."""
    sizes = choices.below(10), choices.below(24)
    return b"\x1b[%d;%d;%dt" % (one_of(choices, _WINDOW_OPERATIONS), *sizes)


def rendition(choices: Choices) -> bytes:
    """Return SGR."""
    items = [one_of(choices, _SGR) for _ in range(1 + choices.below(3))]
    return f"\x1b[{';'.join(items)}m".encode()


def margins(choices: Choices) -> bytes:
    """Return margins of rows or columns, or what scrolls within them."""
    forms = (
        b"\x1b[%d;%dr",
        b"\x1b[?69h\x1b[%d;%ds",
        b"\x1b[%d;%dr\x1b[?6h",
        b"\x1b[%dS\x1b[%dT",
    )
    return one_of(choices, forms) % (choices.below(6), choices.below(13))


def rectangle(choices: Choices) -> bytes:
    """Return a rectangle copied, filled, erased, changed or summed up."""
    top, left, height, width = (choices.below(9) for _ in range(4))
    area = f"{top};{left};{top + height};{left + width}"
    forms = (
        "88;{}$x",
        "{}$z",
        "{}${{",
        "{};1;2;2;1$v",
        "{};1;7$r",
        "{};7$t",
        "1;1;{}*y",
    )
    return (
        b"\x1b["
        + one_of(choices, forms).replace("{{", "{").replace("{}", area).encode()
    )


def escape(choices: Choices) -> bytes:
    """Return an escape sequence, known or not."""
    if choices.below(4):
        return b"\x1b" + one_of(choices, ESCAPES).encode()
    middle = one_of(
        choices, ["", "(", ")", "*", "+", "-", "#", " ", "%", "$(", "(((((("]
    )
    return b"\x1b" + middle.encode() + bytes([0x30 + choices.below(0x4F)])


def osc(choices: Choices) -> bytes:
    """Return an operating system command."""
    payload = f"{one_of(choices, _OSC_NUMBERS)};{one_of(choices, _OSC_TEXTS)}"
    return b"\x1b]" + payload.encode() + one_of(choices, _ENDS)


def mark(choices: Choices) -> bytes:
    """Return a prompt mark."""
    return b"\x1b]" + one_of(choices, _MARKS).encode() + one_of(choices, _ENDS)


def string(choices: Choices) -> bytes:
    """Return a device control string, or one of those that nobody reads."""
    opener = one_of(choices, _OPENERS) if choices.below(3) == 0 else b"\x1bP"
    payload = one_of(choices, _DCS_TEXTS).encode()
    if choices.below(24) == 0:
        payload *= 1500
    return opener + payload + one_of(choices, _ENDS)


def raw(choices: Choices) -> bytes:
    """Return any few bytes."""
    return bytes([choices.below(256) for _ in range(1 + choices.below(6))])


FRAGMENTS: tuple[Callable[[Choices], bytes], ...] = (
    text, text, odd_text, odd_text, control, control, position, known_sequence,
    known_sequence, known_sequence, any_sequence, mode, rendition, margins, rectangle,
    window, escape, osc, mark, string, raw,
)  # fmt: skip
"""Named as often as they are likely."""
