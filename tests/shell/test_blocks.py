"""Where commands stand, against the words that each of them printed."""

from terminal_ai.records import CommandRecord, RunningCommand
from terminal_ai.shell.blocks import Block, Blocks, BlockState
from terminal_ai.shell.marks import MarkVerifier
from terminal_ai.shell.tracker import CommandTracker
from terminal_ai.terminal.events import PromptMark
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
        return [text for _, text in self.rows[start:end]]

    def prompts(self) -> dict[str, str]:
        """What the row of each marked prompt shows, by command line."""
        shown = dict(self.rows)
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
