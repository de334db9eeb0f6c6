"""Where commands stand, against the words that each of them printed."""

import gc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal_ai.records import CommandRecord, RunningCommand
from terminal_ai.shell import blocks as blocks_module
from terminal_ai.shell.blocks import NO_ROW, Block, Blocks, BlockState
from terminal_ai.shell.marks import MarkVerifier
from terminal_ai.shell.tracker import CommandTracker
from terminal_ai.terminal.events import PromptMark
from terminal_ai.terminal.grid.anchors import Anchor
from terminal_ai.terminal.grid.rows import Row
from terminal_ai.terminal.grid.scrollback import PAGE_ROWS
from terminal_ai.terminal.terminal import Terminal

from .test_tracker import NONCE, PID, mark

CLEAR = b"\x1b[H\x1b[2J"
CLEAR_ALL = b"\x1b[H\x1b[2J\x1b[3J"
RESET = b"\x1bc"


class Shell:
    """An emulator, a tracker and blocks, joined as a session joins them."""

    def __init__(
        self, columns: int = 40, rows: int = 8, *, scrollback_rows: int = 200
    ) -> None:
        self.terminal = Terminal(
            columns, rows, scrollback_rows=scrollback_rows, parser="fast"
        )
        self.blocks = Blocks(self.terminal)
        self.tracker = CommandTracker(
            MarkVerifier(NONCE, PID),
            session_id="cafe0123",
            shell="bash",
            cwd="/",
            head_bytes=10,
            tail_bytes=10,
        )
        self.count = 0

    def feed(self, data: bytes) -> None:
        while data:
            events, data = self.terminal.feed_until(lambda: False, data)
            marks = self.tracker.genuine_marks
            for fact in self.tracker.feed(events, 0.0):
                if isinstance(fact, RunningCommand):
                    self.blocks.command_started(fact, is_inferred=False)
                elif isinstance(fact, CommandRecord):
                    self.blocks.command_finished(fact)
            if self.tracker.genuine_marks > marks:
                for event in events:
                    if isinstance(event, PromptMark):
                        self.blocks.take_mark(event.kind)

    def prompt(self, text: str = "$ ") -> None:
        drawn = mark("A") + text.replace("\n", "\r\n").encode() + mark("B")
        self.feed(mark("P") + drawn)

    def start(self, command: str) -> None:
        self.count += 1
        self.feed(
            command.encode() + b"\r\n" + mark("C", f"hn={self.count};c={command}")
        )

    def end(self, status: int = 0) -> None:
        self.feed(mark(f"D;{status}"))

    def run(self, command: str, output: bytes = b"", status: int = 0) -> None:
        self.start(command)
        self.feed(output)
        self.end(status)
        self.prompt()

    def resize(self, columns: int, rows: int) -> None:
        with self.blocks.resizing():
            self.terminal.resize(columns, rows)

    # What the blocks say

    @property
    def rows(self) -> list[tuple[int, str]]:
        terminal = self.terminal
        lines = range(-terminal.scrollback_length, terminal.rows)
        return [(terminal.row_id(at), terminal.line(at).text) for at in lines]

    def text_of(self, block: Block) -> list[str]:
        ids = [row_id for row_id, _ in self.rows]
        start = ids.index(block.output_row_id)
        end = len(ids) if block.end_row_id is None else ids.index(block.end_row_id)
        return [text.rstrip() for _, text in self.rows[start:end]]

    def prompts(self) -> dict[str, str]:
        """What the line of each marked prompt shows, by command line."""
        terminal, shown, line = self.terminal, dict[int, str](), ""
        for at in reversed(range(-terminal.scrollback_length, terminal.rows)):
            row = terminal.line(at)
            line = row.text + line if row.wraps else row.text
            shown[row.id] = line
        marked = self.blocks.at_prompts(shown.keys())
        assert all(row_id == block.prompt_row_id for row_id, block in marked.items())
        return {block.command_line: shown[row_id] for row_id, block in marked.items()}


def test_commands_have_their_rows() -> None:
    shell = Shell()
    shell.prompt()
    shell.run("one", b"a\r\nb\r\n")
    shell.run("two", b"", 3)
    shell.start("three")
    shell.feed(b"c\r\n")
    one, two, three = shell.blocks
    assert [shell.text_of(block) for block in (one, two)] == [["a", "b"], []]
    assert [block.state for block in (one, two, three)] == [
        BlockState.SUCCEEDED,
        BlockState.FAILED,
        BlockState.RUNNING,
    ]
    assert (one.record_id, three.record_id, three.end_row_id) == (
        "cafe0123-1",
        "",
        None,
    )
    assert shell.prompts() == {"one": "$ one", "two": "$ two", "three": "$ three"}
    assert shell.blocks.before(three.prompt_row_id) == two
    assert shell.blocks.before(two.prompt_row_id, failed=True) is None
    assert shell.blocks.after(one.prompt_row_id, failed=True) == two
    assert shell.blocks.after(three.prompt_row_id) is None
    assert shell.blocks.at(one.output_row_id) == one
    assert shell.blocks.numbered(two.number) == two


