"""Bulk output looks the same whether it was kept as bytes or read at once."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from terminal_ai.terminal.grid.pages import BytesPage
from terminal_ai.terminal.parsing.bulk import PAGE_BYTES
from terminal_ai.terminal.terminal import Terminal
from tests.terminal.streams import picture

COLUMNS, ROWS = 20, 5

lines = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=50),
    st.sampled_from(
        [
            "",
            "x" * COLUMNS,
            "a\tb\t",
            "tab\tat\tthe\tedge",
            "x" * (COLUMNS - 1) + "\ty",
            "\x1b[31mred\x1b[0m and \x1b[1mbold",
            "\x1b[38;5;45mcyan, no background",
            "\x1b[44mbackground",
            "\x1b[44mwithin\x1b[0m the line",
            "\x1b[0;44mon\x1b[m \x1b[31;45mand on",
            "\x1b[m",
            "\x1b[0;38;2;1;2;3;48;2;200;100;100mdirect",
            "世界 é",
            "bell\x07",
            "bare\nline feed",
            "over\rwritten",
            "\x1b[2Kerased",
            "back\b\bspaced",
            "long " * 30,
            "\x1b[" + "1;" * 20 + "mmany",
            "\x1b[048;5;1mbackground with a zero before it",
            "\x1b[44m" + "wraps " * 6 + "\x1b[0m",
            "x" * COLUMNS + "\t",
        ]
    ),
)
blocks = st.builds(
    lambda lines, count: "\r\n".join([*lines * count, ""]).encode(),
    st.lists(lines, min_size=1, max_size=6),
    st.integers(1, 200),
)
before = st.sampled_from(
    [
        b"\r\n" * ROWS,
        b"\r\n" * ROWS + b"\x1b[1;31m",
        b"\r\n" * ROWS + b'\x1b[1"q\x1b[42m',
        b"\r\n" * ROWS + b"half a line",
        b"\x1b[2;4r\x1b[4;1H",
        b"\x1b[?1049h\x1b[5;1H",
        b"\r\n" * ROWS + b"\x1b[3g\x1b[5G\x1bH\r",
        b"\r\n" * ROWS + b"\x1b[20h\x1b(0",
        b"a" * 3 * COLUMNS * ROWS,
        b"\x1b[?41h" + b"\r\n" * ROWS,
        b"\r\n" * ROWS + b"x" * COLUMNS + b"y\r\x1b[K",
    ]
)
after = st.sampled_from([b"", b"\x1b[3bend", b"\x1b[H\x1b[2JX", b"\x1bM\r\n\r\n"])


@settings(max_examples=60)
@given(before, st.lists(blocks, min_size=1, max_size=3), after, st.integers(2, 40))
@example(b"\r\n" * ROWS, [b"plain line\r\n" * 2000], b"\x1b[3b", 7)
@example(b"\r\n" * ROWS, [b"red \x1b[31mred\r\n" * 900, b"bel\x07"], b"x", 50)
@example(b"\r\n" * ROWS, [b"a\tb\tc\r\n" * 900 + b"a\tb\tlong\r\n" * 900], b"x", 9)
@example(b"\r\n" * ROWS, [b"abc\x1b[44mblue\x1b[49m\x1b[45m\r\n" * 900], b"x", 9)
@example(b"\r\n" * ROWS, [b"\x1b[40;33mdir\x1b[0m  \x1b[41mx\x1b[m\r\n" * 900], b"x", 5)
@example(b"\r\n" * ROWS, [b"\x1b[40;33mdir\x1b[0m \x1b[41mx\r\n" * 900], b"x", 5)
@example(b"\r\n" * ROWS, [b"y\r\n" * 3000 + b"\r\n" * 9], b"\x1b[3b", 9)
@example(b"\r\n" * ROWS, [b"a\x1b[041mb\r\n" * 2000], b"x", 7)
@example(b"\r\n" * ROWS, [(b"\x1b[44m" + b"x" * 30 + b"\x1b[m\r\n") * 300], b"x", 7)
@example(b"\x1b[?41h" + b"\r\n" * ROWS, [(b"x" * COLUMNS + b"\t\r\n") * 300], b"", 7)
@example(
    b"\r\n" * ROWS + b"x" * COLUMNS + b"y\r\x1b[K",
    [b"first\r\n" * 2000],
    b"x",
    50,
)
def test_bulk_output_is_as_if_read_line_by_line(
    start: bytes, pieces: list[bytes], end: bytes, columns: int
) -> None:
    at_once = Terminal(COLUMNS, ROWS, scrollback_rows=700, parser="fast")
    by_lines = Terminal(COLUMNS, ROWS, scrollback_rows=700, parser="fast")
    for data in (start, *pieces, end):
        at_once.feed(data)
        for line in data.splitlines(keepends=True):
            by_lines.feed(line)
    assert picture(at_once) == picture(by_lines)
    for width in (columns, COLUMNS):
        at_once.resize(width, ROWS + 2)
        by_lines.resize(width, ROWS + 2)
        assert picture(at_once) == picture(by_lines)


def test_much_output_is_kept_as_bytes() -> None:
    terminal = Terminal(80, 24, scrollback_rows=100_000, parser="fast")
    line = b"a line of \x1b[32mgreen\x1b[0m text and a\ttab\r\n"
    for _ in range(20):
        terminal.feed(line * 1000)
    scrollback = terminal._screen.primary.scrollback
    pages = [page for page in scrollback._pages if isinstance(page, BytesPage)]
    kept = sum(page.size_bytes for page in pages)
    assert len(pages) > 20_000 * len(line) / PAGE_BYTES * 0.8
    assert kept < 20_000 * (len(line) + 4)
    assert terminal.line(-20_000 + 24).text == "a line of green text and a      tab"


def test_output_that_scrolls_by_keeps_ids_growing() -> None:
    terminal = Terminal(80, 24, scrollback_rows=100_000, parser="fast")
    for _ in range(3):
        terminal.feed(b"line\r\n" * 3000 + b"\x1bM")
    ids = [
        terminal.line(at).id for at in range(-terminal.scrollback_length, terminal.rows)
    ]
    scrolled = ids[: -terminal.rows]
    assert scrolled == sorted(set(scrolled))
