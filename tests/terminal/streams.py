"""Byte streams as programs and attackers write them, for property tests."""

from hypothesis import strategies as st

from terminal_ai.terminal.events import Event, Output
from terminal_ai.terminal.terminal import Terminal

FINALS = "@ABCDEFGHIJKLMPSTXZ`abcdefghilmnpqrstu"

numbers = st.one_of(
    st.just(""),
    st.integers(0, 12).map(str),
    st.sampled_from(["999", "123456789", "1047", "1049", "2026", "25", "38", "4:3"]),
    st.sampled_from(["4", "67", "996", "1003", "1006", "1016", "2031", "2048"]),
)
control_sequences = st.builds(
    lambda prefix, numbers, middle, final: (
        f"\x1b[{prefix}{';'.join(numbers)}{middle}{final}".encode()
    ),
    st.sampled_from(["", "", "", "?", ">", "=", "<"]),
    st.lists(numbers, max_size=5),
    st.sampled_from(["", "", "", " ", "!", "$", "\n", "\x18"]),
    st.sampled_from(FINALS),
)
escapes = st.sampled_from(
    [b"\x1b" + rest for rest in b"7 8 D E M H c = > #8 (0 (B )0 %G N".split()]
)
controls = st.sampled_from(
    [b"\r\n", b"\n", b"\r", b"\t", b"\b", b"\x0e", b"\x0f", b"\x07", b"\x18", b"\x1b"]
)
strings = st.sampled_from(
    [
        b"\x1b]0;title\x07",
        b"\x1b]2;t\xc3\xa9\x1b\\",
        b"\x1b]133;A;n=1\x07",
        b"\x1b]133;D;1\x1b\\",
        b"\x1b]633;E;ls\x07",
        b"\x1b]133;C",
        b"\x1b]8;;http://x\x07",
        b"\x1b]8;id=1;https://y\x1b\\",
        b"\x1b]8;;\x07",
        b"\x1b]4;1;?;2;#123456\x07",
        b"\x1b]104\x07",
        b"\x1b]11;?\x07",
        b"\x1b]12;rgb:1/2/3\x1b\\",
        b"\x1b]7;file://h/tmp\x07",
        b"\x1b]9;notice\x07",
        b"\x1b]777;notify;a;b\x1b\\",
        b"\x1b]52;c;aGk=\x07",
        b"\x1bP$qm\x1b\\",
        b"\x1b_Gq\x1b\\",
        b"\x1bPunfinished",
        b"\x1b]",
    ]
)
odd_texts = st.sampled_from(
    [
        "世界",
        "e\u0301\u0323",
        "\u0301",
        "👩\u200d👩\u200d👧",
        "❤\ufe0f",
        "\ufe0f",
        "\u200d",
        "👍🏽",
        "🏽",
        "🇰🇷",
        "safe\u200dHIDDEN",
        "\u202eevil\u2066",
        "\u009b31m",
        "\u1112\u1161\u11ab",
        "한글",
    ]
).map(str.encode)
texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30).map(
    str.encode
)
fragments = st.one_of(
    texts,
    control_sequences,
    control_sequences,
    escapes,
    controls,
    strings,
    odd_texts,
    st.binary(max_size=6),
)
byte_streams = st.lists(fragments, max_size=25).map(b"".join)


def merged(events: tuple[Event, ...]) -> list[Event]:
    """Join neighbouring outputs of one screen, as if they came in one read."""
    result: list[Event] = []
    for event in events:
        last = result[-1] if result else None
        if (
            isinstance(event, Output)
            and isinstance(last, Output)
            and event.is_alternate == last.is_alternate
        ):
            result[-1] = Output(last.data + event.data, event.is_alternate)
        else:
            result.append(event)
    return result


def picture(terminal: Terminal) -> object:
    """Everything that can be seen of a terminal."""
    indices = range(-terminal.scrollback_length, terminal.rows)
    rows = [terminal.line(index) for index in indices]
    return (
        [(row.runs, row.wraps) for row in rows],
        terminal.cursor,
        terminal.modes,
        terminal.title,
        terminal.is_alternate,
    )