def test_a_prompt_at_which_nothing_was_run_belongs_to_no_command() -> None:
    shell = Shell()
    shell.prompt()
    shell.run("one", b"a\r\n")
    (one,) = shell.blocks
    prompt = shell.terminal.row_id(shell.terminal.cursor.row)
    assert shell.blocks.at(prompt - 1) == one
    assert prompt == one.end_row_id
    assert shell.blocks.at(prompt) is None


def test_an_erased_prompt_is_not_marked() -> None:
    for erasing in (CLEAR, CLEAR_ALL, RESET):
        shell = Shell()
        shell.prompt()
        shell.run("one", b"a\r\n")
        shell.run("two", erasing + b"b\r\n")
        assert shell.prompts() == {}
        shell.run("three", b"c\r\n")
        assert shell.prompts() == {"three": "$ three"}
        assert {block.prompt_row_id for block in [*shell.blocks][:-1]} <= {NO_ROW}


def test_output_after_an_erased_prompt_still_belongs_to_its_command() -> None:
    shell = Shell()
    shell.prompt()
    shell.run("one", CLEAR + b"a\r\n" * 20)
    rows = [row_id for row_id, text in shell.rows if text == "a"]
    blocks = {block and block.command_line for block in map(shell.blocks.at, rows)}
    assert blocks == {"one"}


@pytest.mark.parametrize("is_running", [True, False])
def test_an_overwritten_prompt_is_not_marked(is_running: bool) -> None:
    shell = Shell()
    shell.prompt()
    shell.run("one")
    shell.start("two")
    shell.feed(b"\x1b[2Ahello\x1b[K\r\n\n")
    if not is_running:
        shell.end()
        shell.prompt()
    assert shell.prompts() == {"two": "$ two"}


def test_commands_that_the_cursor_went_back_over_are_forgotten() -> None:
    shell = Shell()
    shell.prompt()
    for name in ("one", "two", "three"):
        shell.run(name, b"x\r\n")
    shell.run("up", b"\x1b[5A\r")
    shell.run("new", b"y\r\n")
    assert shell.prompts() == {"one": "$ one", "new": "$ new"}


def test_a_prompt_that_is_drawn_again_is_marked_where_it_stands() -> None:
    shell = Shell()
    shell.prompt("~\n$ ")
    shell.feed(b"typ" + CLEAR)
    shell.prompt("~\n$ ")
    shell.run("one")
    shell.feed(b"ty\x1b[A\r\x1b[J")
    shell.prompt("> ")
    shell.run("two")
    (one, two) = shell.blocks
    assert shell.prompts() == {"one": "~", "two": "> two"}
    assert one.end_row_id == two.prompt_row_id


def test_what_the_shell_prints_before_a_prompt_belongs_to_no_command() -> None:
    shell = Shell()
    shell.prompt()
    shell.start("one")
    shell.feed(b"a\r\n")
    shell.end()
    shell.feed(mark("P") + b"[1]+ Done sleep\r\n")
    shell.prompt()
    shell.run("two")
    assert [shell.text_of(block) for block in shell.blocks] == [
        ["a", "[1]+ Done sleep"],
        [],
    ]


def test_a_mark_of_the_command_s_own_output_is_no_prompt() -> None:
    shell = Shell()
    shell.prompt()
    shell.start("echo ${PS1@P}")
    shell.feed(b"a\r\n" + mark("A") + b"$ " + mark("B") + b"\r\nb\r\n")
    shell.end()
    shell.prompt()
    (block,) = shell.blocks
    assert shell.text_of(block) == ["a", "$", "b"]


def test_a_shell_without_an_end_mark_ends_commands_at_its_prompt() -> None:
    shell = Shell()
    shell.prompt()
    shell.start("one")
    shell.feed(b"a\r\n")
    shell.prompt()
    shell.run("two", b"b\r\n")
    one, two = shell.blocks
    assert (one.state, two.state) == (BlockState.UNKNOWN, BlockState.SUCCEEDED)
    assert [shell.text_of(block) for block in (one, two)] == [["a"], ["b"]]
    assert shell.prompts() == {"one": "$ one", "two": "$ two"}


def test_a_prompt_on_the_alternate_screen_is_not_marked() -> None:
    shell = Shell()
    shell.feed(b"\x1b[?1049h")
    shell.prompt()
    shell.run("one", b"a\r\n")
    assert list(shell.blocks) == []
    shell.feed(b"\x1b[?1049l")
    assert shell.prompts() == {}


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks_module, "BLOCK_LIMIT", 3)
    shell = Shell()
    shell.prompt()
    for number in range(5):
        shell.run(f"c{number}")
    assert [block.command_line for block in shell.blocks] == ["c2", "c3", "c4"]
    assert len(shell.blocks) == 3


def test_rows_that_left_the_scrollback_take_their_commands_along() -> None:
    shell = Shell(scrollback_rows=20)
    shell.prompt()
    for number in range(30):
        shell.run(f"c{number}", b"a\r\n")
    prompts = shell.prompts()
    assert all(text == f"$ {command}" for command, text in prompts.items())
    assert 10 < len(prompts) <= len(shell.blocks) <= len(prompts) + 1 < 16


# Any commands, any outputs, any resizes.

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
Operation = tuple[str, int, int]
outputs = st.tuples(st.just("run"), st.integers(0, 12), st.integers(0, 70))
resizes = st.tuples(st.just("resize"), st.integers(8, 60), st.integers(1, 20))
operations = st.lists(
    st.one_of(
        outputs,
        outputs,
        resizes,
        st.tuples(st.just("resize in vim"), st.integers(8, 60), st.integers(2, 20)),
        st.tuples(
            st.sampled_from(
                [
                    "no line end",
                    "bulk",
                    "redraw",
                    "clear screen",
                    "clear",
                    "clear all",
                    "reset",
                    "two lines",
                ]
            ),
            st.integers(0, 12),
            st.integers(1, 70),
        ),
    ),
    max_size=25,
)


def alive(kind: type) -> int:
    gc.collect()
    return sum(type(each) is kind for each in gc.get_objects())


def test_commands_keep_no_row_alive_that_has_scrolled_away() -> None:
    shell = Shell(rows=8, scrollback_rows=2_000)
    rows = alive(Row)
    shell.prompt()
    for _ in range(500):
        shell.run("make", b"one\r\ntwo\r\n")
    assert alive(Row) - rows < 50
    assert len(shell.blocks) == 500


def test_commands_whose_rows_are_gone_take_no_memory_though_nobody_asks() -> None:
    anchors = alive(Anchor)
    shell = Shell(rows=8, scrollback_rows=100)
    shell.prompt()
    for _ in range(1_000):
        shell.run("make", b"one\r\ntwo\r\n")
    assert alive(Anchor) - anchors < 600


def test_a_resize_brings_rows_back_and_they_go_again() -> None:
    shell = Shell(rows=8, scrollback_rows=2_000)
    rows = alive(Row)
    shell.prompt()
    for number in range(500):
        shell.run("make", b"one\r\ntwo\r\n")
        if number % 100 == 0:
            shell.resize(40, 30)
            shell.resize(30 + number % 7, 8)
    # After a resize a page of the scrollback is unpacked.
    assert alive(Row) - rows < PAGE_ROWS + 100


class Model:
    """Runs operations; each command prints nothing but its own letter."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.number = 0
        self.prompt = "$ "
        shell.prompt()

    def obey(self, operation: Operation) -> None:
        kind, first, second = operation
        shell = self.shell
        letter = LETTERS[self.number % len(LETTERS)]
        lines = (letter * second + "\r\n").encode() * first
        match kind:
            case "run":
                self.run(letter, lines)
            case "no line end":
                self.run(letter, lines + letter.encode() * second)
            case "bulk":
                self.run(letter, (letter * second + "\r\n").encode() * (6000 // second))
            case "resize":
                shell.resize(first, second)
            case "resize in vim":
                shell.start(letter)
                self.number += 1
                shell.feed(b"\x1b[?1049h\x1b[Hvim\r\nvim")
                shell.resize(first, second)
                shell.feed(b"\x1b[?1049l")
                shell.end()
                shell.prompt(self.prompt)
            case "redraw":
                shell.feed(b"x" * (second % 4) + b"\r\x1b[K")
                shell.prompt("$ ")
            case "clear screen":
                shell.feed(CLEAR)
                shell.prompt(self.prompt)
            case "clear":
                self.run(letter, CLEAR)
            case "clear all":
                self.run(letter, CLEAR_ALL + lines)
            case "reset":
                self.run(letter, lines + RESET)
            case _:
                self.prompt = "~\n$ " if self.prompt == "$ " else "$ "

    def run(self, letter: str, output: bytes) -> None:
        self.number += 1
        self.shell.start(letter)
        self.shell.feed(output)
        self.shell.end()
        self.shell.prompt(self.prompt)

    def check(self) -> None:
        shell = self.shell
        for row_id, text in shell.rows:
            letters = set(text.strip())
            if len(letters) == 1 and letters <= set(LETTERS):
                block = shell.blocks.at(row_id)
                assert block is not None, (text, shell.rows)
                assert {block.command_line} == letters
        for command, text in shell.prompts().items():
            assert text.endswith((f"$ {command}", "~")), (command, text)
        for block in shell.blocks:
            end = block.end_row_id or max(row_id for row_id, _ in shell.rows)
            printed = {
                text.strip()
                for row_id, text in shell.rows
                if block.output_row_id <= row_id < end
            }
            assert {*"".join(printed)} <= {block.command_line}


@settings(max_examples=200)
@given(operations)
def test_every_row_belongs_to_who_printed_it(script: list[Operation]) -> None:
    model = Model(Shell())
    for operation in script:
        model.obey(operation)
        if operation[0].startswith("resize"):
            model.check()
    model.check()
